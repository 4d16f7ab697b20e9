/** The devices of Lindenhof on the same fixed day: what the list and a device's page are shown with. */
import type { LogLine } from "#core/device/log.ts";
import { type DeviceDetail, type DeviceRow, deviceDetail, deviceRow } from "#core/messages/device-api.ts";
import { type DeviceLogList, deviceLogList } from "#core/messages/device-logs.ts";
import * as day from "./day.ts";

const at = (hours: number, minutes: number) => new Date(2026, 10, 24, hours, minutes).getTime();
const until = (year: number, month: number, date: number) => new Date(year, month - 1, date).getTime();
const siteOf: Record<string, string> = {
  "Lindenhof 4": "50000000-0000-4000-8000-000000000001",
  "Lindenhof 6": "50000000-0000-4000-8000-000000000002",
  "Hafenkai 12": "50000000-0000-4000-8000-000000000003",
};
export const sites = Object.entries(siteOf).map(([name, siteId]) => ({
  siteId,
  name,
  timeZone: "Europe/Berlin",
  devices: day.doors.filter((door) => door.site === name).length,
}));

const plates = [
  "OD5 TD CM",
  "ID8 TD CM",
  "WS 303V CM",
  "OD10 TD CM",
  "WS 311V CM DA",
  "WS 301V CM",
  "IM3",
  "ET 962H",
  "EB2E2A",
];
const parts: Partial<DeviceRow>[] = [
  {},
  {},
  { settings: "on-its-way" },
  { needs: ["changed-on-device"] },
  {},
  { needs: ["button-rings-nobody"] },
  { states: ["door-open-too-long"] },
  { firmware: "9.20", certificate: { until: until(2026, 12, 4), renewsAt: at(0, 0) }, needs: ["certificate-ends"] },
  { online: false, since: at(7, 14), firmware: "9.18", needs: ["offline"], away: "device" },
];

export const devices: DeviceRow[] = day.doors.map((door, index) =>
  deviceRow.parse({
    deviceId: door.deviceId,
    name: door.name,
    site: { siteId: siteOf[door.site], name: door.site },
    groups: index === 7 ? ["car park"] : [],
    virtual: false,
    model: plates[index],
    revision: "AA",
    serial: `MX-4C1A-77E${index}-92`,
    family: "MX",
    firmware: "3.14.1",
    online: true,
    since: at(6, 0) - 12 * 86_400_000,
    states: [],
    certificate: { until: until(2027, 8, 18), renewsAt: until(2027, 4, 17) },
    settings: "applied",
    needs: [],
    ...parts[index],
  }),
);

const gate = devices[3] ?? devices[0];
if (!gate) throw new Error("no device");
const tom = { userId: "tom", name: "Tom Hoekstra" };
const change = (n: number, line: object) => ({
  id: `c0000000-0000-4000-8000-00000000000${n}`,
  subject: gate.deviceId,
  before: null,
  after: null,
  ...line,
});

export const gateDetail: DeviceDetail = deviceDetail.parse({
  ...gate,
  address: "10.20.4.31, DHCP",
  blocked: false,
  claimed: { at: until(2026, 3, 12), by: tom.name },
  fitted: { outputs: 5, inputs: 2, buttons: "screen", camera: true, screen: true },
  version: 7,
  configuration: {
    name: gate.name,
    timeZone: "Europe/Berlin",
    buttons: [{ key: "reception", label: "Reception" }],
    doorOpeners: [
      { output: 1, name: "Courtyard gate", pulse: 3_000, confirm: "hold", openedBy: "everybody" },
      {
        output: 2,
        name: "Wicket door",
        pulse: 5_000,
        confirm: "ask",
        openedBy: { roles: ["owner", "operator"], people: [{ userId: "ilse", name: "Ilse Brandt" }] },
      },
    ],
    outputRules: [
      { when: "ringing", output: 3, name: "courtyard light", delay: 0, duration: 120_000, enabled: true },
      { when: "door-open-too-long", output: 4, name: "buzzer", delay: 10_000, enabled: true },
      { when: "tamper", output: 4, name: "buzzer", delay: 0, duration: 300_000, enabled: true },
      { when: "offline", output: 5, name: "status lamp", delay: 60_000, enabled: false },
    ],
    cameras: [
      {
        id: "ca000000-0000-4000-8000-000000000001",
        name: "Yard camera",
        address: "rtsps://10.20.4.77:322/yard",
        shown: "beside",
        hasPassword: true,
        silent: false,
        notAsked: null,
      },
    ],
  },
  differences: [{ field: "name", here: "Courtyard gate", onDevice: "Gate (installer)" }],
  changes: [
    change(1, { at: at(8, 20), by: tom, action: "change-doorOpeners", before: "2 s", after: "3 s" }),
    change(2, {
      at: at(8, 20) - 86_400_000,
      by: day.me.user && { userId: day.me.user.id, name: day.me.user.name },
      action: "change-groups",
      before: [],
      after: ["car park"],
    }),
    change(4, { at: until(2026, 8, 19), by: tom, action: "claim-device", after: "Courtyard gate" }),
    change(3, { at: until(2026, 8, 18), action: "change-cameras", before: [], after: ["Yard camera"] }),
  ],
});

const second = (minutes: number, seconds: number) => at(9, minutes) + seconds * 1_000;
const kept = { keptUntil: at(9, 40) + 14 * 86_400_000, octets: 400 };
/** The gate's logs: one that was fetched, and what it told by itself the day before. */
export const gateLogs: DeviceLogList = deviceLogList.parse({
  request: { state: "arrived", at: at(9, 40), by: "Mara Lenz" },
  logs: [
    {
      logId: "10900000-0000-4000-8000-000000000001",
      streamed: false,
      askedBy: "Mara Lenz",
      at: at(9, 40),
      lines: 5,
      warnings: 2,
      ...kept,
    },
    {
      logId: "10900000-0000-4000-8000-000000000002",
      streamed: true,
      at: at(9, 40) - 86_400_000,
      lines: 1,
      warnings: 1,
      ...kept,
    },
  ],
});
export const gateLines: LogLine[] = [
  { at: second(38, 11), level: "info", text: "door output 1 on, 3000 ms, by ivy call 7f3a" },
  { at: second(38, 14), level: "info", text: "door output 1 off, contact closed" },
  { at: second(39, 52), level: "warn", text: "fw packet 0611 hash differs, fetching again" },
  { at: second(39, 58), level: "error", text: "camera Yard camera doesn't answer" },
  { at: second(40, 3), level: "info", text: "fw packet 0611 ok, 774 of 1248" },
];

/** What the edge answers about them. */
export const api = {
  [`/api/devices/${gate.deviceId}/logs`]: gateLogs,
  [`/api/devices/${gate.deviceId}/logs/${gateLogs.logs[0]?.logId}`]: { log: gateLogs.logs[0], lines: gateLines },
  [`/api/devices/${gate.deviceId}/transfer`]: {},
  "/api/devices": { devices, unrung: [{ userId: "ilse", name: "Ilse Brandt" }] },
  [`/api/devices/${gate.deviceId}`]: gateDetail,
  "/api/sites": { sites },
};
