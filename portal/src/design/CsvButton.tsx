import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

/** Saves a list as a file. @param label which list @param save rejects where it could not be fetched whole */
export function CsvButton({ label, save }: { label: string; save: () => Promise<void> }) {
  const { t } = useTranslation("shell");
  const { mutate, isPending } = useMutation({
    mutationFn: save,
    onError: () => notifications.show({ color: "stop", message: t("csv.failed") }),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} stroke={1.75} aria-hidden />}
      aria-label={label}
      loading={isPending}
      onClick={() => mutate()}
    >
      {t("csv.name")}
    </Button>
  );
}
