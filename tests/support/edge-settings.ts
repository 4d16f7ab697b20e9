/** Settings of an edge that a test starts by itself, without the parts round it. */
import { type EdgeSettings, edgeSettings } from "#media-nodes/edge/settings.ts";

/** Whatever a test does not name is there and leads nowhere. */
export function testEdgeSettings(about: {
  port: number;
  dataDir: string;
  database?: { applicationUrl: string; doors: string };
}): EdgeSettings {
  return edgeSettings({
    DATA_DIR: about.dataDir,
    MINIFLARE_PORT: String(about.port),
    DATABASE_URL: about.database?.applicationUrl ?? "postgres://none:none@localhost/none",
    NEON_FETCH_ENDPOINT: `${about.database?.doors ?? "http://127.0.0.1:1"}/sql`,
    AUTH_SECRET: "test-auth-secret-of-32-characters",
    URL_SECRET: "test-url-secret-of-32-characters",
    CLAIM_CODE_SECRET: "test-claim-code-secret-of-32-characters",
    CAMERA_CREDENTIALS_KEY: "YS1jYW1lcmEta2V5LWZvci10ZXN0cy0zMi1vY3RldHM",
    CRL_URL: "http://localhost:8080/crl",
    FIRMWARE_TIMESTAMP_KEY: "dGVzdC1maXJtd2FyZS1zZWVkLW9mLTMyLW9jdGV0cy4",
    FIRMWARE_TOKEN: "test-firmware-token-of-32-characters",
    MEDIA_NODE_TOKEN: "test-media-node-token",
    LIVEKIT_API_KEY: "test-key",
    LIVEKIT_API_SECRET: "test-livekit-secret-of-32-characters",
    LIVEKIT_URL: `ws://localhost:${about.port}`,
    PUBLIC_ORIGIN: `http://localhost:${about.port}`,
    STUN_URL: "stun:localhost:3478",
    MAIL_URL: "http://127.0.0.1:1/",
    CALL_LIMIT_S: "600",
  });
}
