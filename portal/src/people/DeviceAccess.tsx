import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may, reachesEverywhere } from "#core/access/permissions.ts";
import type { DeviceRow } from "#core/messages/device-api.ts";
import type { Person, Share } from "#core/messages/people.ts";
import { peopleQuery } from "../api/people-queries.ts";
import { teamsQuery } from "../api/team-queries.ts";
import { ErrorState } from "../design/ErrorState.tsx";
import { Initials } from "../design/Initials.tsx";
import { Card } from "../devices/Card.tsx";
import { useMe } from "../shell/me.ts";
import styles from "./Person.module.css";
import { givenTo } from "./people-list.ts";
import { ShareDialog } from "./ShareDialog.tsx";
import { ShareLine } from "./ShareLine.tsx";

/** Who gets to a device: those it is shared with, and those whose role reaches every one. */
export function DeviceAccess({ device }: { device: Pick<DeviceRow, "deviceId" | "name" | "site"> }) {
  const { t } = useTranslation("people");
  const roles = useTranslation("roles").t;
  const list = useQuery(peopleQuery);
  const teams = useQuery(teamsQuery).data ?? [];
  const mayShare = may(useMe().role, "share-access");
  const [edited, setEdited] = useState<{ receiver?: Person; share?: Share }>();
  if (list.isError && !list.data)
    return <ErrorState title={t("failed")} error={list.error} again={() => void list.refetch()} />;
  if (!list.data) return null;
  const isHere = (share: Share) => share.deviceId === device.deviceId || share.siteId === device.site.siteId;
  const shared = list.data.people
    .filter(({ role }) => !reachesEverywhere(role))
    .flatMap((person) =>
      givenTo(person, teams)
        .filter(isHere)
        .map((share) => ({ person, share })),
    );
  return (
    <>
      <Card
        title={t("access.shared")}
        add={mayShare ? { words: t("access.give"), open: () => setEdited({}) } : undefined}
      >
        {shared.length === 0 && <p className={styles.note}>{t("access.withNobody")}</p>}
        <ul className={styles.shares}>
          {shared.map(({ person, share }) => (
            <ShareLine
              key={`${share.shareId} ${person.userId}`}
              receiver={person}
              share={share}
              shown="person"
              change={mayShare && !share.team ? () => setEdited({ receiver: person, share }) : undefined}
            />
          ))}
        </ul>
      </Card>
      <Card title={t("access.byRole")}>
        <ul className={styles.shares}>
          {list.data.people
            .filter(({ role }) => reachesEverywhere(role))
            .map(({ userId, name, role }) => (
              <li key={userId}>
                <Initials name={name} size={30} />
                <span className={styles.words}>
                  <Link to="/people/$userId" params={{ userId }}>
                    {name}
                  </Link>
                  <span>{roles(`name.${role}`)}</span>
                </span>
              </li>
            ))}
        </ul>
      </Card>
      {edited && <ShareDialog place={device} {...edited} close={() => setEdited(undefined)} />}
    </>
  );
}
