import { Button, Select } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Person } from "#core/messages/people.ts";
import { role } from "#core/messages/portal-api.ts";
import page from "../design/Page.module.css";
import { useFormat } from "../i18n/format.ts";
import { SearchField } from "../shell/SearchField.tsx";
import styles from "./People.module.css";
import { Views } from "./Views.tsx";

interface HeaderProps {
  /** Undefined: not known yet. */
  people: readonly Person[] | undefined;
  /** Absent: it is not for this person to invite. */
  invite: (() => void) | undefined;
}

/** Title, inviting, and whom to show. */
export function PeopleHeader({ people, invite }: HeaderProps) {
  const { t } = useTranslation("people");
  const roles = useTranslation("roles").t;
  const format = useFormat();
  const navigate = useNavigate();
  const filter = useSearch({ from: "/signed-in/people" });
  const count = (one: string) => format.number(people?.filter((person) => person.role === one).length ?? 0);
  return (
    <header className={styles.header}>
      <div className={page.top}>
        <h1>
          {t("title")} {people && <span className={page.total}>{format.number(people.length)}</span>}
        </h1>
        <Views shown="people" />
        {invite && (
          <Button leftSection={<IconUserPlus size={16} stroke={1.75} aria-hidden />} onClick={invite}>
            {t("invite.open")}
          </Button>
        )}
      </div>
      <div className={page.filters}>
        <SearchField
          className={styles.search}
          label={t("search")}
          clear={t("clear")}
          value={filter.search}
          pause={150}
          onSearch={(text) => void navigate({ to: ".", search: { ...filter, search: text }, replace: true })}
        />
        <Select
          className={styles.role}
          aria-label={t("column.role")}
          placeholder={t("allRoles")}
          clearable
          value={filter.role ?? null}
          onChange={(value) =>
            void navigate({ to: ".", search: { ...filter, role: role.safeParse(value).data }, replace: true })
          }
          data={role.options.map((one) => ({
            value: one,
            label: t("roleCount", { role: roles(`name.${one}`), number: count(one) }),
          }))}
        />
      </div>
    </header>
  );
}
