import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may, reachesEverywhere } from "#core/access/permissions.ts";
import type { Person, Share } from "#core/messages/people.ts";
import { teamsQuery } from "../api/team-queries.ts";
import { useMe } from "../shell/me.ts";
import { Part } from "./Part.tsx";
import styles from "./Person.module.css";
import { givenTo } from "./people-list.ts";
import { ShareDialog } from "./ShareDialog.tsx";
import { ShareLine } from "./ShareLine.tsx";

/** Where somebody gets to: by their role, and by what is shared with them. */
export function PersonAccess({ person }: { person: Person }) {
  const { t } = useTranslation("people");
  const roles = useTranslation("roles").t;
  const { role } = person;
  const given = givenTo(person, useQuery(teamsQuery).data ?? []);
  const everywhere = reachesEverywhere(role);
  const mayShare = may(useMe().role, "share-access");
  const [edited, setEdited] = useState<{ share?: Share }>();
  return (
    <Part
      title={t("access.title")}
      add={mayShare && !everywhere ? { words: t("access.give"), open: () => setEdited({}) } : undefined}
    >
      {everywhere && <p className={styles.note}>{t("access.everywhere", { role: roles(`name.${role}`) })}</p>}
      {everywhere && given.length > 0 && <p className={styles.note}>{t("access.dormant")}</p>}
      {!everywhere && given.length === 0 && <p className={styles.note}>{t("access.none")}</p>}
      <ul className={styles.shares}>
        {given.map((share) => (
          <ShareLine
            key={share.shareId}
            receiver={person}
            share={share}
            shown="place"
            change={mayShare && !share.team ? () => setEdited({ share }) : undefined}
          />
        ))}
      </ul>
      {edited && <ShareDialog receiver={person} share={edited.share} close={() => setEdited(undefined)} />}
    </Part>
  );
}
