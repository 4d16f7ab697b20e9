import { Loader, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconDoorExit, IconSelector } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { organisationsQuery } from "../api/organisations.ts";
import { Mark } from "../design/Mark.tsx";
import { LeaveDialog } from "./LeaveDialog.tsx";
import { useMe } from "./me.ts";
import styles from "./OrganisationMenu.module.css";
import { useEnter } from "./use-enter.ts";

/** Where the person works, and where else they may; and the way out of it. `onGo`: they left. */
export function OrganisationMenu({ narrow, onGo }: { narrow: boolean; onGo?: () => void }) {
  const { t } = useTranslation(["shell", "roles"]);
  const { organisation, role } = useMe();
  const { data, isError, refetch } = useQuery(organisationsQuery);
  const [leaving, dialog] = useDisclosure(false);
  const { enter, entering, inCall } = useEnter();
  const organisations = data ?? [{ organisationId: organisation.id, name: organisation.name, role, current: true }];
  const here = organisation.name;
  return (
    <>
      <Menu
        position="bottom-start"
        width={248}
        disabled={entering !== undefined}
        checkIcon={<IconCheck size={16} stroke={1.75} aria-hidden />}
        classNames={{
          itemLabel: styles.label,
          itemIndicator: styles.check,
          item: styles.item,
          itemSection: styles.section,
        }}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          <Tooltip label={here} position="right" disabled={!narrow}>
            <UnstyledButton className={styles.target} aria-label={t("organisation.open", { name: here })}>
              <Mark />
              <span className={styles.words}>
                <strong title={here}>{here}</strong>
                <span>{t("product")}</span>
              </span>
              {entering ? (
                <Loader size={16} color="ink" className={styles.selector} />
              ) : (
                <IconSelector size={16} stroke={1.75} className={styles.selector} aria-hidden />
              )}
            </UnstyledButton>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("organisation.label")}</Menu.Label>
          <Menu.RadioGroup
            value={organisation.id}
            onChange={(id) => {
              const chosen = organisations.find((one) => one.organisationId === id);
              if (chosen && id !== organisation.id) enter(chosen);
            }}
          >
            {organisations.map((one) => (
              <Menu.RadioItem
                key={one.organisationId}
                value={one.organisationId}
                disabled={inCall && one.organisationId !== organisation.id}
                closeMenuOnClick
                data-autofocus={one.organisationId === organisation.id || undefined}
              >
                <strong title={one.name}>{one.name}</strong>
                <span>{t(`roles:name.${one.role}`)}</span>
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          {isError && (
            <Menu.Item closeMenuOnClick={false} onClick={() => void refetch()}>
              {t("organisation.failed")} {t("organisation.again")}
            </Menu.Item>
          )}
          <Menu.Divider />
          {inCall && <Menu.Label>{t("organisation.inCall")}</Menu.Label>}
          <Menu.Item
            leftSection={<IconDoorExit size={16} stroke={1.75} aria-hidden />}
            disabled={inCall}
            onClick={dialog.open}
          >
            {t("organisation.leave", { name: here })}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <LeaveDialog opened={leaving} close={dialog.close} onGo={onGo} />
    </>
  );
}
