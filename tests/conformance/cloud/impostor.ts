/** Somebody who answers in the cloud's place, with a certificate that the device's trust anchor does not vouch for. */
import { once } from "node:events";
import { createServer } from "node:tls";
import { issueServerCertificate, makeAuthority } from "#media-nodes/pki/issue.ts";

/** `refused`: the first who came left without a word. `believed`: they spoke. `nobody`: nobody came in time. */
export type Met = "refused" | "believed" | "nobody";

/** Listens until the first connection has ended or spoken, and leaves the port free. Rejects where it is taken. */
export async function standIn(
  { host, port, name }: { host: string; port: number; name: string },
  within: number,
): Promise<Met> {
  const { certificate, key } = await issueServerCertificate(await makeAuthority("Somebody else"), [name]);
  const server = createServer({ cert: certificate, key, minVersion: "TLSv1.2" });
  server.listen(port, host);
  await once(server, "listening");
  const met = await new Promise<Met>((resolve) => {
    const patience = setTimeout(() => resolve("nobody"), within);
    const end = (how: Met) => {
      clearTimeout(patience);
      resolve(how);
    };
    server.on("tlsClientError", () => end("refused"));
    server.on("secureConnection", (socket) => {
      socket.on("error", () => undefined);
      // Octets of the application: a request, a CONNECT, a REGISTER.
      socket.once("data", () => {
        end("believed");
        socket.destroy();
      });
      socket.once("close", () => end("refused"));
    });
  });
  server.close();
  return met;
}
