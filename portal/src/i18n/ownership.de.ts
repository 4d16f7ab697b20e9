import type { ownership as english } from "./ownership.en.ts";

export const ownership: typeof english = {
  open: "Die Organisation übergeben",
  title: "{{organisation}} übergeben",
  to: "An wen",
  choose: "Auswählen",
  taken: "Sobald das Angebot angenommen ist",
  owner: "Inhaber ist, wer hier gewählt ist",
  administrator: "Sie bleiben, als Verwalter: Inhaber ernennen und übergeben können Sie nicht mehr",
  invitations: "Ihre Einladungen, die jemanden zum Inhaber machen, werden zurückgezogen",
  until:
    "Bis dahin ändert sich nichts. Das Angebot gilt 7 Tage und lässt sich zurückziehen; ein früheres gilt nicht mehr.",
  offer: "Anbieten",
  offered: "{{name}} angeboten. Es steht dort auf der Seite Personen.",
  offers: "Übergabe der Organisation",
  made: "Sie bieten {{name}} die Organisation {{organisation}} an",
  madeLine: "Nach der Annahme sind Sie Verwalter. Gilt bis {{time}}.",
  withdraw: "Zurückziehen",
  withdrawn: "Das Angebot ist zurückgezogen.",
  received: "{{name}} übergibt Ihnen {{organisation}}",
  receivedLine: "Nehmen Sie an, sind Sie Inhaber; {{name}} bleibt als Verwalter. Gilt bis {{time}}.",
  refuse: "Ablehnen",
  refused: "Das Angebot ist abgelehnt.",
  take: "Annehmen",
  yours: "Sie sind jetzt Inhaber von {{organisation}}.",
};
