/** What the edge's process is told by its environment. */
import { z } from "zod";
import { authorityFiles } from "./authorities.ts";

const schema = z.object({
  DATA_DIR: z.string(),
  MINIFLARE_PORT: z.coerce.number().int().min(1).max(65_535),
  /** The worker's own secrets and addresses, handed on to it unread (see workers/env.ts). */
  DATABASE_URL: z.string(),
  NEON_FETCH_ENDPOINT: z.string(),
  AUTH_SECRET: z.string(),
  URL_SECRET: z.string(),
  CLAIM_CODE_SECRET: z.string(),
  CAMERA_CREDENTIALS_KEY: z.string(),
  CRL_URL: z.string(),
  FIRMWARE_TIMESTAMP_KEY: z.string(),
  FIRMWARE_TOKEN: z.string(),
  MEDIA_NODE_TOKEN: z.string(),
  LIVEKIT_API_KEY: z.string(),
  LIVEKIT_API_SECRET: z.string(),
  LIVEKIT_URL: z.string(),
  PUBLIC_ORIGIN: z.string(),
  STUN_URL: z.string(),
  MAIL_URL: z.string(),
  CALL_LIMIT_S: z.string(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
});

const { DATA_DIR: _, MINIFLARE_PORT: __, ...told } = schema.shape;
/** The names of what the worker itself has to be told, wherever it runs. */
export const workerVariables = [
  ...Object.entries(told)
    .filter(([, one]) => !(one instanceof z.ZodOptional))
    .map(([name]) => name),
  ...Object.keys(authorityFiles),
];

export interface EdgeSettings {
  dataDir: string;
  port: number;
  bindings: Record<string, string>;
}

/** Throws with the names of what is missing, never with a value. */
export function edgeSettings(environment: NodeJS.ProcessEnv): EdgeSettings {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    throw new Error(`the edge lacks ${parsed.error.issues.map((issue) => issue.path.join(".")).join(", ")}`);
  }
  const { DATA_DIR, MINIFLARE_PORT, ...bindings } = parsed.data;
  return { dataDir: DATA_DIR, port: MINIFLARE_PORT, bindings };
}
