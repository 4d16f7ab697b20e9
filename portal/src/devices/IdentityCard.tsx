import { Button } from "@mantine/core";
import { IconCertificate } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import { Chip } from "../design/Chip.tsx";
import { useFormat } from "../i18n/format.ts";
import { Card } from "./Card.tsx";
import styles from "./Device.module.css";
import { HandOn } from "./HandOn.tsx";
import { TakeAway } from "./TakeAway.tsx";
import { UpdateNow } from "./UpdateNow.tsx";
import { isUnderWay } from "./update.ts";
import { useCommand } from "./use-command.ts";

interface IdentityCardProps {
  device: DeviceDetail;
  mayAsk: boolean;
  mayTakeAway: boolean;
  mayHandOn: boolean;
}

/** Who the device is, by what certificate, and since when it is ours. */
export function IdentityCard({ device, mayAsk, mayTakeAway, mayHandOn }: IdentityCardProps) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const { certificate, serial, address, claimed, firmware, needs } = device;
  const ends = needs.includes("certificate-ends");
  const icon = <IconCertificate size={14} stroke={1.75} aria-hidden />;
  const chip = !certificate ? (
    <Chip>{t("one.identity.none")}</Chip>
  ) : (
    <Chip tone={ends ? "ring" : "talk"} icon={icon}>
      {t(ends ? "one.identity.ends" : "one.identity.valid")}
    </Chip>
  );
  return (
    <Card title={t("one.identity.title")} beside={<span className={styles.chip}>{chip}</span>}>
      <dl className={styles.facts}>
        {serial && (
          <Fact name={t("one.identity.serial")} code>
            {serial}
          </Fact>
        )}
        {certificate && (
          <Fact name={t("one.identity.certificate")}>
            {t("certificate.until", { date: format.longDate(certificate.until) })}
            <small>{t("certificate.renews", { date: format.date(certificate.renewsAt) })}</small>
          </Fact>
        )}
        {certificate && <Fact name={t("one.identity.key")}>{t("one.identity.keyText")}</Fact>}
        {firmware && <Fact name={t("one.identity.firmware")}>{firmware}</Fact>}
        {address && (
          <Fact name={t("one.identity.address")} code>
            {address}
          </Fact>
        )}
        {claimed && (
          <Fact name={t("one.identity.claimed")}>
            {t("one.identity.claimedLine", { date: format.longDate(claimed.at), name: claimed.by })}
          </Fact>
        )}
      </dl>
      <div className={styles.requests}>
        {mayAsk && device.online && <Requests device={device} />}
        {mayHandOn && <HandOn device={device} />}
        {mayTakeAway && <TakeAway device={device} />}
      </div>
    </Card>
  );
}

/** What a connected device can be asked for. */
function Requests({ device }: { device: DeviceDetail }) {
  const { t } = useTranslation("devices");
  const { mutate, isPending } = useCommand(device.deviceId);
  return (
    <>
      {device.certificate && (
        <Button variant="default" disabled={isPending} onClick={() => mutate({ do: "renew-certificate" })}>
          {t("one.command.ask.renew-certificate")}
        </Button>
      )}
      {device.release !== undefined && (
        <UpdateNow
          sites={[device.site.siteId]}
          opens={{
            variant: "default",
            disabled: isPending || isUnderWay(device.update),
            children: t("one.command.ask.update-firmware"),
          }}
          ask={(restart) => mutate({ do: "update-firmware", restart })}
        />
      )}
    </>
  );
}

function Fact({ name, code, children }: { name: string; code?: boolean; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-code={code || undefined}>{children}</dd>
    </div>
  );
}
