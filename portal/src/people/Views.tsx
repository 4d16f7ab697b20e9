import { SegmentedControl } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** The people, or the teams that they form. */
export function Views({ shown }: { shown: "people" | "teams" }) {
  const { t } = useTranslation("teams");
  const navigate = useNavigate();
  return (
    <SegmentedControl
      aria-label={t("view.label")}
      value={shown}
      onChange={(value) => void navigate({ to: value === "teams" ? "/people/teams" : "/people", search: {} })}
      data={[
        { value: "people", label: t("view.people") },
        { value: "teams", label: t("view.teams") },
      ]}
    />
  );
}
