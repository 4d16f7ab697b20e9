import { Button, Popover, SegmentedControl, Switch, useMantineColorScheme } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKeyboard, IconLogout } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { signOut } from "../api/auth.ts";
import { openBy } from "../calls/use-hold.ts";
import { notificationPictures } from "../calls/use-notifications.ts";
import { chooseLanguage, isLanguage, languages } from "../i18n/index.ts";
import { useKept } from "../kept.ts";
import styles from "./AccountMenu.module.css";
import { Choice } from "./Choice.tsx";
import { LettersSwitch } from "./LettersSwitch.tsx";
import { useMe } from "./me.ts";
import { SoundChoice } from "./SoundChoice.tsx";

const item = { variant: "subtle", fullWidth: true, justify: "flex-start", px: 10 } as const;

/** How the portal looks, speaks, rings and opens for this person, and the way out. */
export function AccountMenu({ showKeys }: { showKeys: () => void }) {
  const { t, i18n } = useTranslation("shell");
  const { user } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const opening = useKept(openBy);
  const leave = useSignOut();
  return (
    <Popover.Dropdown className={styles.menu} aria-label={t("account.label")}>
      <p className={styles.email}>{user.email}</p>
      <Choice label={t("account.look")}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("account.look")}
          value={colorScheme}
          onChange={(value) => setColorScheme(value === "light" || value === "dark" ? value : "auto")}
          data={[
            { value: "auto", label: t("account.system") },
            { value: "light", label: t("account.light") },
            { value: "dark", label: t("account.dark") },
          ]}
        />
      </Choice>
      <Choice label={t("account.language")}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("account.language")}
          value={i18n.language}
          onChange={(value) => isLanguage(value) && void chooseLanguage(value)}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        />
      </Choice>
      <Choice label={t("account.openBy")}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("account.openBy")}
          value={opening}
          onChange={(value) => openBy.set(value === "twice" ? "twice" : "hold")}
          data={[
            { value: "hold", label: t("account.hold") },
            { value: "twice", label: t("account.twice") },
          ]}
        />
      </Choice>
      <SoundChoice />
      <Switch
        className={styles.switch}
        size="sm"
        labelPosition="left"
        label={t("account.pictures")}
        checked={useKept(notificationPictures) === "show"}
        onChange={(event) => notificationPictures.set(event.currentTarget.checked ? "show" : "hide")}
      />
      <LettersSwitch className={styles.switch} />
      <hr className={styles.line} />
      <Button {...item} leftSection={<IconKeyboard size={16} stroke={1.75} aria-hidden />} onClick={showKeys}>
        {t("account.keys")}
      </Button>
      <Button {...item} leftSection={<IconLogout size={16} stroke={1.75} aria-hidden />} onClick={leave}>
        {t("account.signOut")}
      </Button>
    </Popover.Dropdown>
  );
}

/** Ends the session, and forgets everything that was read in it. */
export function useSignOut(): () => void {
  const { t } = useTranslation("shell");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await navigate({ to: "/sign-in" });
      queries.clear();
    },
    onError: () => notifications.show({ color: "stop", message: t("account.signOutFailed") }),
  });
  return leave.mutate;
}
