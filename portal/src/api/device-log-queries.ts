/** What the portal asks the edge about the logs of devices. */
import { queryOptions } from "@tanstack/react-query";
import { commandAsked } from "#core/messages/device-api.ts";
import { deviceLogContents, deviceLogList } from "#core/messages/device-logs.ts";
import { request } from "./request.ts";

const path = (deviceId: string) => `/api/devices/${encodeURIComponent(deviceId)}/logs`;

/** How often a log is looked for that a device was asked for: a live message tells of it, unless that is lost. Milliseconds. */
const pace = 5_000;

export const logsQuery = (deviceId: string) =>
  queryOptions({
    queryKey: ["device", deviceId, "logs"],
    queryFn: ({ signal }) => request(deviceLogList, path(deviceId), { signal }),
    staleTime: 30_000,
    refetchInterval: ({ state: { data } }) => (data?.request?.state === "asked" ? pace : false),
  });

/** A log's lines. Whoever asks for them is in the audit: so they are asked for once, and again when more came. @param lines how many it has */
export const logQuery = (deviceId: string, logId: string, lines: number) =>
  queryOptions({
    queryKey: ["device-log", deviceId, logId, lines],
    queryFn: ({ signal }) => request(deviceLogContents, `${path(deviceId)}/${encodeURIComponent(logId)}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** @throws ApiError `asked-already` while it may still answer */
export const askForLog = (deviceId: string) => request(commandAsked, path(deviceId), { method: "POST" });
