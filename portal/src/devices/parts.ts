/** The tabs of a device's page, as they stand in its address. */
export const deviceParts = ["overview", "settings", "cameras", "people", "log", "audit"] as const;
export type DevicePart = (typeof deviceParts)[number];
