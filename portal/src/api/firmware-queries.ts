/** What the portal asks the edge about firmware, and how it decides on it. */
import { queryOptions } from "@tanstack/react-query";
import {
  type DevicePolicy,
  deviceFirmware,
  type FirmwareOverview,
  firmwareOverview,
  type NewRollout,
  type OrganisationPolicy,
  type RolloutDecision,
  type RolloutDetail,
  rolloutDetail,
  type SitePolicy,
} from "#core/messages/firmware-api.ts";
import { request } from "./request.ts";

/** Rollouts are moved on every minute, and devices that load say so often: what is shown follows at its own pace. Milliseconds. */
const pace = 15_000;

export const firmwareQuery = queryOptions({
  queryKey: ["firmware"],
  queryFn: ({ signal }) => request(firmwareOverview, "/api/firmware", { signal }),
  staleTime: pace,
  refetchInterval: pace,
});

const ofRollout = (rolloutId: string) => `/api/rollouts/${encodeURIComponent(rolloutId)}`;

export const rolloutQuery = (rolloutId: string) =>
  queryOptions({
    queryKey: ["firmware", "rollout", rolloutId],
    queryFn: ({ signal }) => request(rolloutDetail, ofRollout(rolloutId), { signal }),
    staleTime: pace,
    refetchInterval: pace,
  });

const ofDevice = (deviceId: string) => `/api/firmware/devices/${encodeURIComponent(deviceId)}`;

export const deviceFirmwareQuery = (deviceId: string) =>
  queryOptions({
    queryKey: ["firmware", "device", deviceId],
    queryFn: ({ signal }) => request(deviceFirmware, ofDevice(deviceId), { signal }),
    staleTime: pace,
  });

export const beginRollout = (body: NewRollout): Promise<RolloutDetail> =>
  request(rolloutDetail, "/api/rollouts", { method: "POST", body });

export const decideOnRollout = (rolloutId: string, body: RolloutDecision): Promise<RolloutDetail> =>
  request(rolloutDetail, ofRollout(rolloutId), { method: "POST", body });

export const changeOrganisationPolicy = (body: OrganisationPolicy): Promise<FirmwareOverview> =>
  request(firmwareOverview, "/api/firmware", { method: "PATCH", body });

export const changeSitePolicy = (siteId: string, body: SitePolicy): Promise<FirmwareOverview> =>
  request(firmwareOverview, `/api/firmware/sites/${encodeURIComponent(siteId)}`, { method: "PATCH", body });

export const changeDevicePolicy = (deviceId: string, body: DevicePolicy) =>
  request(deviceFirmware, ofDevice(deviceId), { method: "PATCH", body });
