import type { transfer as english } from "./transfer.en.ts";

/** Handing a device on to another organisation, and taking one. */
export const transfer: typeof english = {
  loading: "Was angeboten wird",
  failed: "Das Angebot wurde nicht geladen",
  title: "{{device}} übernehmen",
  by: "{{name}} bietet es {{organisation}} an. Dort fängt es neu an, ohne seine früheren Einstellungen und Personen.",
  model: "Modell",
  serial: "Seriennummer",
  from: "Von",
  name: "Name",
  site: "Standort",
  take: "Übernehmen",
  refuse: "Ablehnen",
  unknownModel: "Die Cloud kennt das Modell {{model}} noch nicht, darum kann es nicht übernommen werden.",
  refused: "Sie haben abgelehnt",
  refusedText: "Das Gerät bleibt bei {{organisation}} und kann Ihnen noch einmal angeboten werden.",
  doors: "Zu Ihren Türen",
  useOther: "Mit jener Adresse anmelden",
  enter: { title: "Ein Gerät übernehmen", text: "Geben Sie den Code ein, den Sie vom Inhaber haben." },
  cutOff: {
    title: "Dieser Link ist nicht ganz",
    text: "Er ist vielleicht abgeschnitten. Öffnen Sie ihn noch einmal aus der Mail, oder geben Sie den Code an seinem Ende ein.",
  },
  code: "Code des Angebots",
  mistyped: "Das ist kein ganzer Code. Sehen Sie ihn noch einmal an.",
  look: "Nachsehen, was es ist",
  end: {
    "no-such-transfer": {
      title: "Dieses Angebot gilt nicht mehr",
      text: "Es wurde angenommen, abgelehnt oder zurückgezogen, oder es ist älter als eine Woche. Lassen Sie es sich noch einmal anbieten.",
    },
    "other-address": {
      title: "Dieses Angebot ist für jemand anderen",
      text: "Es ging an eine andere Adresse, und Sie sind als {{reader}} angemeldet. Nur jene Adresse kann es annehmen.",
    },
    "own-device": {
      title: "Dieses Gerät gehört Ihnen schon",
      text: "Es ist in {{organisation}}, wo Sie gerade sind. Soll es woandershin, wechseln Sie zuerst die Organisation.",
    },
    "not-allowed": {
      title: "Sie können kein Gerät übernehmen",
      text: "In {{organisation}} können das Inhaber und Verwalter. Geben Sie ihnen den Link, oder wechseln Sie zu einer Organisation, die Sie leiten.",
    },
    "too-many-codes": {
      title: "Zu viele Codes wurden probiert",
      text: "Warten Sie zehn Minuten, und öffnen Sie den Link dann noch einmal.",
    },
  },
  handOn: {
    words: "Weitergeben…",
    title: "{{name}} weitergeben?",
    one: "Es bleibt hier, bis eine andere Organisation es annimmt; das kann sie eine Woche lang. So lange können Sie das Angebot zurückziehen.",
    two: "Dann verlässt es diese Organisation, mit seinen Einstellungen und den Passwörtern seiner Kameras. Anrufe bleiben im Verlauf.",
    three: "Sein Zertifikat gilt nicht mehr, und was es offen hat, endet binnen einer Minute.",
    way: "Wie es angeboten wird",
    by: { mail: "Per Mail", code: "Mit einem Code" },
    email: "E-Mail-Adresse",
    emailHelp: "Nur wer sich damit anmeldet, kann das Gerät annehmen",
    codeHelp: "Sie bekommen einen Code. Wer ihn hat, kann das Gerät annehmen: Sagen Sie ihn sonst niemandem.",
    go: { mail: "Angebot senden", code: "Code zeigen" },
  },
  shown: {
    title: "{{name}} ist angeboten",
    text: "Wer eine Organisation leitet, übernimmt es mit diesem Code auf {{address}}, binnen einer Woche. Er wird nicht nochmals gezeigt.",
  },
  pending: {
    mail: "{{email}} angeboten",
    code: "Mit einem Code angeboten",
    until: "Von {{name}}, bis {{time}}",
    withdraw: "Zurückziehen",
  },
};
