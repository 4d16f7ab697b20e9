import { Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SiteChange, SiteRow } from "#core/messages/device-api.ts";
import { countries, zoneOf, zonesOf } from "#core/schedule/place.ts";
import { changeSite, makeSite } from "../api/device-queries.ts";
import { EditDialog } from "./EditDialog.tsx";

/** The time zone goes by the address. */
const follows = "follows";

interface SiteProps {
  /** Absent: it is new. */
  before?: SiteRow | undefined;
  close: () => void;
  saved?: (site: SiteRow) => void;
}

/** A site, being made or changed: what it is called, where it stands, and what time it keeps. */
export function SiteDialog({ before, close, saved }: SiteProps) {
  const { t, i18n } = useTranslation("devices");
  const queries = useQueryClient();
  const [now] = useState(() => Date.now());
  const [site, setSite] = useState<SiteChange>({
    name: before?.name ?? "",
    address: before?.address,
    country: before?.country,
  });
  const [named, setNamed] = useState(before && before.timeZone !== zoneOf(before, now) ? before.timeZone : undefined);
  const set = (part: Partial<SiteChange>) => setSite({ ...site, ...part });
  const { country } = site;
  const byPlace = zoneOf(site, now);
  const zones = country === undefined ? [] : zonesOf(country);
  const lands = useMemo(() => {
    const names = new Intl.DisplayNames(i18n.language, { type: "region" });
    const { compare } = new Intl.Collator(i18n.language);
    return countries()
      .map((value) => ({ value, label: names.of(value) ?? value }))
      .sort((one, other) => compare(one.label, other.label));
  }, [i18n.language]);
  const { mutateAsync } = useMutation({
    mutationFn: () => {
      const body = { ...site, address: site.address?.trim() || undefined, timeZone: named ?? byPlace };
      return before ? changeSite(before.siteId, body) : makeSite(body);
    },
    onSuccess: (row) => {
      saved?.(row);
      for (const name of ["sites", "devices", "device", "firmware"])
        void queries.invalidateQueries({ queryKey: [name] });
      notifications.show({ message: t("one.site.saved") });
    },
    onError: (error) => notifications.show({ color: "stop", message: t("one.notSaved", { why: error.message }) }),
  });
  return (
    <EditDialog
      title={before ? t("one.site.edit", { name: before.name }) : t("one.site.new")}
      close={close}
      save={mutateAsync}
    >
      <TextInput
        label={t("one.name")}
        required
        maxLength={200}
        data-autofocus
        value={site.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        label={t("one.site.address")}
        autoComplete="street-address"
        maxLength={300}
        value={site.address ?? ""}
        onChange={(event) => set({ address: event.currentTarget.value })}
      />
      <Select
        label={t("one.site.country")}
        searchable
        clearable
        value={country ?? null}
        onChange={(value) => set({ country: value ?? undefined })}
        data={lands}
      />
      <Select
        label={t("one.site.timeZone")}
        description={t(zones.length > 0 && byPlace === undefined ? "one.site.several" : "one.site.timeZoneHelp")}
        searchable
        required
        allowDeselect={false}
        value={named ?? (byPlace === undefined ? null : follows)}
        onChange={(value) => value && setNamed(value === follows ? undefined : value)}
        data={[
          ...(byPlace === undefined ? [] : [{ value: follows, label: t("one.site.follows", { zone: byPlace }) }]),
          ...(zones.length > 1 ? [{ group: t("one.site.there"), items: zones }] : []),
          {
            group: t("one.site.elsewhere"),
            items: ["UTC", ...Intl.supportedValuesOf("timeZone")].filter(
              (zone) => zones.length === 1 || !zones.includes(zone),
            ),
          },
        ]}
      />
    </EditDialog>
  );
}
