/**
 * The doors for devices: HTTPS with client certificates, in front of the edge. It sees to it that who shows a certificate has
 * its key, asks for the status of ours, and hands the certificate on as `Client-Cert` (RFC 9440) under the media node's own
 * token: from outside neither gets through. Factory certificates go on unjudged; the edge knows their makers.
 */
import https from "node:https";
import type { TLSSocket } from "node:tls";
import type { Logger } from "pino";
import { connectionsPerCertificate, streams, usualPerAddress } from "#core/device/connections.ts";
import { headersForEdge, hostAllowed } from "../front/headers.ts";
import { proxyRequest, refuse } from "../front/proxy.ts";
import type { Admission } from "../tls/admission.ts";
import { type Credentials, deviceTls, issuedByOneOf, serialOf } from "../tls/device-tls.ts";
import { newShares, shareByAddress } from "../tls/shares.ts";
import type { KeptImages } from "./kept-images.ts";

export interface DeviceFrontOptions extends Credentials {
  /** https://host:port, as devices know it. */
  origin: string;
  /** What of the edge is reached here: everything that is for devices, or lines of logs alone. */
  carries: keyof typeof reached;
  edgePort: number;
  token: string;
  admission: Pick<Admission, "admit" | "hold">;
  images: KeptImages;
  /** Connections from one address; where logs go a tenth of them. */
  perAddress?: number;
  /** Milliseconds without an octet after which a connection ends. */
  silence?: number;
  log: Pick<Logger, "warn">;
}

/**
 * By what a front carries: the paths of the edge, whether there is anything for who shows no certificate of ours, the milliseconds a
 * request may take to come, and the sockets of all devices together, by one certificate, and which part of an address's.
 */
const reached = {
  everything: {
    paths: /^\/(\.well-known\/est|device|firmware|maker)\//,
    anybody: true,
    requestTimeout: 120_000,
    maxConnections: 20_000,
    perCertificate: connectionsPerCertificate,
    ofAnAddress: 1,
  },
  // Each of these holds a connection to the edge for as long as its device has something to say.
  logs: {
    paths: /^\/device\/log$/,
    anybody: false,
    requestTimeout: 15 * 60_000,
    maxConnections: 2_000,
    ...streams,
  },
} as const;
/** Seconds. */
const retryAfter = 60;
/** Milliseconds: longer than a device waits for an answer, and than it says nothing in a log's request. */
const silence = 90_000;
/** Milliseconds. */
const limits = {
  headersTimeout: 10_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
};

/** Whether a connection's certificate is good, where it is one of ours; found out once a connection. */
const judged = new WeakMap<TLSSocket, Promise<boolean>>();

/** Those that were one too many by their certificate. */
const surplus = new WeakSet<TLSSocket>();

/** Makes the server; the caller lets it listen. */
export function makeDeviceFront(options: DeviceFrontOptions): https.Server {
  const { origin, admission, log } = options;
  const { paths, anybody, requestTimeout, maxConnections, perCertificate, ofAnAddress } = reached[options.carries];
  const counts = issuedByOneOf(options.deviceAuthority);
  const server = https.createServer({
    ...limits,
    requestTimeout,
    // No authority is named to anybody: who has a maker's certificate would not show it to a list of ours alone.
    ...deviceTls({ ...options, deviceAuthority: anybody ? [] : options.deviceAuthority }),
    rejectUnauthorized: !anybody,
  });
  server.maxConnections = maxConnections;
  server.timeout = options.silence ?? silence;
  const onRefused = (about: { address: string; reason: string }) =>
    log.warn({ event: "refused", carries: options.carries, ...about }, "connection refused");
  shareByAddress(server, onRefused, Math.ceil(ofAnAddress * (options.perAddress ?? usualPerAddress)));
  const devices = newShares(perCertificate);

  server.on("secureConnection", (socket: TLSSocket) => {
    const certificate = socket.getPeerX509Certificate();
    // Whether it has ended, its status tells.
    if (!certificate || !counts(certificate)) return anybody ? undefined : void socket.destroy();
    const serial = serialOf(certificate);
    if (!devices.take(serial, socket)) surplus.add(socket);
    const isGood = admission.admit(serial).catch(() => false);
    judged.set(socket, isGood);
    socket.once(
      "close",
      admission.hold(serial, () => socket.destroy()),
    );
    void isGood.then((good) => {
      if (good) return;
      log.warn({ event: "refused", address: socket.remoteAddress, serial }, "certificate not good");
      socket.destroy();
    });
  });

  server.on("request", async (request, response) => {
    const { socket } = request;
    if (!isTls(socket)) return void socket.destroy();
    if (!hostAllowed(request.headers.host, origin))
      return refuse(response, 421, "wrong-host", `This server answers for ${origin} only.`);
    // As the edge will read it: `..` must not lead out of what is for devices, where our token is worth more.
    const path = request.url?.startsWith("/") ? new URL(`${origin}${request.url}`).pathname : "";
    if (!paths.test(path)) return refuse(response, 404, "not-found", "There is nothing here for a device.");
    if ((await judged.get(socket)) === false) return void socket.destroy();
    if (surplus.has(socket)) {
      response.setHeader("retry-after", retryAfter);
      const detail = `One certificate holds ${perCertificate} connections here at most.`;
      return refuse(response, 503, "too-many-connections", detail);
    }
    if (await options.images.answer(path, request, response)) return;
    const arrival = { address: socket.remoteAddress ?? "", url: `${origin}${request.url}` };
    const { raw } = socket.getPeerCertificate();
    const headers = {
      ...headersForEdge(request.headers, arrival),
      authorization: `Bearer ${options.token}`,
      ...(raw ? { "client-cert": `:${raw.toString("base64")}:` } : {}),
    };
    proxyRequest(request, response, { port: options.edgePort, headers, name: "The edge" });
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

const isTls = (socket: object): socket is TLSSocket => "getPeerCertificate" in socket;
