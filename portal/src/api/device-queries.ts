/** What the portal asks the edge about devices and sites, and how it changes them. */
import { queryOptions } from "@tanstack/react-query";
import { released } from "#core/messages/claiming.ts";
import {
  type BulkAction,
  type BulkRequest,
  type BulkResults,
  bulkResults,
  type CommandRequest,
  commandAsked,
  type DeviceChange,
  type DeviceDetail,
  type DifferenceDecision,
  deviceDetail,
  deviceList,
  mostInBulk,
  type SiteChange,
  type SiteRow,
  siteList,
  siteRow,
} from "#core/messages/device-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { request, send } from "./request.ts";

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

export const makeSite = (body: SiteChange): Promise<SiteRow> =>
  request(siteRow, "/api/sites", { method: "POST", body });

/** @throws ApiError `which-time-zone` where its country has several and none is named */
export const changeSite = (siteId: string, body: SiteChange): Promise<SiteRow> =>
  request(siteRow, `/api/sites/${encodeURIComponent(siteId)}`, { method: "PATCH", body });

/** @throws ApiError `changed-meanwhile` where somebody else was faster */
export const changeDevice = (deviceId: string, change: DeviceChange): Promise<DeviceDetail> =>
  request(deviceDetail, path(deviceId), { method: "PATCH", body: change });

/** One thing done to many devices, as many at a time as the edge takes. @returns what became of each */
export async function doToAll(devices: DeviceId[], action: BulkAction): Promise<BulkResults> {
  const results: BulkResults = [];
  for (let at = 0; at < devices.length; at += mostInBulk) {
    const body: BulkRequest = { devices: devices.slice(at, at + mostInBulk), action };
    results.push(...(await request(bulkResults, "/api/devices/bulk", { method: "POST", body })).results);
  }
  return results;
}

export const askDevice = (deviceId: string, command: CommandRequest) =>
  request(commandAsked, `${path(deviceId)}/commands`, { method: "POST", body: command });

/** It gets in nowhere any more, until it is allowed again. */
export const revokeDevice = (deviceId: string) => send(`${path(deviceId)}/revoke`, { method: "POST" });
export const allowDevice = (deviceId: string) => send(`${path(deviceId)}/allow`, { method: "POST" });
/** Gives it up; its fresh claim code is in the answer, and nowhere else. */
export const releaseDevice = (deviceId: string) => request(released, `${path(deviceId)}/release`, { method: "POST" });

/** An update that failed is shown no more. */
export const noteFailedUpdate = (deviceId: string): Promise<DeviceDetail> =>
  request(deviceDetail, `${path(deviceId)}/failed-update`, { method: "DELETE" });

export const decideDifference = (deviceId: string, decision: DifferenceDecision): Promise<DeviceDetail> =>
  request(deviceDetail, `${path(deviceId)}/differences`, { method: "POST", body: decision });
