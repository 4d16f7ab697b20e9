import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Person } from "#core/messages/people.ts";
import { Initials } from "../design/Initials.tsx";
import { StatusDot } from "../design/StatusDot.tsx";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import styles from "./People.module.css";
import { useReachLine } from "./use-reach-line.ts";

/** A row a person: what they are, where they get to, since when they belong, and whether they are here. */
export function PeopleTable({ people, selected }: { people: readonly Person[]; selected: string | undefined }) {
  const { t } = useTranslation("people");
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t("column.name")}</th>
          <th scope="col">{t("column.role")}</th>
          <th scope="col">{t("column.reach")}</th>
          <th scope="col">{t("column.since")}</th>
          <th scope="col">{t("column.here")}</th>
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <Row key={person.userId} person={person} selected={person.userId === selected} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ person, selected }: { person: Person; selected: boolean }) {
  const { t } = useTranslation("people");
  const roles = useTranslation("roles").t;
  const format = useFormat();
  const reachLine = useReachLine();
  const { userId, name, email } = person;
  const reach = reachLine(person);
  const own = userId === useMe().user.id;
  return (
    <tr data-selected={selected || undefined} data-row={userId}>
      <th scope="row" className={styles.first}>
        <div className={styles.person}>
          <Initials name={name} size={32} />
          <span className={styles.words}>
            <Link to="/people/$userId" params={{ userId }} search={true} className={styles.link} title={name}>
              {own ? t("you", { name }) : name}
            </Link>
            <span title={email}>{email}</span>
          </span>
        </div>
      </th>
      <td className={styles.roleCell}>{roles(`name.${person.role}`)}</td>
      <td className={styles.reach} data-nowhere={reach.nowhere || undefined} title={reach.words}>
        {reach.words}
        {person.unrung && !reach.nowhere && <span>{t("unrung")}</span>}
      </td>
      <td className={styles.since}>{format.longDate(person.since)}</td>
      <td className={styles.here}>
        <Here person={person} />
      </td>
    </tr>
  );
}

/** Whether somebody has the portal open, and if not, when they last signed in. */
export function Here({ person: { here, signedInAt } }: { person: Person }) {
  const { t } = useTranslation("people");
  const format = useFormat();
  const away = signedInAt === undefined ? t("here.no") : t("here.signedIn", { date: format.date(signedInAt) });
  const words = here ? t("here.yes") : away;
  return (
    <span className={styles.dot}>
      <StatusDot status={here ? "online" : "offline"} label={words} />
      <span aria-hidden>{words}</span>
    </span>
  );
}
