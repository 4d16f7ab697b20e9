/** Somebody who answers in the cloud's place, with a certificate that the device's trust anchor does not vouch for. */
import { once } from "node:events";
import { createServer } from "node:tls";
import { issueServerCertificate, makeAuthority } from "#media-nodes/pki/issue.ts";

/** `refused`: the first who came left without a word. `believed`: they spoke. `nobody`: nobody came in time. */
export type Met = "refused" | "believed" | "nobody";

export interface Impostor {
  /** Waits until the first connection has ended or spoken, at most so many milliseconds, and leaves the port free. */
  met(within: number): Promise<Met>;
}

/** Resolves once it listens. Rejects where the port is taken. */
export async function standIn({ host, port, name }: { host: string; port: number; name: string }): Promise<Impostor> {
  const { certificate, key } = await issueServerCertificate(await makeAuthority("Somebody else"), [name]);
  const server = createServer({ cert: certificate, key, minVersion: "TLSv1.2" });
  const first = Promise.withResolvers<Met>();
  server.on("tlsClientError", () => first.resolve("refused"));
  server.on("secureConnection", (socket) => {
    socket.on("error", () => undefined);
    // Octets of the application: a request, a CONNECT, a REGISTER.
    socket.once("data", () => {
      first.resolve("believed");
      socket.destroy();
    });
    socket.once("close", () => first.resolve("refused"));
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    async met(within) {
      const patience = setTimeout(first.resolve, within, "nobody");
      const met = await first.promise;
      clearTimeout(patience);
      server.close();
      return met;
    },
  };
}
