import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, type SpotlightActionGroupData } from "@mantine/spotlight";
import {
  IconBuilding,
  IconDoor,
  IconHistory,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconPhoneOutgoing,
  IconPhoneX,
  IconSearch,
  IconStethoscope,
  IconSun,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { organisationsQuery } from "../api/organisations.ts";
import { doorsQuery } from "../api/queries.ts";
import { useLiveClient } from "../live/hooks.ts";
import { useSignOut } from "./AccountMenu.tsx";
import { useMe } from "./me.ts";
import { setUp } from "./set-up.ts";
import { useEnter } from "./use-enter.ts";

/** "Find or do": every page, every door, and what can be done with them, by typing. */
export function Finder({ showKeys }: { showKeys: () => void }) {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const live = useLiveClient();
  const { role } = useMe();
  const { setColorScheme } = useMantineColorScheme();
  const leave = useSignOut();
  const doors = useQuery(doorsQuery).data ?? [];
  const elsewhere = useQuery(organisationsQuery).data?.filter(({ current }) => !current) ?? [];
  const { enter, inCall } = useEnter();
  const icon = { size: 16, stroke: 1.75 };
  const actions: SpotlightActionGroupData[] = [
    {
      group: t("finder.pages"),
      actions: [
        {
          id: "doors",
          label: t("nav.doors"),
          leftSection: <IconDoor {...icon} />,
          onClick: () => void navigate({ to: "/" }),
        },
        {
          id: "history",
          label: t("nav.history"),
          leftSection: <IconHistory {...icon} />,
          onClick: () => void navigate({ to: "/history" }),
        },
        {
          id: "missed",
          label: t("finder.callback"),
          leftSection: <IconPhoneX {...icon} />,
          onClick: () => void navigate({ to: "/history", search: { show: "missed" } }),
        },
        {
          id: "check",
          label: t("nav.check"),
          leftSection: <IconStethoscope {...icon} />,
          onClick: () => void navigate({ to: "/check" }),
        },
        ...setUp
          .filter(({ action }) => may(role, action))
          .map(({ to, name, icon: Picture }) => ({
            id: name,
            label: t(`nav.${name}`),
            leftSection: <Picture {...icon} />,
            onClick: () => void navigate({ to }),
          })),
      ],
    },
    {
      group: t("finder.doors"),
      actions: doors
        .filter((door) => may(role, "place-call") && door.mayAnswer)
        .map((door) => ({
          id: door.deviceId,
          label: t("finder.call", { door: door.name }),
          description: door.site,
          leftSection: <IconPhoneOutgoing {...icon} />,
          onClick: () => live.call(door, false),
        })),
    },
    {
      group: t("finder.actions"),
      actions: [
        {
          id: "light",
          label: t("finder.light"),
          leftSection: <IconSun {...icon} />,
          onClick: () => setColorScheme("light"),
        },
        {
          id: "dark",
          label: t("finder.dark"),
          leftSection: <IconMoon {...icon} />,
          onClick: () => setColorScheme("dark"),
        },
        {
          id: "auto",
          label: t("finder.system"),
          leftSection: <IconSun {...icon} />,
          onClick: () => setColorScheme("auto"),
        },
        ...(inCall ? [] : elsewhere).map((one) => ({
          id: one.organisationId,
          label: t("finder.enter", { name: one.name }),
          leftSection: <IconBuilding {...icon} />,
          onClick: () => enter(one),
        })),
        { id: "keys", label: t("account.keys"), leftSection: <IconKeyboard {...icon} />, onClick: showKeys },
        { id: "leave", label: t("account.signOut"), leftSection: <IconLogout {...icon} />, onClick: leave },
      ],
    },
  ];
  return (
    <Spotlight
      actions={actions.filter((group) => group.actions.length > 0)}
      shortcut={["mod + K"]}
      tagsToIgnore={[]}
      highlightQuery
      scrollable
      maxHeight={420}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      nothingFound={t("finder.nothing")}
      searchProps={{
        leftSection: <IconSearch size={16} stroke={1.75} />,
        placeholder: t("finder.placeholder"),
        "aria-label": t("finder.open"),
      }}
    />
  );
}
