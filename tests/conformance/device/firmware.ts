/** The played device looks which releases are signed, as a device has to, and asks for some octets of an image. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { metadataName, targetName } from "#core/firmware/addresses.ts";
import { largestManifest, manifest } from "#core/firmware/manifest.ts";
import { sha256 } from "#core/firmware/release.ts";
import { nodeDisk } from "../../../station/disk.ts";
import { openClient } from "../../../station/firmware/http.ts";
import { download, refreshTrust, type Source } from "../../../station/firmware/trust.ts";
import { asking } from "./enrolment.ts";
import type { ClaimedDevice } from "./judge-cloud.ts";

const timestamp = metadataName.timestamp;
const versioned = z.object({ signed: z.object({ meta: z.record(z.string(), z.object({ version: z.number() })) }) });
const listed = z.object({
  signed: z.object({ targets: z.record(z.string(), z.object({ hashes: z.object({ sha256 }) })) }),
});

export async function playFirmware(device: ClaimedDevice): Promise<void> {
  const { judge, addresses, anchors, own } = device;
  const { ask, expectStatus } = asking(device);
  const path = `/firmware/${timestamp}`;
  await expectStatus("firmware", "who asks for metadata without a certificate", 401, ask({ method: "GET", path }));
  const { status } = await ask({ method: "GET", path, credentials: own });
  judge.judge(
    "firmware",
    status === 200 || status === 404,
    "It lets a claimed device ask which releases are signed.",
    `It answers a claimed device that asks which releases are signed with ${status}.`,
  );
  if (status !== 200) return judge.notSeen("firmware", "No release is signed there.");
  const content = `https://${addresses.host}:${addresses.https}/firmware`;
  const client = openClient({ ca: anchors, cert: own.certificate, key: own.key }, 2);
  const source: Source = { client, metadata: `${content}/metadata`, content };
  const octetsOf = (name: string) => download(source, `${content}/${name}`, largestManifest);
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    await judgeSigned();
    await judgeImage().catch((error: Error) =>
      judge.wrong("firmware", `What is signed there can't be fetched: ${error.message}.`),
    );
  } finally {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  }

  async function judgeSigned(): Promise<void> {
    const refused = await octetsOf(metadataName.root(1))
      .then((root) => refreshTrust(nodeDisk, folder, root, source, Date.now()))
      .then(
        () => undefined,
        (error: Error) => error.message,
      );
    judge.judge(
      "firmware",
      refused === undefined,
      "Its metadata is signed, in force and whole, as a TUF client finds it.",
      `Its metadata is refused by a TUF client: ${refused}.`,
    );
  }

  /** Finds its way without asking who signed: that was judged before. */
  async function judgeImage(): Promise<void> {
    const versionIn = async (name: string, of: string) => {
      const { meta } = versioned.parse(await jsonOf(name)).signed;
      return meta[of]?.version ?? 0;
    };
    const snapshot = await versionIn(timestamp, "snapshot.json");
    const targets = await versionIn(metadataName.snapshot(snapshot), "targets.json");
    const [first] = Object.entries(listed.parse(await jsonOf(metadataName.targets(targets))).signed.targets);
    if (!first) return judge.notSeen("firmware", "No release is signed there: whether it gives octets was not tried.");
    const [target, { hashes }] = first;
    const { image } = manifest.parse(await jsonOf(targetName(target, hashes.sha256)));
    const range = await client.get(`${content}/images/${image}`, { range: "bytes=3-18" });
    let octets = 0;
    for await (const part of range) {
      octets += part.length;
      if (octets > 16) break;
    }
    judge.judge(
      "firmware",
      range.statusCode === 206 && octets === 16,
      "It gives the octets of an image that it is asked for (Range), and no others.",
      `It answers a Range of 16 octets of an image with ${range.statusCode}${octets > 16 ? " and more of them" : ""}: a device could not go on inside a packet.`,
    );
  }

  async function jsonOf(name: string): Promise<unknown> {
    return JSON.parse((await octetsOf(name)).toString());
  }
}
