import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";

const middle = { display: "grid", minHeight: "60vh", placeItems: "center" };

/** A page that did not open; what stands around it stays. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation("shell");
  const router = useRouter();
  return (
    <div style={middle}>
      <ErrorState
        title={t("error.page")}
        error={error}
        again={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}

export function NotFound() {
  const { t } = useTranslation("shell");
  return (
    <div style={middle}>
      <EmptyState
        icon={<IconMapOff size={20} stroke={1.75} />}
        title={t("notFound.title")}
        text={t("notFound.text")}
        next={
          <Button variant="default" component={Link} to="/">
            {t("notFound.next")}
          </Button>
        }
      />
    </div>
  );
}
