import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { reachesEverywhere } from "#core/access/permissions.ts";
import { type Person, type Share, shareBody, type Team } from "#core/messages/people.ts";
import { devicesQuery, sitesQuery } from "../api/device-queries.ts";
import { share as giveShare, peopleQuery } from "../api/people-queries.ts";
import { EditDialog } from "../devices/EditDialog.tsx";
import { aWeekFrom, fromField, toField } from "./end-field.ts";
import styles from "./Person.module.css";
import { usePeopleChange } from "./use-people-change.ts";

interface DialogProps {
  /** With whom. Absent: is chosen. */
  receiver?: Person | Team | undefined;
  /** What is shared. Absent: is chosen. */
  place?: { deviceId: string; name: string };
  /** What is shared already: only its end changes. */
  share?: Share | undefined;
  close: () => void;
}

/** Giving somebody, or a team, a door, or every door of a site, with an end if wished. */
export function ShareDialog({ receiver, place, share, close }: DialogProps) {
  const { t } = useTranslation("people");
  const [who, setWho] = useState<string | null>(null);
  const [where, setWhere] = useState(share ? asChoice(share) : place ? asChoice(place) : null);
  const [endsAt, setEndsAt] = useState(share?.endsAt);
  const people = useQuery({ ...peopleQuery, enabled: !receiver }).data?.people ?? [];
  const whom = receiver ?? people.find((one) => one.userId === who);
  const names = { name: whom?.name ?? "" };
  const { mutateAsync } = usePeopleChange(
    async () => whom && giveShare(whom, bodyOf(where ?? "", endsAt)),
    () => t("access.saved", names),
  );
  return (
    <EditDialog
      title={t(share ? "access.changeEnd" : place ? "access.giveTo" : "access.giveOne", {
        ...names,
        place: place?.name,
      })}
      close={close}
      save={() => mutateAsync(undefined)}
      submit={{ words: t(share ? "access.save" : "access.give"), disabled: !whom || !where }}
    >
      {!receiver && (
        <Select
          label={t("access.who")}
          placeholder={t("access.choose")}
          searchable
          data-autofocus
          value={who}
          onChange={setWho}
          data={people
            .filter((one) => !reachesEverywhere(one.role))
            .map(({ userId, name, email }) => ({ value: userId, label: t("access.person", { name, email }) }))}
        />
      )}
      {!place && !share && <PlaceSelect value={where} onChange={setWhere} />}
      <SegmentedControl
        aria-label={t("access.howLong")}
        fullWidth
        value={endsAt === undefined ? "open" : "until"}
        onChange={(value) => setEndsAt(value === "open" ? undefined : aWeekFrom(Date.now()))}
        data={[
          { value: "open", label: t("access.open") },
          { value: "until", label: t("access.untilDate") },
        ]}
      />
      {endsAt !== undefined && (
        <TextInput
          type="datetime-local"
          label={t("access.ends")}
          required
          withAsterisk={false}
          min={toField(Date.now())}
          value={toField(endsAt)}
          onChange={(event) => setEndsAt(fromField(event.currentTarget.value) ?? endsAt)}
        />
      )}
      <p className={styles.note}>{t("access.note")}</p>
    </EditDialog>
  );
}

function PlaceSelect({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  const { t } = useTranslation("people");
  const sites = useQuery(sitesQuery).data ?? [];
  const devices = useQuery(devicesQuery).data?.devices ?? [];
  return (
    <Select
      label={t("access.where")}
      placeholder={t("access.choose")}
      searchable
      data-autofocus
      value={value}
      onChange={onChange}
      data={[
        {
          group: t("access.sites"),
          items: sites.map((site) => ({ value: asChoice(site), label: t("access.wholeSite", { site: site.name }) })),
        },
        {
          group: t("access.doors"),
          items: devices.map((device) => ({
            value: asChoice(device),
            label: t("access.doorAt", { door: device.name, site: device.site.name }),
          })),
        },
      ]}
    />
  );
}

/** A place as it stands in the choice. */
const asChoice = (place: { deviceId?: string | undefined; siteId?: string | undefined }): string =>
  place.deviceId ? `door ${place.deviceId}` : `site ${place.siteId}`;

function bodyOf(place: string, endsAt: number | undefined) {
  const [kind, id] = place.split(" ");
  return shareBody.parse({ [kind === "door" ? "deviceId" : "siteId"]: id, endsAt });
}
