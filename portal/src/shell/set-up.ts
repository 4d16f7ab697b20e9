import { IconCpu, IconListSearch, IconRefreshDot, IconUsers } from "@tabler/icons-react";

/** The pages where things are set up and looked after, each for who may. */
export const setUp = [
  { to: "/devices", name: "devices", icon: IconCpu, action: "see-devices" },
  { to: "/firmware", name: "firmware", icon: IconRefreshDot, action: "see-devices" },
  { to: "/people", name: "people", icon: IconUsers, action: "see-people" },
  { to: "/audit", name: "audit", icon: IconListSearch, action: "see-audit" },
] as const;
