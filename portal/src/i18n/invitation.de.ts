import type { invitation as english } from "./invitation.en.ts";

/** Coming into an organisation by a mail's link. */
export const invitation: typeof english = {
  loading: "Ihre Einladung",
  title: "{{organisation}} beitreten",
  by: "{{name}} lädt Sie ein.",
  role: "Ihre Rolle",
  for: "Für",
  until: "Gilt bis",
  signedIn: "Angemeldet als {{name}}",
  accept: "Annehmen und eintreten",
  decline: "Ablehnen",
  signIn: "Anmelden",
  create: "Konto anlegen",
  how: "Melden Sie sich mit der Adresse oben an, oder legen Sie damit ein Konto an. Danach kommen Sie hierher zurück.",
  other: "Sie ging an {{email}}, und Sie sind als {{reader}} angemeldet. Nur jene Adresse kann sie annehmen.",
  useOther: "Abmelden und mit jener Adresse weiter",
  stay: "Angemeldet bleiben, zu Ihren Türen",
  declined: "Sie haben abgelehnt",
  declinedText: "{{name}} kann Sie noch einmal einladen.",
  doors: "Zu Ihren Türen",
  failed: "Die Einladung wurde nicht geladen",
  over: {
    accepted: {
      title: "Diese Einladung wurde angenommen",
      text: "Waren Sie das, gehören Sie schon dazu: Gehen Sie zu Ihren Türen.",
    },
    declined: {
      title: "Diese Einladung wurde abgelehnt",
      text: "Möchten Sie doch dazukommen, lassen Sie sich noch einmal einladen.",
    },
    withdrawn: {
      title: "Diese Einladung wurde zurückgenommen",
      text: "Möchten Sie noch dazukommen, lassen Sie sich noch einmal einladen.",
    },
    replaced: {
      title: "Es gibt eine neuere Einladung",
      text: "Eine neuere Mail hat diese ersetzt. Öffnen Sie den Link in der neuesten.",
    },
    expired: {
      title: "Diese Einladung ist zu alt",
      text: "Eine Einladung gilt eine Woche. Lassen Sie sich noch einmal einladen.",
    },
    unknown: {
      title: "Dieser Link führt zu keiner Einladung",
      text: "Er ist vielleicht abgeschnitten. Öffnen Sie ihn noch einmal aus der Mail, oder kopieren Sie ihn ganz. Hilft das nicht, lassen Sie sich noch einmal einladen.",
    },
  },
  nowhere: {
    title: "Sie gehören zu keiner Organisation",
    text: "Öffnen Sie den Link in der Mail, die Sie einlädt. Haben Sie keine, lassen Sie sich von der Hausverwaltung einladen, oder gründen Sie eine eigene Organisation.",
    again: "Ich gehöre jetzt dazu: nachsehen",
    name: "Ihre eigene Organisation",
    found: "Gründen",
    signOut: "Abmelden",
  },
};
