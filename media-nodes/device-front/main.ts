/** Runs the devices' front: everything on one port, and on another the lines of their logs alone. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Server } from "node:https";
import { isIP } from "node:net";
import { join } from "node:path";
import pino from "pino";
import { z } from "zod";
import { connectionsPerAddress } from "#core/device/connections.ts";
import { deviceAuthorityIn } from "../pki/device-authority.ts";
import { newAdmission } from "../tls/admission.ts";
import { type DeviceFrontOptions, makeDeviceFront } from "./front.ts";
import { keepImages } from "./kept-images.ts";

const log = pino({ base: { part: "device-front" } });
const port = z.coerce.number().int().min(1).max(65_535);
const settings = z
  .object({
    DATA_DIR: z.string(),
    PUBLIC_HOST: z.string(),
    BIND_ADDRESS: z.string(),
    DEVICE_HTTPS_PORT: port,
    LOG_PORT: port,
    CONNECTIONS_PER_ADDRESS: connectionsPerAddress,
    MINIFLARE_PORT: port,
    MEDIA_NODE_TOKEN: z.string(),
  })
  .parse(process.env);

const pki = join(settings.DATA_DIR, "pki");
const { root, issuers } = await deviceAuthorityIn(pki);
const host = isIP(settings.PUBLIC_HOST) === 6 ? `[${settings.PUBLIC_HOST}]` : settings.PUBLIC_HOST;
const admission = newAdmission({
  edgeUrl: `http://127.0.0.1:${settings.MINIFLARE_PORT}`,
  token: settings.MEDIA_NODE_TOKEN,
  log,
});
const credentials = {
  certificate: readFileSync(join(pki, "server.pem")),
  key: readFileSync(join(pki, "server.key")),
  deviceAuthority: [...issuers, root],
};
const images = keepImages({ folder: join(settings.DATA_DIR, "images"), edgePort: settings.MINIFLARE_PORT, log });

function listen(port: number, carries: DeviceFrontOptions["carries"]): Server {
  const server = makeDeviceFront({
    origin: new URL(`https://${host}:${port}`).origin,
    carries,
    edgePort: settings.MINIFLARE_PORT,
    token: settings.MEDIA_NODE_TOKEN,
    ...credentials,
    admission,
    images,
    perAddress: settings.CONNECTIONS_PER_ADDRESS,
    log,
  });
  server.on("error", (error) => {
    log.fatal({ err: error }, "can't listen");
    process.exit(1);
  });
  return server.listen(port, settings.BIND_ADDRESS, () => log.info({ port, carries }, "ready"));
}
const servers = [listen(settings.LOG_PORT, "logs"), listen(settings.DEVICE_HTTPS_PORT, "everything")];

async function end() {
  admission.close();
  const closed = servers.map((server) => once(server.close(), "close"));
  for (const server of servers) server.closeAllConnections();
  await Promise.all(closed);
  process.exit(0);
}
process.on("SIGTERM", end).on("SIGINT", end);
