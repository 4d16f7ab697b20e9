import { Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { letterKeys } from "../calls/keys.ts";
import { useKept } from "../kept.ts";

/** Whether letters, digits and signs are keys in this browser. */
export function LettersSwitch({ className }: { className?: string }) {
  const { t } = useTranslation("shell");
  return (
    <Switch
      className={className}
      size="sm"
      labelPosition="left"
      label={t("keys.letters")}
      checked={useKept(letterKeys) === "on"}
      onChange={(event) => letterKeys.set(event.currentTarget.checked ? "on" : "off")}
    />
  );
}
