/** Learns over HTTPS what the station is to be, and says what it is: once a start, and again until that succeeded. */
import { desiredMessage } from "#core/device/configuration.ts";
import type { Up } from "#core/messages/device.ts";
import type { Configured } from "../cloud/configured.ts";
import { askCloud, type CloudHttps } from "./cloud-https.ts";
import type { KeptIdentity } from "./kept-identity.ts";

/** What runs on the station. */
export type Running = Pick<Up<"reported">, "firmware" | "release">;

/** Rejects where the cloud can't be reached, or does not let this station in, and where it is left before it has said anything. */
export async function configure(
  cloud: CloudHttps,
  identity: KeptIdentity,
  configured: Configured,
  running: Running,
  left: AbortSignal,
): Promise<void> {
  const { operational, anchors, label } = identity;
  if (!operational) return;
  const common = { credentials: operational, anchors };
  const wanted = await askCloud(cloud, { ...common, method: "GET", path: "/device/configuration" });
  left.throwIfAborted();
  if (wanted.status === 200) configured.apply(desiredMessage.parse(JSON.parse(wanted.text)));
  else if (wanted.status !== 204) throw new Error(`the cloud answered ${wanted.status}`);
  const reported = { ...configured.report(), ...running, ...(label ? { revision: label.revision } : {}) };
  const text = JSON.stringify(reported);
  const said = await askCloud(cloud, {
    ...common,
    method: "POST",
    path: "/device/reported",
    body: { type: "application/json", text },
  });
  if (said.status !== 204) throw new Error(`the cloud answered ${said.status}`);
}
