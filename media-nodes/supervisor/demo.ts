/** The demo organisation as a newcomer meets it: accounts to sign in with, and door stations as they left the factory. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FactoryBatch, factoryBatch } from "#core/messages/claiming.ts";
import { authorityId, authorityIn, factoryCertificateIn } from "../pki/folder.ts";
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

/** What the maker of the reference stations vouches for. */
const models = ["WS 301V CM", "WS 303V CM", "OD1 CM", "ET 908H"];

/**
 * Gives the demo organisation's doors their factory certificates, and writes down for the database (db/seed/demo.ts) who made
 * them. They are claimed from the beginning, and enrol by themselves when they first run.
 */
export async function makeDemoDevices(pki: string): Promise<void> {
  const { certificate } = await authorityIn(pki, "maker-ca");
  const maker = { id: authorityId(certificate), name: "Symphony reference stations", certificate, models };
  const identities = demoDevices.map((id, at) => ({ id, serial: `LH-${at + 1}`, model: "WS 301V CM", revision: "AC" }));
  for (const { id, ...plate } of identities) {
    await factoryCertificateIn(pki, id, plate);
    // Its label, as a station reads it: whoever holds it from the beginning needs no code.
    writeFileSync(join(pki, "factory", `${id}.json`), JSON.stringify({ ...plate, code: "" }));
  }
  const batch: FactoryBatch = factoryBatch.parse({ maker, identities });
  writeFileSync(join(pki, "factory", "batch.json"), JSON.stringify(batch));
}
