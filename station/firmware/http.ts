/** The station's requests for firmware: streamed, and never waiting for ever. */
import http from "node:http";
import https from "node:https";

export interface Tls {
  /** PEM: whom to trust. */
  ca: string;
  /** PEM: the station's certificate and key, for what only devices may see. */
  cert?: string;
  key?: string;
}

/** A connection that says nothing for so long is given up. Milliseconds. */
const patience = 30_000;

export interface Client {
  /** Rejects where there is no answer. The body is to be read, or destroyed. */
  get(url: string, headers?: Record<string, string>): Promise<http.IncomingMessage>;
  close(): void;
}

/** @param connections held open at once */
export function openClient(tls: Tls | undefined, connections: number): Client {
  const common = { keepAlive: true, maxSockets: connections, timeout: patience };
  const plain = new http.Agent(common);
  const secure = new https.Agent({ ...common, ...tls, minVersion: "TLSv1.2" });
  return {
    get(url, headers = {}) {
      return new Promise((resolve, reject) => {
        const isSecure = url.startsWith("https:");
        const options = { agent: isSecure ? secure : plain, headers, timeout: patience };
        const request = (isSecure ? https : http).get(url, options, resolve);
        request.once("timeout", () => request.destroy(new Error("nothing came for too long")));
        request.once("error", reject);
      });
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}
