import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBuilding, IconDoor, IconPencil, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Person, shareBody, type Team } from "#core/messages/people.ts";
import { endShare, share as giveShare } from "../api/people-queries.ts";
import { Initials } from "../design/Initials.tsx";
import { useFormat } from "../i18n/format.ts";
import styles from "./Person.module.css";
import type { Given } from "./people-list.ts";
import { usePeopleChange } from "./use-people-change.ts";

/** With whom, and which of both the list this is in does not say already. */
type Shown = { receiver: Person | Team; shown: "place" } | { receiver: Person; shown: "person" };
type LineProps = Shown & {
  share: Given;
  /** Changes when it ends. Absent: it is not for this person to share, or is shared with a team. */
  change: (() => void) | undefined;
};

const icon = { size: 16, stroke: 1.75, "aria-hidden": true };

/** Something that is shared with somebody or a team, until when, and ending it. */
export function ShareLine({ receiver, share, shown, change }: LineProps) {
  const { t } = useTranslation("people");
  const format = useFormat();
  const end = useEnding(receiver, share);
  const { endsAt, siteId, name } = share;
  const until = endsAt === undefined ? t("access.noEnd") : t("access.until", { time: format.inZone(endsAt) });
  const about = { place: name, name: receiver.name };
  return (
    <li>
      {shown === "place" ? (
        <span className={styles.place} aria-hidden>
          {siteId ? <IconBuilding {...icon} /> : <IconDoor {...icon} />}
        </span>
      ) : (
        <Initials name={receiver.name} size={30} />
      )}
      <span className={styles.words}>
        {shown === "place" ? (
          <strong title={name}>{name}</strong>
        ) : (
          <Link to="/people/$userId" params={{ userId: receiver.userId }}>
            {receiver.name}
          </Link>
        )}
        <span>
          {shown === "person" && t(siteId ? "access.bySite" : "access.byDoor", { place: name })}
          {shown === "place" && t(siteId ? "access.site" : "access.door")}
          {" · "}
          {until}
          {share.team && ` · ${t("access.byTeam", { team: share.team })}`}
        </span>
      </span>
      {change && (
        <>
          <Tooltip label={t("access.changeEnd")}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={32}
              aria-label={t("access.changeOf", about)}
              onClick={change}
            >
              <IconPencil {...icon} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("access.end")}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={32}
              disabled={end.isPending}
              aria-label={t("access.endOf", about)}
              onClick={() => end.mutate(undefined)}
            >
              <IconX {...icon} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
    </li>
  );
}

/** Ends at once; for a while it can be given back as it was. */
function useEnding(receiver: Person | Team, { shareId, deviceId, siteId, endsAt, name }: Given) {
  const { t } = useTranslation("people");
  const about = { place: name, name: receiver.name };
  const back = usePeopleChange(
    () => giveShare(receiver, shareBody.parse({ ...(deviceId ? { deviceId } : { siteId }), endsAt })),
    () => t("access.given", about),
  );
  return usePeopleChange(
    async () => {
      await endShare(shareId);
      const id = notifications.show({
        autoClose: 8_000,
        message: (
          <span className={styles.undo}>
            {t("access.ended", about)}
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                notifications.hide(id);
                back.mutate(undefined);
              }}
            >
              {t("access.undo")}
            </Button>
          </span>
        ),
      });
    },
    () => undefined,
  );
}
