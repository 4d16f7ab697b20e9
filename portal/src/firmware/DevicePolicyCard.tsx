import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { updatePolicy } from "#core/firmware/policy.ts";
import { changeDevicePolicy, deviceFirmwareQuery } from "../api/firmware-queries.ts";
import { Card } from "../devices/Card.tsx";
import { useMe } from "../shell/me.ts";
import { useFirmwareChange } from "./use-firmware-change.ts";

const inherited = "inherited";

/** Which releases one device takes by itself. Nothing, where it has no firmware of ours. */
export function DevicePolicyCard({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation("firmware");
  const firmware = useQuery(deviceFirmwareQuery(deviceId)).data;
  const mayChange = may(useMe().role, "manage-firmware");
  const { mutate, isPending } = useFirmwareChange((policy: string | null) =>
    changeDevicePolicy(deviceId, { policy: updatePolicy.safeParse(policy).data }),
  );
  if (!firmware) return null;
  const { policy = inherited, otherwise } = firmware;
  return (
    <Card title={t("policy.device")}>
      <Select
        label={t("policy.takes")}
        allowDeselect={false}
        readOnly={!mayChange}
        disabled={isPending}
        value={policy}
        onChange={(value) => value !== policy && mutate(value)}
        data={[
          { value: inherited, label: t("policy.inheritedSite", { policy: t(`policy.${otherwise}`) }) },
          ...updatePolicy.options.map((value) => ({ value, label: t(`policy.${value}`) })),
        ]}
      />
    </Card>
  );
}
