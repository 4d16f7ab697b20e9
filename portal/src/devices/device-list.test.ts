import { expect, test } from "vitest";
import { type DeviceRow, deviceRow } from "#core/messages/device-api.ts";
import { filtered, stateOf } from "./device-list.ts";

const device = (part: Partial<DeviceRow>): DeviceRow =>
  deviceRow.parse({
    deviceId: "d0000000-0000-4000-8000-000000000001",
    name: "Courtyard gate",
    site: { siteId: "50000000-0000-4000-8000-000000000001", name: "Lindenhof 4" },
    groups: ["car park"],
    virtual: false,
    model: "OD10 TD CM",
    serial: "MX-4C1A-77E0-92",
    online: true,
    since: 1,
    states: [],
    settings: "applied",
    needs: [],
    ...part,
  });

test("every word that is typed narrows the list, wherever it stands", () => {
  const [gate, desk] = [device({}), device({ name: "Porter’s desk", model: "EF 962HM", serial: "BF-1", groups: [] })];
  const names = (search: string) => filtered([gate, desk], { search }).map(({ name }) => name);
  expect(names("od10 lindenhof")).toEqual(["Courtyard gate"]);
  expect(names("77e0")).toEqual(["Courtyard gate"]);
  expect(names("lindenhof 4")).toHaveLength(2);
  expect(names("car park desk")).toEqual([]);
});

test("a device that is merely offline is not among those that want a hand", () => {
  const away = device({ online: false, needs: ["offline"] });
  const changed = device({ needs: ["changed-on-device"] });
  expect(filtered([away, changed], { show: "needs" })).toEqual([changed]);
  expect(filtered([away, changed], { show: "offline" })).toEqual([away]);
});

test("trouble at the door is said before a call, and that it is away before all", () => {
  const deviceId = device({}).deviceId;
  const call = { callId: "c", phase: "talking", since: 1 } as const;
  const live = { deviceId, online: true, since: 1, contact: "open", call } as never;
  expect(stateOf(device({}), live).words).toBe("talking");
  expect(stateOf(device({ states: ["door-open-too-long"] }), live).words).toBe("open-too-long");
  expect(stateOf(device({ online: false, states: ["tamper"] }), undefined).words).toBe("offline");
});

test("of a device whose media node is away nobody says that it is offline", () => {
  expect(stateOf(device({ online: false, away: "site" }), undefined).words).toBe("offline");
  expect(stateOf(device({ online: false, away: "ours" }), undefined).words).toBe("unknown");
});
