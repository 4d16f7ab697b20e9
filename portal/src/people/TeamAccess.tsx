import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { Share, Team } from "#core/messages/people.ts";
import { useMe } from "../shell/me.ts";
import { Part } from "./Part.tsx";
import styles from "./Person.module.css";
import { ShareDialog } from "./ShareDialog.tsx";
import { ShareLine } from "./ShareLine.tsx";

/** What is shared with a team. */
export function TeamAccess({ team }: { team: Team }) {
  const { t } = useTranslation("teams");
  const people = useTranslation("people").t;
  const mayShare = may(useMe().role, "share-access");
  const [edited, setEdited] = useState<{ share?: Share }>();
  return (
    <Part title={t("access")} add={mayShare ? { words: people("access.give"), open: () => setEdited({}) } : undefined}>
      {team.shares.length === 0 && <p className={styles.note}>{t("noAccess")}</p>}
      <ul className={styles.shares}>
        {team.shares.map((share) => (
          <ShareLine
            key={share.shareId}
            receiver={team}
            share={share}
            shown="place"
            change={mayShare ? () => setEdited({ share }) : undefined}
          />
        ))}
      </ul>
      {edited && <ShareDialog receiver={team} share={edited.share} close={() => setEdited(undefined)} />}
    </Part>
  );
}
