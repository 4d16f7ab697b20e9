/** The demo organisation as a newcomer meets it: accounts to sign in with, and door stations that need certificates. */
import type { Secrets } from "./secrets.ts";

/** In the order in which they are shown. The seed makes the same (tests/house/demo.test.ts holds them together). */
export const demoAccounts = (secrets: Secrets) => [
  { email: "mara.lenz@lindenhof.example", password: secrets.DEMO_PASSWORD_MARA, role: "owner" },
  { email: "jonas.adler@lindenhof.example", password: secrets.DEMO_PASSWORD_JONAS, role: "operator" },
];

export const demoDevices = [
  "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001",
  "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0002",
  "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0003",
];
