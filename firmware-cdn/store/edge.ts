/** The bucket of a platform on one machine, by way of the edge's upload routes (workers/firmware/store.ts). */
import { z } from "zod";
import { type ObjectStore, TakenError } from "./store.ts";

export interface EdgeOptions {
  /** Where the edge is reached, http or https. */
  origin: string;
  /** FIRMWARE_TOKEN of that platform. */
  token: string;
}

const begun = z.object({ upload: z.string() });
const stored = z.object({ etag: z.string() });
/** Milliseconds for one part. */
const patience = 120_000;

export function edgeStore({ origin, token }: EdgeOptions): ObjectStore {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${origin}/firmware/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
      signal: AbortSignal.timeout(patience),
    });

  async function demand(path: string, init: RequestInit): Promise<Response> {
    const response = await ask(path, init);
    if (response.status === 412) throw new TakenError(path);
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    return response;
  }

  const put = async (name: string, body: Uint8Array<ArrayBuffer>, condition: Record<string, string>) => {
    await demand(name, { method: "PUT", body, headers: condition });
  };

  return {
    async read(name) {
      const response = await ask(name);
      if (response.status === 404) return undefined;
      if (!response.ok) throw new Error(`${name} was answered with ${response.status}`);
      return { octets: new Uint8Array(await response.arrayBuffer()), etag: response.headers.get("etag") ?? "" };
    },
    create: (name, octets) => put(name, octets, { "if-none-match": "*" }),
    replace: (name, octets, etag) => put(name, octets, { "if-match": etag }),
    async sizeOf(name) {
      const response = await ask(name, { method: "HEAD" });
      return response.ok ? Number(response.headers.get("content-length")) : undefined;
    },
    async upload(name, _size, parts, onPart) {
      const { upload } = begun.parse(await (await demand(`${name}/uploads`, { method: "POST" })).json());
      const at = `${name}/uploads/${encodeURIComponent(upload)}`;
      try {
        const etags: { partNumber: number; etag: string }[] = [];
        let sent = 0;
        for await (const body of parts) {
          const partNumber = etags.length + 1;
          const response = await demand(`${at}/${partNumber}`, { method: "PUT", body });
          etags.push({ partNumber, etag: stored.parse(await response.json()).etag });
          sent += body.length;
          onPart(sent);
        }
        const headers = { "content-type": "application/json" };
        await demand(at, { method: "POST", headers, body: JSON.stringify({ parts: etags }) });
      } catch (error) {
        await ask(at, { method: "DELETE" }).catch(() => undefined);
        throw error;
      }
    },
  };
}
