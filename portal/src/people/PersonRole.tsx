import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Ability, roleChange } from "#core/access/role-change.ts";
import type { Person } from "#core/messages/people.ts";
import type { Role } from "#core/messages/portal-api.ts";
import { changeRole } from "../api/people-queries.ts";
import { teamsQuery } from "../api/team-queries.ts";
import styles from "./Person.module.css";
import { givenTo } from "./people-list.ts";
import { RoleSelect } from "./RoleSelect.tsx";
import { usePeopleChange } from "./use-people-change.ts";

interface RoleProps {
  person: Person;
  mayGive: readonly Role[];
  own: boolean;
}

/** What somebody is. Another role is chosen, then what it takes and brings is shown, and only then is it given. */
export function PersonRole({ person, mayGive, own }: RoleProps) {
  const { t } = useTranslation("people");
  const roles = useTranslation("roles").t;
  const heading = useId();
  const [chosen, setChosen] = useState(person.role);
  const given = givenTo(person, useQuery(teamsQuery).data ?? []);
  const { gains, loses } = roleChange(person.role, chosen);
  const { mutate, isPending } = usePeopleChange(
    () => changeRole(person.userId, chosen),
    () => t("one.roleChanged", { name: person.name, role: roles(`name.${chosen}`) }),
  );
  return (
    <section className={styles.part} aria-labelledby={heading}>
      <h3 id={heading}>{t("column.role")}</h3>
      {person.mayChange ? (
        <RoleSelect
          aria-label={t("one.role", { name: person.name })}
          givable={mayGive}
          value={chosen}
          onChange={setChosen}
        />
      ) : (
        <>
          <strong>{roles(`name.${person.role}`)}</strong>
          <p className={styles.note}>{roles(`may.${person.role}`)}</p>
          <p className={styles.note}>{t(own ? "one.ownRole" : "one.ownersRole")}</p>
        </>
      )}
      {chosen !== person.role && (
        <div className={styles.change}>
          <Abilities title={t("one.loses", { name: person.name })} list={loses} tone="stop" />
          <Abilities title={t("one.gains", { name: person.name })} list={gains} tone="talk" />
          {loses.includes("reach-every-door") && <p>{t("one.keepsShared", { count: given.length })}</p>}
          <p>{t("one.atOnce")}</p>
          <div className={styles.buttons}>
            <Button variant="default" onClick={() => setChosen(person.role)}>
              {t("one.cancel")}
            </Button>
            <Button loading={isPending} onClick={() => mutate(undefined)}>
              {t("one.change")}
            </Button>
          </div>
        </div>
      )}
    </section>
  );
}

/** What somebody can do, or can no longer do, a line each. Nothing where there is nothing to tell. */
function Abilities(props: { title: string; list: readonly Ability[]; tone: "stop" | "talk" }) {
  const { t } = useTranslation("people");
  if (props.list.length === 0) return null;
  return (
    <>
      <strong>{props.title}</strong>
      <ul className={styles.abilities} data-tone={props.tone}>
        {props.list.map((ability) => (
          <li key={ability}>{t(`ability.${ability}`)}</li>
        ))}
      </ul>
    </>
  );
}
