import { Button, TextInput } from "@mantine/core";
import { IconQrcode, IconVideoOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { claimCode, exampleCode, printed } from "#core/device/claim-code.ts";
import { startClaim } from "../api/claim-queries.ts";
import { ApiError } from "../api/request.ts";
import styles from "./Claim.module.css";
import { useScanner } from "./use-scanner.ts";

const known = ["wrong-code", "claimed-already", "claimed-elsewhere", "device-offline", "too-many-codes"] as const;

/** The code, typed or held in front of the camera. */
export function EnterCode() {
  const { t } = useTranslation("claim");
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [scanning, setScanning] = useState(false);
  const video = useRef<HTMLVideoElement>(null);
  const whole = claimCode.safeParse(typed);
  const claim = useMutation({
    mutationFn: startClaim,
    onSuccess: ({ claimId }) => void navigate({ to: "/claim", search: { claim: claimId } }),
  });
  const refused = useScanner(video, scanning, (text) => {
    const code = claimCode.safeParse(text);
    if (!code.success || claim.isPending) return;
    setScanning(false);
    setTyped(printed(code.data));
    claim.mutate(code.data);
  });
  const error = claim.isError ? inWords(claim.error) : undefined;

  function inWords(error: unknown): string {
    const code = error instanceof ApiError ? known.find((one) => one === error.code) : undefined;
    if (code) return t(`problem.${code}`);
    return t("problem.other", { why: error instanceof Error ? error.message : "" });
  }

  return (
    <section className={styles.code}>
      <h2>{t("code.title")}</h2>
      <p>{t("code.text")}</p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (whole.success) claim.mutate(whole.data);
        }}
      >
        <TextInput
          className={styles.field}
          label={t("code.label")}
          placeholder={exampleCode}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={40}
          data-autofocus
          value={typed}
          onChange={(event) => {
            claim.reset();
            setTyped(event.currentTarget.value);
          }}
          error={error ?? (typed.replace(/[\s-]/g, "").length >= 16 && !whole.success ? t("code.mistyped") : undefined)}
        />
        <Button type="submit" loading={claim.isPending} disabled={!whole.success}>
          {t("code.go")}
        </Button>
      </form>
      <Button
        variant="default"
        leftSection={
          scanning ? (
            <IconVideoOff size={16} stroke={1.75} aria-hidden />
          ) : (
            <IconQrcode size={16} stroke={1.75} aria-hidden />
          )
        }
        onClick={() => {
          claim.reset();
          setScanning(!scanning);
        }}
      >
        {t(scanning ? "code.stop" : "code.scan")}
      </Button>
      {scanning && (
        <div className={styles.camera}>
          <video ref={video} muted playsInline aria-label={t("code.hold")} />
          <p role="status">{t(refused ? "code.noCamera" : "code.hold")}</p>
        </div>
      )}
    </section>
  );
}
