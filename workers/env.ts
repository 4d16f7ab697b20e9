/** What the worker is bound to. `wrangler.toml` names the bindings; secrets and addresses come from the environment. */
import type { CallSession } from "./calls/call-session.ts";
import type { MediaNodeLink } from "./calls/media-node-link.ts";
import type { Switchboard } from "./calls/switchboard.ts";
import type { DeviceLink } from "./devices/device-link.ts";

export interface Env {
  CALL_SESSION: DurableObjectNamespace<CallSession>;
  SWITCHBOARD: DurableObjectNamespace<Switchboard>;
  MEDIA_NODE_LINK: DurableObjectNamespace<MediaNodeLink>;
  DEVICE_LINK: DurableObjectNamespace<DeviceLink>;
  SNAPSHOTS: R2Bucket;
  FIRMWARE: R2Bucket;
  LOGS: R2Bucket;
  ASSETS: Fetcher;
  DATABASE_URL: string;
  /** Where Neon's HTTP driver finds Postgres. */
  NEON_FETCH_ENDPOINT: string;
  AUTH_SECRET: string;
  /** Signs the addresses of snapshots. */
  URL_SECRET: string;
  /** Claim codes are kept as HMACs under this. */
  CLAIM_CODE_SECRET: string;
  /** Cameras' credentials are sealed under this: an AES-256 key in base64url. */
  CAMERA_CREDENTIALS_KEY: string;
  /** PEM: the root of the devices' certificates. */
  ROOT_CERTIFICATE: string;
  /** PEM: the root's revocation list, which speaks for the authorities that issue. */
  ROOT_LIST: string;
  /** PEM: the authority that issues devices' certificates, and after it those that did before; their keys (PKCS #8) in the same order. */
  ISSUING_CERTIFICATE: string;
  ISSUING_KEY: string;
  /** PEM: who signs the certificates that devices meet our servers by, and after it what leads there from those before and back. */
  SERVER_AUTHORITY: string;
  /** Where the parts of the revocation list are fetched, without a slash at its end. Plain HTTP (RFC 5280 §4.2.1.13). */
  CRL_URL: string;
  /** Signs the firmware's TUF timestamp: an Ed25519 seed in base64url. */
  FIRMWARE_TIMESTAMP_KEY: string;
  /** The bearer token by which firmware is published to this bucket. */
  FIRMWARE_TOKEN: string;
  /** The bearer token by which a media node proves itself. */
  MEDIA_NODE_TOKEN: string;
  LIVEKIT_API_KEY: string;
  LIVEKIT_API_SECRET: string;
  /** ws(s) origin at which browsers reach LiveKit's signalling. */
  LIVEKIT_URL: string;
  /** http(s) origin of the portal and the API. */
  PUBLIC_ORIGIN: string;
  STUN_URL: string;
  /** HTTP endpoint that takes mails to send. */
  MAIL_URL: string;
  /** Talks end after so many seconds, where that is sooner than the data sheet says (core/call/talk-time.ts). */
  CALL_LIMIT_S?: string;
  /** The base of an OTLP receiver over HTTP. Without it no traces are kept. */
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}
