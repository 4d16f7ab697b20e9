/** What the supervisor prints and certifies is what the seed makes. */
import { expect, test } from "vitest";
import { demoDoors, demoPeople } from "#db/seed/demo.ts";
import { demoAccounts, demoDevices } from "#media-nodes/supervisor/demo.ts";
import { secretsIn } from "#media-nodes/supervisor/secrets.ts";
import { temporaryFolder } from "../support/folder.ts";

test("every demo door comes from a factory", () => {
  expect(demoDevices).toEqual(demoDoors.map((door) => door.id));
});

test("every demo person is shown with their role", () => {
  const shown = demoAccounts(secretsIn(temporaryFolder("demo"), {}));
  expect(shown.map(({ email, role }) => ({ email, role }))).toEqual(
    demoPeople.map(({ email, role }) => ({ email, role })),
  );
});
