/** The tabs of a device's page, as they stand in its address. */
export const deviceParts = ["overview", "settings", "cameras", "people", "audit"] as const;
export type DevicePart = (typeof deviceParts)[number];
