/** `npm run pki -- roll | forget | replace | revoke | help` */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readRecord, stillRunning } from "../supervisor/run-record.ts";
import { replaceIssuing } from "./device-authority.ts";
import { forgetServerAuthorities, rollServerAuthority } from "./folder.ts";
import { revokeAuthority } from "./root-list.ts";

const usage = `Changes the authorities of this installation. The platform has to be stopped meanwhile.

  npm run pki -- roll           a new authority for our servers, under which the next start puts them; who trusts the one
                                before finds to it, and devices learn of it by themselves within an hour of connection
  npm run pki -- forget         nothing leads from the authorities before to this one any more: devices that did not learn
                                of it are out, until somebody gives them their trust anew
  npm run pki -- replace issuing
                                another authority issues devices' certificates; those of the one before count until they are
                                renewed, unless that one is revoked: then devices come back by their factory certificates.
                                Takes the root's key in pki/offline
  npm run pki -- revoke <file>  the root's list says from now on that this authority, whose certificate the file is, does not
                                count any more; takes the root's key in pki/offline. pki/device-ca.pem is today's, for which
                                another must take the place then, and pki/device-ca-before.pem those that it succeeded

The authority that others trust by hand (browsers, phones) is pki/server-ca.pem in the data folder.`;

const dataDir = resolve(process.env.DATA_DIR || ".data");
const pki = join(dataDir, "pki");

const says: Record<string, (about: string | undefined) => Promise<string>> = {
  async roll() {
    await rollServerAuthority(pki);
    return "Our servers have a new authority from the next start on.";
  },
  async forget() {
    forgetServerAuthorities(pki);
    return "The authorities before are forgotten from the next start on.";
  },
  async replace(what) {
    if (what !== "issuing") throw new Error("Say what to replace: issuing.");
    await replaceIssuing(pki);
    return "Devices' certificates are issued by another authority from the next start on.";
  },
  async revoke(file) {
    if (file === undefined || !existsSync(file)) throw new Error("Name the file with the authority's certificate.");
    await revokeAuthority(pki, readFileSync(file, "utf8"));
    return "The root's list names it from the next start on.";
  },
};

const [command = "help", about] = process.argv.slice(2);
const run = says[command];
if (/^(--?h|help)/.test(command)) console.log(usage);
else if (!run) {
  console.error(`"${command}" is none of ${Object.keys(says).join(", ")}, help.`);
  process.exitCode = 2;
} else {
  try {
    if (!existsSync(join(pki, "root-ca.pem"))) throw new Error(`There are no authorities in ${pki} yet.`);
    const record = readRecord(dataDir);
    if (record && stillRunning(record).supervisor) throw new Error("Stop the platform first.");
    console.log(await run(about));
  } catch (error) {
    console.error(error instanceof Error ? error.message : "It failed.");
    process.exitCode = 1;
  }
}
