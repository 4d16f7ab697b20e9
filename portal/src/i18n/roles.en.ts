/** What people are in an organisation, and what each may do there (core/access/permissions.ts). */
export const roles = {
  name: {
    owner: "Owner",
    administrator: "Administrator",
    operator: "Operator",
    installer: "Installer",
    resident: "Resident",
    viewer: "Viewer",
  },
  may: {
    owner: "Runs everything, and can hand the organisation on.",
    administrator: "Runs all doors, devices and people.",
    operator: "Answers and opens shared doors.",
    installer: "Sets up all devices. Is not rung.",
    resident: "Answers and opens own doors.",
    viewer: "Sees shared doors and their calls.",
  },
};
