import { Button, Drawer } from "@mantine/core";
import { useDisclosure, useDocumentTitle, useMediaQuery } from "@mantine/hooks";
import { IconStar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { Door } from "#core/messages/portal-api.ts";
import { doorsQuery } from "../api/queries.ts";
import { useKeys } from "../calls/keys.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { useLive, useNow } from "../live/hooks.ts";
import { isOnline } from "../live/state.ts";
import { usePageHasKeys } from "../shell/letters.ts";
import { useMe } from "../shell/me.ts";
import { DoorsHeader } from "./DoorsHeader.tsx";
import styles from "./DoorsPage.module.css";
import { DoorsSkeleton } from "./DoorsSkeleton.tsx";
import { DoorTile } from "./DoorTile.tsx";
import { doorView, inOrder, pace } from "./door-view.ts";
import { FirstRun } from "./FirstRun.tsx";
import { useFavourites } from "./favourites.ts";
import { QueueRail } from "./QueueRail.tsx";

/** Every door with its state, and beside it who waits and whom to call back. */
export function DoorsPage() {
  const { t } = useTranslation("doors");
  useDocumentTitle(`${t("title")} · Symphony Cloud`);
  const doors = useQuery(doorsQuery);
  if (doors.isPending) return <DoorsSkeleton />;
  if (doors.isError && !doors.data) {
    return (
      <div className={styles.middle}>
        <ErrorState title={t("failed")} error={doors.error} again={() => void doors.refetch()} />
      </div>
    );
  }
  const virtual = doors.data.find((door) => door.virtual);
  if (doors.data.every((door) => door.virtual)) return <FirstRun station={virtual} />;
  return <Doors doors={doors.data} />;
}

function Doors({ doors }: { doors: Door[] }) {
  const { t } = useTranslation("doors");
  const { role } = useMe();
  const live = useLive();
  const favourites = useFavourites();
  const { site, show } = useSearch({ from: "/signed-in/" });
  const navigate = useNavigate();
  const wide = useMediaQuery("(min-width: 1200px)", true, { getInitialValueInEffect: false });
  const [queue, openQueue] = useDisclosure(false);
  const hasKeys = usePageHasKeys();
  useKeys(hasKeys && !wide, (key) => {
    if (key !== "q") return false;
    openQueue.toggle();
    return true;
  });

  const now = useNow(60_000);
  const everyTile = doors.map((door) => ({ door, view: doorView(door, live, now) }));
  const quick = Math.min(...everyTile.map((tile) => pace(tile.view)));
  const fresh = useNow(quick);
  const shown = everyTile
    .map((tile) => (pace(tile.view) < 60_000 ? { ...tile, view: doorView(tile.door, live, fresh) } : tile))
    .filter(
      ({ door, view }) =>
        (view.kind === "ringing" && view.ring) ||
        (show === "favourites" ? favourites.has(door.deviceId) : !site || door.site === site),
    );
  const tiles = inOrder(shown);
  const front = tiles.find((tile) => tile.view.kind === "ringing" && tile.view.ring)?.door.deviceId;
  const online = doors.filter((door) => isOnline(live, door)).length;
  const sites = [...new Set(doors.map((door) => door.site))];
  const mayCall = (door: Door) => may(role, "place-call") && door.mayAnswer;

  return (
    <div className={styles.page}>
      <DoorsHeader
        online={online}
        offline={doors.length - online}
        total={doors.length}
        sites={sites}
        callable={doors.filter(mayCall)}
        hasFavourites={favourites.size > 0}
        openQueue={wide ? undefined : openQueue.open}
      />
      <div className={styles.content}>
        <Scrolling className={styles.scroll} aria-label={t("title")}>
          {tiles.length === 0 ? (
            <EmptyState
              icon={<IconStar size={20} stroke={1.75} />}
              title={t("noFavourite")}
              text={t("noFavouriteText")}
              next={
                <Button variant="default" onClick={() => void navigate({ to: "/", search: {} })}>
                  {t("showAll")}
                </Button>
              }
            />
          ) : (
            <div className={styles.grid}>
              {tiles.map(({ door, view }) => (
                <DoorTile
                  key={door.deviceId}
                  door={door}
                  view={view}
                  favourite={favourites.has(door.deviceId)}
                  keyboard={front === door.deviceId}
                  mayCall={mayCall(door)}
                />
              ))}
            </div>
          )}
        </Scrolling>
        {wide && (
          <Scrolling as="aside" className={styles.rail} aria-label={t("queue.title")}>
            <QueueRail doors={doors} />
          </Scrolling>
        )}
      </div>
      {!wide && (
        <Drawer.Root opened={queue} onClose={openQueue.close} position="right" size={340}>
          <Drawer.Overlay />
          <Drawer.Content aria-label={t("queue.title")}>
            <QueueRail doors={doors} onClose={openQueue.close} />
          </Drawer.Content>
        </Drawer.Root>
      )}
    </div>
  );
}
