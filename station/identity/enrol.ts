/**
 * From the factory certificate to an operational one, by EST (RFC 7030): asks until the station is claimed, says when somebody
 * presses meanwhile, and renews when two thirds of a certificate's life are over.
 */
import { X509Certificate } from "node:crypto";
import type { Reporter } from "../events.ts";
import { anchorsAfter, isBy } from "./anchors.ts";
import { askCloud, type CloudHttps } from "./cloud-https.ts";
import { type Credentials, deviceIdIn, type KeptIdentity } from "./kept-identity.ts";
import { certificatesIn, makeKey, requestFor } from "./key-request.ts";

export interface Enrolling {
  cloud: CloudHttps;
  identity: KeptIdentity;
  report: Reporter;
  /** By the station's own clock. Milliseconds since the epoch. */
  now(): number;
  /** Forgets what its owner set and what happened at the station: it is to be another's, or nobody's. */
  forget(): void;
}

/** The cloud does not let this station in, until its owner allows it again. */
export class Refused extends Error {}

/** Milliseconds. */
const firstPause = 500;
const longestPause = 30_000;

const est = (operation: string) => `/.well-known/est/${operation}`;

/**
 * Asks for a certificate. Where the station is another's by now, or nobody's, what was its owner's is forgotten first: the power
 * may fail between the two, and who has it next is to find nothing of that.
 */
async function certify(
  { cloud, identity, forget }: Enrolling,
  operation: "simpleenroll" | "simplereenroll",
  credentials: Credentials,
  renewing?: { deviceId: string; certificate: string },
): Promise<"done" | { waits: number }> {
  const key = identity.nextKey ?? (await makeKey());
  if (key !== identity.nextKey) identity.keepNextKey(key);
  const answer = await askCloud(cloud, {
    method: "POST",
    path: est(operation),
    credentials,
    anchors: identity.anchors,
    body: {
      type: "application/pkcs10",
      text: await requestFor(key, renewing?.deviceId ?? "station", renewing?.certificate),
      encoding: "base64",
    },
  });
  const owned = identity.operational?.deviceId;
  if (answer.status === 202) {
    if (owned !== undefined) {
      forget();
      identity.giveUp();
    }
    return { waits: (answer.retryAfter ?? 5) * 1000 };
  }
  if (answer.status === 400 || answer.status === 403) throw new Refused(reasonOf(answer.text));
  if (answer.status !== 200) throw new Error(`the cloud answered ${answer.status}`);
  const [certificate] = certificatesIn(answer.text);
  if (certificate === undefined) throw new Error("the cloud sent no certificate");
  const named = deviceIdIn(certificate);
  if (named === undefined) throw new Error("the cloud's certificate names no device");
  if (owned !== undefined && named !== owned) forget();
  identity.keepCertificate(certificate);
  return "done";
}

/** The authorities that the cloud names now, by who is trusted. PEM. Rejects where the cloud can't be reached. */
async function authoritiesOf(cloud: CloudHttps, anchors: string): Promise<string[]> {
  const answer = await askCloud(cloud, { method: "GET", path: est("cacerts"), anchors });
  if (answer.status !== 200) throw new Error(`the cloud answered ${answer.status}`);
  return certificatesIn(answer.text);
}

/**
 * Whether the station's certificate is by none of the authorities that the cloud names now: then it counts no more, and no connection
 * by it is answered. Rejects where the cloud can't be reached.
 */
export async function isDisowned({ cloud, identity }: Enrolling): Promise<boolean> {
  const { operational } = identity;
  if (!operational) return false;
  const own = new X509Certificate(operational.certificate);
  const named = await authoritiesOf(cloud, identity.anchors);
  return !named.some((one) => isBy(own, new X509Certificate(one)));
}

/**
 * Learns whom to trust from now on: that is how the cloud changes its authorities. Rejects where the cloud can't be reached, also
 * by what it would have us trust: then everything stays as it was.
 */
export async function learnAnchors({ cloud, identity, report }: Enrolling): Promise<void> {
  const next = anchorsAfter(identity.anchors, await authoritiesOf(cloud, identity.anchors));
  if (next === identity.anchors) return;
  await authoritiesOf(cloud, next);
  identity.keepAnchors(next);
  report({ event: "anchors" });
}

export interface Waiting {
  /** Somebody pressed at the unclaimed station. */
  pressed(): void;
  /** Resolves when the station has its certificate. Rejects when it is ended. */
  readonly enrolled: Promise<void>;
  end(): void;
}

/** Asks for the first certificate until it is there. */
export function enrol(enrolling: Enrolling): Waiting {
  const { cloud, identity, report } = enrolling;
  const { factory } = identity;
  const ended = new AbortController();
  let wake = () => {};
  let failures = 0;
  let told = false;
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function present(credentials: Credentials): Promise<void> {
    const answer = await askCloud(cloud, {
      method: "POST",
      path: "/device/presence",
      credentials,
      anchors: identity.anchors,
    });
    if (answer.status !== 204) throw new Error(`the cloud answered ${answer.status}`);
    report({ event: "present" });
  }

  let pressing = false;
  /** Since it last asked. */
  let pressedAgain = false;
  async function run(): Promise<void> {
    if (!factory) throw new Error("This station has no factory certificate.");
    for (;;) {
      ended.signal.throwIfAborted();
      let waits: number;
      try {
        pressedAgain = false;
        if (pressing) {
          await present(factory);
          pressing = pressedAgain;
        }
        const outcome = await certify(enrolling, "simpleenroll", factory);
        if (outcome === "done") return report({ event: "enrolled", deviceId: identity.operational?.deviceId ?? "" });
        if (!told) report({ event: "unclaimed", code: identity.label?.code ?? "" });
        told = true;
        failures = 0;
        waits = outcome.waits;
      } catch (error) {
        const reason = error instanceof Error ? error.message : "unknown";
        report({ event: error instanceof Refused ? "refused" : "cloud-away", reason });
        waits = Math.min(longestPause, firstPause * 2 ** failures++) * (0.5 + Math.random() / 2);
      }
      if (!pressedAgain) await pause(waits);
    }
  }

  return {
    pressed() {
      pressing = true;
      pressedAgain = true;
      wake();
    },
    enrolled: run(),
    end() {
      ended.abort(new Error("ended"));
      wake();
    },
  };
}

/**
 * A new certificate by the factory's, for a station that has one that counts no more. Rejects with {@link Refused} while it is
 * blocked, and where there is no factory's. Afterwards the station may be another's, or nobody's.
 */
export async function enrolAgain(enrolling: Enrolling): Promise<void> {
  const { factory } = enrolling.identity;
  if (!factory) throw new Error("This station has no factory certificate.");
  if ((await certify(enrolling, "simpleenroll", factory)) === "done")
    enrolling.report({ event: "enrolled", deviceId: enrolling.identity.operational?.deviceId ?? "" });
}

/** The next certificate, by the one that lasts still. Rejects where there is none to be had now. */
export async function renew(enrolling: Enrolling): Promise<void> {
  const { operational } = enrolling.identity;
  if (!operational) throw new Error("there is nothing to renew");
  await certify(enrolling, "simplereenroll", operational, operational);
  enrolling.report({ event: "renewed" });
}

/** Back to how it left the factory. That frees no station: it is its owner's again when it next asks for a certificate. */
export function resetToFactory({ identity, report, forget }: Enrolling): void {
  forget();
  identity.reset();
  report({ event: "reset" });
}

function reasonOf(text: string): string {
  try {
    const { detail } = JSON.parse(text);
    return typeof detail === "string" ? detail : "The cloud refused.";
  } catch {
    return "The cloud refused.";
  }
}
