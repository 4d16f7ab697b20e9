import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Role, role } from "#core/messages/portal-api.ts";

interface RoleSelectProps {
  /** Shown above it, where nothing else says what it is. */
  label?: string;
  "aria-label"?: string;
  /** Those that may be given. */
  givable: readonly Role[];
  value: Role;
  onChange: (role: Role) => void;
}

/** One of the roles that may be given, and what it is for. */
export function RoleSelect({ givable, value, onChange, ...names }: RoleSelectProps) {
  const { t } = useTranslation("roles");
  return (
    <Select
      {...names}
      description={t(`may.${value}`)}
      inputWrapperOrder={["label", "input", "description"]}
      allowDeselect={false}
      value={value}
      onChange={(chosen) => {
        const { data } = role.safeParse(chosen);
        if (data) onChange(data);
      }}
      data={givable.map((one) => ({ value: one, label: t(`name.${one}`) }))}
    />
  );
}
