import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import { offerDevice, transferQuery, withdrawOffer } from "../api/transfer-queries.ts";
import { useFormat } from "../i18n/format.ts";
import { isEmail } from "../sign-in/fields.tsx";
import styles from "./Device.module.css";
import { EditDialog } from "./EditDialog.tsx";
import { ShownOnce } from "./ShownOnce.tsx";

/** Offering a device to another organisation. While an offer holds: to whom, until when, and withdrawing it. */
export function HandOn({ device: { deviceId, name } }: { device: DeviceDetail }) {
  const { t } = useTranslation(["transfer", "devices"]);
  const queries = useQueryClient();
  const format = useFormat();
  const pending = useQuery(transferQuery(deviceId)).data?.offer;
  const [asks, setAsks] = useState(false);
  const [code, setCode] = useState<string>();
  const then = {
    onSettled: () => queries.invalidateQueries(transferQuery(deviceId)),
    onError: (error: Error) =>
      notifications.show({ color: "stop", message: t("devices:one.notDone", { why: error.message }) }),
  };
  const withdraw = useMutation({ mutationFn: () => withdrawOffer(deviceId), ...then });
  const offer = useMutation({
    mutationFn: (email: string | undefined) => offerDevice(deviceId, { email }),
    onSuccess: (offered) => setCode(offered.code),
    ...then,
  });
  return (
    <>
      {pending ? (
        <div className={styles.offered}>
          <span>
            {pending.email ? t("pending.mail", { email: pending.email }) : t("pending.code")}
            <small>{t("pending.until", { name: pending.by, time: format.inZone(pending.expiresAt) })}</small>
          </span>
          <Button variant="default" size="xs" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {t("pending.withdraw")}
          </Button>
        </div>
      ) : (
        <Button variant="default" onClick={() => setAsks(true)}>
          {t("handOn.words")}
        </Button>
      )}
      {asks && <Offering name={name} offer={offer.mutateAsync} close={() => setAsks(false)} />}
      {code !== undefined && (
        <ShownOnce
          title={t("shown.title", { name })}
          text={t("shown.text", { address: `${location.origin}/transfer` })}
          code={code}
          noted={() => setCode(undefined)}
        />
      )}
    </>
  );
}

const ways = ["mail", "code"] as const;

interface OfferingProps {
  name: string;
  /** To this address, or by a code. Rejects where it came to nothing; that was said already. */
  offer: (email: string | undefined) => Promise<unknown>;
  close: () => void;
}

function Offering({ name, offer, close }: OfferingProps) {
  const { t } = useTranslation("transfer");
  const [way, setWay] = useState<(typeof ways)[number]>("mail");
  const [email, setEmail] = useState("");
  return (
    <EditDialog
      title={t("handOn.title", { name })}
      close={close}
      save={() => offer(way === "mail" ? email.trim() : undefined)}
      submit={{ words: t(`handOn.go.${way}`), disabled: way === "mail" && !isEmail(email) }}
    >
      <ul className={styles.consequences}>
        {(["one", "two", "three"] as const).map((one) => (
          <li key={one}>{t(`handOn.${one}`)}</li>
        ))}
      </ul>
      <SegmentedControl
        fullWidth
        aria-label={t("handOn.way")}
        value={way}
        onChange={(value) => setWay(ways.find((one) => one === value) ?? "mail")}
        data={ways.map((value) => ({ value, label: t(`handOn.by.${value}`) }))}
      />
      {way === "mail" ? (
        <TextInput
          type="email"
          label={t("handOn.email")}
          description={t("handOn.emailHelp")}
          data-autofocus
          autoComplete="off"
          maxLength={254}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
      ) : (
        <p>{t("handOn.codeHelp")}</p>
      )}
    </EditDialog>
  );
}
