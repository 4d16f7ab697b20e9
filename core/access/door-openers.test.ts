import fc from "fast-check";
import { expect, it } from "vitest";
import { role } from "../messages/portal-api.ts";
import { userId } from "../messages/values.ts";
import {
  changesRights,
  mayOpenBy,
  type OpenedBy,
  type Opener,
  openedBy,
  openedByChange,
  openerOf,
  withRights,
} from "./door-openers.ts";
import { may } from "./permissions.ts";

const lena = { userId: userId.parse("lena"), name: "Lena" };
const opener = (output: number, openedBy: OpenedBy = "everybody"): Opener => ({
  output,
  name: `Output ${output}`,
  pulse: 3_000,
  confirm: "hold",
  openedBy,
});
const bare = ({ openedBy: _openedBy, ...one }: Opener) => one;

const somebody = fc.record({
  userId: fc.constantFrom("lena", "tom").map((id) => userId.parse(id)),
  role: fc.constantFrom(...role.options),
});
const some: fc.Arbitrary<OpenedBy> = fc.record({
  roles: fc.uniqueArray(fc.constantFrom(...role.options)),
  people: fc.subarray([lena]),
});
const anyRights: fc.Arbitrary<OpenedBy> = fc.oneof(fc.constant("everybody" as const), some);
const anyOpeners = fc
  .uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 })
  .chain((outputs) => fc.tuple(...outputs.map((output) => anyRights.map((rights) => opener(output, rights)))));

it("lets who is named by role or by person open, and never somebody whose role opens no doors", () => {
  const limited = opener(1, { roles: ["operator"], people: [lena] });
  expect(mayOpenBy(limited, { userId: userId.parse("tom"), role: "operator" })).toBe(true);
  expect(mayOpenBy(limited, { userId: userId.parse("tom"), role: "resident" })).toBe(false);
  expect(mayOpenBy(limited, { userId: lena.userId, role: "resident" })).toBe(true);
  expect(mayOpenBy(limited, { userId: lena.userId, role: "viewer" })).toBe(false);
  fc.assert(
    fc.property(anyRights, somebody, (rights, who) => {
      const may_ = mayOpenBy({ openedBy: rights }, who);
      const named =
        rights === "everybody" ||
        rights.roles.includes(who.role) ||
        rights.people.some((one) => one.userId === who.userId);
      expect(may_).toBe(named && may(who.role, "open-door"));
    }),
  );
});

it("gives somebody the opener they asked for or else their first, and none that isn't theirs", () => {
  const openers = [opener(1, { roles: ["owner"], people: [] }), opener(2), opener(3)];
  const resident = { userId: lena.userId, role: "resident" } as const;
  expect(openerOf(openers, resident)?.output).toBe(2);
  expect(openerOf(openers, resident, 3)?.output).toBe(3);
  expect(openerOf(openers, resident, 1)).toBeUndefined();
  expect(openerOf(openers, resident, 4)).toBeUndefined();
  expect(openerOf([], resident)).toBeUndefined();
});

it("opens to nobody more when openers are set without a word on who may open", () => {
  fc.assert(
    fc.property(anyOpeners, anyOpeners, somebody, (before, asked, who) => {
      const after = withRights(asked.map(bare), before);
      for (const one of after) {
        const known = before.find(({ output }) => output === one.output);
        if (known) expect(one.openedBy).toEqual(known.openedBy);
        else if (before.every(({ openedBy }) => openedBy === "everybody")) expect(one.openedBy).toBe("everybody");
        else if (mayOpenBy(one, who)) expect(["owner", "administrator"]).toContain(who.role);
      }
    }),
  );
});

it("sees every change of who may open, and none where names and pulses alone change", () => {
  const limited = opener(1, { roles: ["owner"], people: [] });
  expect(changesRights([limited], [opener(1)])).toBe(true);
  expect(changesRights([limited], [])).toBe(true);
  expect(changesRights([opener(1)], [limited])).toBe(true);
  fc.assert(
    fc.property(anyOpeners, (openers) => {
      const renamed = openers.map((one) => ({ ...one, name: "Another", pulse: 500 }));
      expect(changesRights(openers, renamed.toReversed())).toBe(false);
    }),
  );
});

it("takes nobody at all for a mistake, and reads what was kept of people who have left", () => {
  expect(openedByChange.safeParse({ roles: [], people: [] }).success).toBe(false);
  expect(openedBy.safeParse({ roles: [], people: [] }).success).toBe(true);
});
