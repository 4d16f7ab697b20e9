/** Tests of the routes: the real worker in workerd, with a real Postgres behind it. */
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  plugins: [
    cloudflareTest(({ inject }) => ({
      main: here("./index.ts"),
      wrangler: { configPath: here("../wrangler.toml") },
      miniflare: {
        bindings: {
          DATABASE_URL: inject("applicationUrl"),
          NEON_FETCH_ENDPOINT: `${inject("doors")}/sql`,
          AUTH_SECRET: "test-auth-secret-of-32-characters",
          URL_SECRET: "test-url-secret-of-32-characters",
          CLAIM_CODE_SECRET: "test-claim-code-secret-of-32-characters",
          CAMERA_CREDENTIALS_KEY: "YS1jYW1lcmEta2V5LWZvci10ZXN0cy0zMi1vY3RldHM",
          CRL_URL: "http://localhost:8080/crl",
          ...inject("authorities"),
          FIRMWARE_TIMESTAMP_KEY: "dGVzdC1maXJtd2FyZS1zZWVkLW9mLTMyLW9jdGV0cy4",
          FIRMWARE_TOKEN: "test-firmware-token-of-32-characters",
          MEDIA_NODE_TOKEN: "test-media-node-token",
          LIVEKIT_API_KEY: "test-key",
          LIVEKIT_API_SECRET: "test-livekit-secret-of-32-characters",
          LIVEKIT_URL: "ws://localhost:8080",
          PUBLIC_ORIGIN: "http://localhost:8080",
          STUN_URL: "stun:localhost:3478",
          MAIL_URL: inject("mails"),
        },
      },
    })),
  ],
  test: {
    name: "routes",
    globalSetup: [here("../db/testing/routes-setup.ts")],
    include: ["*.test.ts", "{auth,claiming,devices,firmware,http,people,portal-api}/**/*.test.ts"],
    silent: "passed-only",
    testTimeout: 30_000,
    hookTimeout: 120_000,
    sequence: { groupOrder: 1 },
  },
});
