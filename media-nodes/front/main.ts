/** Runs the front. */
import pino from "pino";
import { z } from "zod";
import { connectionsPerAddress } from "#core/device/connections.ts";
import { makeFront } from "./front.ts";
import { makeListFront } from "./lists.ts";

const log = pino({ base: { part: "front" } });
const port = z.coerce.number().int().min(1).max(65_535);
const settings = z
  .object({
    PUBLIC_ORIGIN: z.url(),
    BIND_ADDRESS: z.string(),
    EDGE_PORT: port,
    CRL_PORT: port,
    CRL_URL: z.url(),
    MINIFLARE_PORT: port,
    LIVEKIT_PORT: port,
    CONNECTIONS_PER_ADDRESS: connectionsPerAddress,
    TLS_CERTIFICATE: z.string().optional(),
    TLS_KEY: z.string().optional(),
  })
  .parse(process.env);

const { TLS_CERTIFICATE: certificate, TLS_KEY: key } = settings;
const front = makeFront({
  origin: settings.PUBLIC_ORIGIN,
  edgePort: settings.MINIFLARE_PORT,
  livekitPort: settings.LIVEKIT_PORT,
  perAddress: settings.CONNECTIONS_PER_ADDRESS,
  onRefused: (about) => log.warn({ event: "refused", ...about }, "connection refused"),
  ...(certificate && key ? { certificate: { certificate, key } } : {}),
});
const lists = makeListFront({ url: settings.CRL_URL, edgePort: settings.MINIFLARE_PORT });
const listeners = [
  { server: lists, port: settings.CRL_PORT },
  { server: front, port: settings.EDGE_PORT },
];
for (const { server, port } of listeners) {
  server.listen(port, settings.BIND_ADDRESS, () => log.info({ port }, "ready"));
  server.on("error", (error) => {
    log.fatal({ err: error, port }, "can't listen");
    process.exit(1);
  });
}

function end() {
  front.close(() => process.exit(0));
  lists.close();
  for (const { server } of listeners) server.closeAllConnections();
  // WebSockets are no connections of the server's any more: they end with the process.
  setTimeout(() => process.exit(0), 500).unref();
}
process.on("SIGTERM", end).on("SIGINT", end);
