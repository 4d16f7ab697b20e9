import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Person } from "#core/messages/people.ts";
import { teamsQuery } from "../api/team-queries.ts";
import { useFormat } from "../i18n/format.ts";
import { reachOf } from "./people-list.ts";

/** Where somebody gets to, in a line. */
export function useReachLine(): (person: Person) => { words: string; nowhere: boolean } {
  const { t } = useTranslation("people");
  const format = useFormat();
  const teams = useQuery(teamsQuery).data ?? [];
  return (person) => {
    const reach = reachOf(person, teams);
    if (reach === "everywhere") return { words: t("reach.everywhere"), nowhere: false };
    if (reach === "nowhere") return { words: t("reach.nowhere"), nowhere: true };
    const { places, more } = reach;
    return { words: format.list(more > 0 ? [...places, t("reach.more", { count: more })] : places), nowhere: false };
  };
}
