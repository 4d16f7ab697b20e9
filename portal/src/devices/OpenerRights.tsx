import { MultiSelect, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { OpenedBy } from "#core/access/door-openers.ts";
import { may } from "#core/access/permissions.ts";
import { role } from "#core/messages/portal-api.ts";
import { peopleQuery } from "../api/people-queries.ts";
import { useFormat } from "../i18n/format.ts";

/** Who could open, if they get to the door. */
const opening = role.options.filter((one) => may(one, "open-door"));

/** Who may open by an opener, in words. */
export function useRightsWords(): (openedBy: OpenedBy) => string {
  const { t } = useTranslation("devices");
  const format = useFormat();
  return (openedBy) => {
    if (openedBy === "everybody") return t("one.openers.everybody");
    const names = [
      ...openedBy.roles.map((one) => t(`one.openers.roles.${one}`)),
      ...openedBy.people.map((one) => one.name),
    ];
    return names.length === 0 ? t("one.openers.nobody") : t("one.openers.only", { names: format.list(names) });
  };
}

/** Who may open by an opener: everybody who gets to the door, or those of them who are named. */
export function OpenerRights({ value, set }: { value: OpenedBy; set: (value: OpenedBy) => void }) {
  const { t } = useTranslation("devices");
  const people = useQuery(peopleQuery).data?.people ?? [];
  const some = value !== "everybody";
  const named = some ? value : { roles: [], people: [] };
  const known = new Map([...people, ...named.people].map(({ userId, name }) => [userId as string, { userId, name }]));
  return (
    <>
      <Select
        label={t("one.openers.who")}
        description={t("one.openers.whoHelp")}
        allowDeselect={false}
        value={some ? "some" : "everybody"}
        onChange={(next) => set(next === "some" ? { roles: ["owner", "administrator"], people: [] } : "everybody")}
        data={[
          { value: "everybody", label: t("one.openers.everybody") },
          { value: "some", label: t("one.openers.some") },
        ]}
      />
      {some && (
        <MultiSelect
          label={t("one.openers.named")}
          required
          searchable
          value={[...named.roles, ...named.people.map(({ userId }) => userId)]}
          onChange={(next) =>
            set({
              roles: role.options.filter((one) => next.includes(one)),
              people: next.flatMap((id) => known.get(id) ?? []),
            })
          }
          data={[
            {
              group: t("one.openers.byRole"),
              items: opening.map((one) => ({ value: one, label: t(`one.openers.roles.${one}`) })),
            },
            {
              group: t("one.openers.byPerson"),
              items: [...known.values()].map(({ userId, name }) => ({ value: userId, label: name })),
            },
          ]}
        />
      )}
    </>
  );
}
