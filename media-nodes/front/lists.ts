/**
 * Revocation lists over plain HTTP, for whoever checks a certificate of ours: a list is signed, and over TLS it would have to
 * be had before the connection that fetches it (RFC 5280 §8). Nothing else is had here, and nothing a client sent goes on.
 */
import http from "node:http";
import { shareByAddress } from "../tls/shares.ts";
import { proxyRequest, refuse } from "./proxy.ts";

export interface ListFrontOptions {
  /** Where the lists are, http://…: as certificates name it. */
  url: string;
  edgePort: number;
  /** Connections from one address. */
  perAddress?: number;
}

const list = /^\/crl\/[0-9a-z-]{1,40}\.crl$/;
/** Milliseconds. */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
};
/** Sockets held at once, by all clients together, and by those of one address: each fetches a list, and is done. */
const maxConnections = 2_000;
const usualPerAddress = 200;

/** Makes the server; the caller lets it listen. */
export function makeListFront({ url, edgePort, perAddress = usualPerAddress }: ListFrontOptions): http.Server {
  const server = http.createServer(limits, (request, response) => {
    const { method, url: path = "" } = request;
    if (!list.test(path)) return refuse(response, 404, "not-found", "Revocation lists are had here, and nothing else.");
    if (method !== "GET" && method !== "HEAD")
      return refuse(response, 405, "method-not-allowed", "A revocation list is fetched by GET.");
    const headers = { "mf-original-url": `${new URL(url).origin}${path}` };
    proxyRequest(request, response, { port: edgePort, headers, name: "The edge" });
  });
  server.maxConnections = maxConnections;
  shareByAddress(server, () => undefined, perAddress);
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}
