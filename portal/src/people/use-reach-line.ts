import { useTranslation } from "react-i18next";
import type { Person } from "#core/messages/people.ts";
import { reachOf } from "./people-list.ts";

/** Where somebody gets to, in a line. */
export function useReachLine(): (person: Person) => { words: string; nowhere: boolean } {
  const { t, i18n } = useTranslation("people");
  return (person) => {
    const reach = reachOf(person);
    if (reach === "everywhere") return { words: t("reach.everywhere"), nowhere: false };
    if (reach === "nowhere") return { words: t("reach.nowhere"), nowhere: true };
    const { places, more } = reach;
    const all = more > 0 ? [...places, t("reach.more", { count: more })] : places;
    return { words: new Intl.ListFormat(i18n.language, { type: "unit", style: "short" }).format(all), nowhere: false };
  };
}
