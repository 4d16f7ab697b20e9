import type { roles as english } from "./roles.en.ts";

/** What people are in an organisation, and what each may do there. */
export const roles: typeof english = {
  name: {
    owner: "Inhaber",
    administrator: "Verwalter",
    operator: "Pförtner",
    installer: "Errichter",
    resident: "Bewohner",
    viewer: "Betrachter",
  },
  may: {
    owner: "Leitet alles und kann die Organisation weitergeben.",
    administrator: "Leitet alle Türen, Geräte und Personen.",
    operator: "Beantwortet und öffnet freigegebene Türen.",
    installer: "Richtet alle Geräte ein. Wird nicht angeklingelt.",
    resident: "Beantwortet und öffnet eigene Türen.",
    viewer: "Sieht freigegebene Türen und ihre Anrufe.",
  },
};
