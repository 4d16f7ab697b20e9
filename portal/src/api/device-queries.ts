/** What the portal asks the edge about devices and sites, and how it changes them. */
import { queryOptions } from "@tanstack/react-query";
import {
  type CommandRequest,
  commandAsked,
  type DeviceChange,
  type DeviceDetail,
  type DifferenceDecision,
  deviceDetail,
  deviceList,
  siteList,
} from "#core/messages/device-api.ts";
import { request } from "./request.ts";

export const devicesQuery = queryOptions({
  queryKey: ["devices"],
  queryFn: ({ signal }) => request(deviceList, "/api/devices", { signal }),
  staleTime: 30_000,
});

const path = (deviceId: string) => `/api/devices/${encodeURIComponent(deviceId)}`;

export const deviceQuery = (deviceId: string) =>
  queryOptions({
    queryKey: ["device", deviceId],
    queryFn: ({ signal }) => request(deviceDetail, path(deviceId), { signal }),
    staleTime: 30_000,
  });

export const sitesQuery = queryOptions({
  queryKey: ["sites"],
  queryFn: async ({ signal }) => (await request(siteList, "/api/sites", { signal })).sites,
  staleTime: 60_000,
});

/** @throws ApiError `changed-meanwhile` where somebody else was faster */
export const changeDevice = (deviceId: string, change: DeviceChange): Promise<DeviceDetail> =>
  request(deviceDetail, path(deviceId), { method: "PATCH", body: change });

export const askDevice = (deviceId: string, command: CommandRequest) =>
  request(commandAsked, `${path(deviceId)}/commands`, { method: "POST", body: command });

export const decideDifference = (deviceId: string, decision: DifferenceDecision): Promise<DeviceDetail> =>
  request(deviceDetail, `${path(deviceId)}/differences`, { method: "POST", body: decision });
