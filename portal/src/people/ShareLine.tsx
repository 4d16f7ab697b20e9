import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBuilding, IconDoor, IconPencil, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Person, shareBody } from "#core/messages/people.ts";
import { endShare, share as giveShare } from "../api/people-queries.ts";
import { Initials } from "../design/Initials.tsx";
import { useFormat } from "../i18n/format.ts";
import styles from "./Person.module.css";
import type { Given } from "./people-list.ts";
import { usePeopleChange } from "./use-people-change.ts";

interface LineProps {
  person: Person;
  share: Given;
  /** What the list this is in does not say already. */
  shown: "place" | "person";
  /** Changes when it ends. Absent: it is not for this person to share, or is shared with a team. */
  change: (() => void) | undefined;
}

const icon = { size: 16, stroke: 1.75, "aria-hidden": true };

/** Something that is shared with somebody, until when, and ending it. */
export function ShareLine({ person, share, shown, change }: LineProps) {
  const { t } = useTranslation("people");
  const format = useFormat();
  const end = useEnding(person, share);
  const { endsAt, siteId, name } = share;
  const until = endsAt === undefined ? t("access.noEnd") : t("access.until", { time: format.inZone(endsAt) });
  const about = { place: name, name: person.name };
  return (
    <li>
      {shown === "place" ? (
        <span className={styles.place} aria-hidden>
          {siteId ? <IconBuilding {...icon} /> : <IconDoor {...icon} />}
        </span>
      ) : (
        <Initials name={person.name} size={30} />
      )}
      <span className={styles.words}>
        {shown === "place" ? (
          <strong title={name}>{name}</strong>
        ) : (
          <Link to="/people/$userId" params={{ userId: person.userId }}>
            {person.name}
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
function useEnding(person: Person, { shareId, deviceId, siteId, endsAt, name }: Given) {
  const { t } = useTranslation("people");
  const about = { place: name, name: person.name };
  const back = usePeopleChange(
    () => giveShare(person.userId, shareBody.parse({ ...(deviceId ? { deviceId } : { siteId }), endsAt })),
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
