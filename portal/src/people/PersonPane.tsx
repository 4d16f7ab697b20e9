import { Button } from "@mantine/core";
import { IconUserOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { PeopleList, Person } from "#core/messages/people.ts";
import { peopleQuery } from "../api/people-queries.ts";
import { ClosePane } from "../design/ClosePane.tsx";
import { EmptyState } from "../design/EmptyState.tsx";
import { Initials } from "../design/Initials.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import { HandOnDialog } from "./HandOnDialog.tsx";
import { Here } from "./PeopleTable.tsx";
import styles from "./Person.module.css";
import { PersonAccess } from "./PersonAccess.tsx";
import { PersonRole } from "./PersonRole.tsx";
import { RemoveDialog } from "./RemoveDialog.tsx";

/** The person in the address: what they are, where they get to, and letting them go. */
export function PersonPane() {
  const { t } = useTranslation("people");
  const { userId } = useParams({ from: "/signed-in/people/$userId" });
  const list = useQuery(peopleQuery).data;
  const person = list?.people.find((one) => one.userId === userId);
  const navigate = useNavigate();
  const close = <ClosePane label={t("one.close")} close={() => void navigate({ to: "/people", search: true })} />;
  // While the list loads, or where it failed to, the list itself says so.
  if (!list) return null;
  if (person) return <Pane key={userId} person={person} list={list} close={close} />;
  return (
    <Scrolling as="aside" className={styles.pane} aria-label={t("one.gone")}>
      <div className={styles.alone}>{close}</div>
      <EmptyState icon={<IconUserOff size={20} stroke={1.75} />} title={t("one.gone")} text={t("one.goneText")} />
    </Scrolling>
  );
}

function Pane({ person, list, close }: { person: Person; list: PeopleList; close: ReactNode }) {
  const { t } = useTranslation(["people", "ownership"]);
  const format = useFormat();
  const { user, role } = useMe();
  const [removing, setRemoving] = useState(false);
  const [handing, setHanding] = useState(false);
  const own = person.userId === user.id;
  const heirs = own && may(role, "transfer-organisation") ? list.people.filter((one) => one.role !== "owner") : [];
  return (
    <Scrolling as="aside" className={styles.pane} aria-label={person.name}>
      <header className={styles.head}>
        <Initials name={person.name} size={40} />
        <div className={styles.titles}>
          <h2 title={person.name}>{person.name}</h2>
          <span title={person.email}>{person.email}</span>
        </div>
        {close}
      </header>
      <dl className={styles.facts}>
        <div>
          <dt>{t("column.since")}</dt>
          <dd>{format.longDate(person.since)}</dd>
        </div>
        <div>
          <dt>{t("column.here")}</dt>
          <dd>
            <Here person={person} />
          </dd>
        </div>
      </dl>
      <PersonRole key={person.role} person={person} mayGive={list.mayGive} own={own} />
      <PersonAccess person={person} />
      {person.mayChange && (
        <footer className={styles.foot}>
          <Button variant="default" color="stop" c="var(--stop-t)" onClick={() => setRemoving(true)}>
            {t("remove.open")}
          </Button>
        </footer>
      )}
      {heirs.length > 0 && (
        <footer className={styles.foot}>
          <Button variant="default" onClick={() => setHanding(true)}>
            {t("ownership:open")}
          </Button>
        </footer>
      )}
      {handing && <HandOnDialog people={heirs} close={() => setHanding(false)} />}
      {removing && <RemoveDialog person={person} close={() => setRemoving(false)} />}
    </Scrolling>
  );
}
