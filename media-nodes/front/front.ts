/**
 * The one door to the edge from outside: portal, API, media nodes' links and LiveKit's signalling under one origin.
 * It takes away what only it may say, answers for its own host name alone, and bounds what a client can hold open.
 */
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { shareByAddress } from "../tls/shares.ts";
import { headersForEdge, hostAllowed, isSignalling } from "./headers.ts";
import { maxBody, proxyRequest, proxyUpgrade, refuse, refuseUpgrade, type Target } from "./proxy.ts";

export interface FrontOptions {
  origin: string;
  edgePort: number;
  livekitPort: number;
  /** Connections from one address. */
  perAddress?: number;
  /** Says whose connection was one too many. */
  onRefused?: (about: { address: string; reason: string }) => void;
  /** Milliseconds without an octet either way after which a connection ends, but for a WebSocket. */
  silence?: number;
  /** PEM files; with them it speaks HTTPS. */
  certificate?: { certificate: string; key: string };
}

/** Milliseconds. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};
/** Milliseconds: longer than the edge may take to begin its answer. */
const silence = 90_000;
/** Sockets held at once, by all clients together. */
const maxConnections = 10_000;

/** Makes the server; the caller lets it listen. */
export function makeFront(options: FrontOptions): http.Server | https.Server {
  const { origin, certificate } = options;

  const targetFor = (request: http.IncomingMessage): Target => {
    const arrival = {
      address: request.socket.remoteAddress ?? "",
      url: `${origin}${request.url?.startsWith("/") ? request.url : "/"}`,
    };
    const headers = headersForEdge(request.headers, arrival);
    if (!isSignalling(request.url ?? "")) return { port: options.edgePort, headers, name: "The edge" };
    const { "mf-original-url": _, ...plain } = headers;
    return { port: options.livekitPort, headers: plain, name: "LiveKit" };
  };

  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (!hostAllowed(request.headers.host, origin)) {
      return refuse(response, 421, "wrong-host", `This server answers for ${origin} only.`);
    }
    if (!request.url?.startsWith("/")) return refuse(response, 400, "bad-target", "The request target is not a path.");
    if (Number(request.headers["content-length"] ?? 0) > maxBody) {
      return refuse(response, 413, "too-large", "The body is too large.");
    }
    proxyRequest(request, response, targetFor(request));
  };

  const onUpgrade = (request: http.IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!hostAllowed(request.headers.host, origin)) {
      return refuseUpgrade(socket, 421, "wrong-host", `This server answers for ${origin} only.`);
    }
    if (request.headers.upgrade?.toLowerCase() !== "websocket" || !request.url?.startsWith("/")) {
      return refuseUpgrade(socket, 400, "bad-upgrade", "Only WebSockets are spoken here.");
    }
    proxyUpgrade(request, socket, head, targetFor(request));
  };

  const server = certificate
    ? https.createServer(
        {
          ...limits,
          cert: readFileSync(certificate.certificate),
          key: readFileSync(certificate.key),
          minVersion: "TLSv1.2",
        },
        onRequest,
      )
    : http.createServer(limits, onRequest);
  server.maxConnections = maxConnections;
  shareByAddress(server, options.onRefused ?? (() => undefined), options.perAddress);
  // Who asks and doesn't read holds one of the connections to the edge, that all requests share.
  server.timeout = options.silence ?? silence;
  server.on("upgrade", onUpgrade);
  server.on("connection", (socket) => socket.setNoDelay(true));
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}
