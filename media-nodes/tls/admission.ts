/**
 * Who may come in by a certificate, and who has to go. Every listener that devices reach asks after each handshake, and holds
 * what came in by which certificate, so that it ends when that is revoked. Certificates are looked up at the edge: a good
 * answer is kept for a minute at most, any other not at all. While the edge can't be asked nobody new gets in, and who is in
 * stays.
 */
import type { Logger } from "pino";
import {
  type CertificateStatus,
  certificateStatuses,
  mostCertificates,
  revocations,
  statusKept,
} from "#core/messages/claiming.ts";
import { inBatches } from "../edge/batches.ts";
import { edgeRequests } from "../edge/requests.ts";

export interface AdmissionOptions {
  /** Where the edge is reached from here, http(s)://… */
  edgeUrl: string;
  /** The media node's bearer token. */
  token: string;
  log: Pick<Logger, "info" | "warn">;
  /** How often the edge is asked what was revoked. Milliseconds; so long a connection outlives its certificate at most. */
  every?: number;
}

export interface Admission {
  /** Whether this certificate is good now. Rejects where the edge can't be asked. */
  admit(serial: string): Promise<boolean>;
  /** Has `end` called when the certificate is revoked. @returns what to call when the connection ended by itself */
  hold(serial: string, end: () => void): () => void;
  /** These were revoked: what came in by them ends. */
  revoked(serials: readonly string[]): void;
  close(): void;
}

export function newAdmission({ edgeUrl, token, log, every = 15_000 }: AdmissionOptions): Admission {
  const good = new Map<string, number>();
  const asking = new Map<string, Promise<CertificateStatus>>();
  const held = new Map<string, Set<() => void>>();
  const ask = edgeRequests(edgeUrl, token);
  const statusOf = inBatches<string, CertificateStatus>({
    most: mostCertificates,
    keyOf: (serial) => serial,
    async send(serials) {
      const response = await ask("POST", "/media-node/certificates", { serials });
      return certificateStatuses.parse(await response.json()).statuses;
    },
  });
  let since = Date.now() - statusKept;

  async function lookUp(serial: string): Promise<CertificateStatus> {
    const status = await statusOf(serial);
    if (status.status === "good") good.set(serial, Date.now() + statusKept);
    return status;
  }

  function revoked(serials: readonly string[]): void {
    for (const serial of serials) {
      good.delete(serial);
      const ends = held.get(serial);
      if (!ends) continue;
      held.delete(serial);
      log.info({ event: "revoked", serial, connections: ends.size }, "certificate revoked, its connections end");
      for (const end of ends) end();
    }
  }

  let failing = false;
  async function poll(): Promise<void> {
    try {
      const { serials, next } = revocations.parse(
        await (await ask("GET", `/media-node/revocations?since=${since}`)).json(),
      );
      since = next;
      failing = false;
      revoked(serials);
    } catch (error) {
      if (!failing) log.warn({ reason: error instanceof Error ? error.message : "" }, "revocations can't be asked for");
      failing = true;
    }
    const now = Date.now();
    for (const [serial, until] of good) if (until <= now) good.delete(serial);
  }
  let timer = setTimeout(async function again() {
    await poll();
    if (!closed) timer = setTimeout(again, every);
  }, every);
  let closed = false;

  return {
    async admit(serial) {
      if ((good.get(serial) ?? 0) > Date.now()) return true;
      const asked = asking.get(serial) ?? lookUp(serial).finally(() => asking.delete(serial));
      asking.set(serial, asked);
      return (await asked).status === "good";
    },
    hold(serial, end) {
      const ends = held.get(serial) ?? new Set();
      ends.add(end);
      held.set(serial, ends);
      return () => {
        ends.delete(end);
        if (ends.size === 0 && held.get(serial) === ends) held.delete(serial);
      };
    },
    revoked,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
