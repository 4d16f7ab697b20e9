/** Tests that run inside workerd, against the real durable objects. */
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  plugins: [
    cloudflareTest({
      main: here("./calls/testing/worker.ts"),
      wrangler: { configPath: here("../wrangler.toml") },
      miniflare: {
        bindings: {
          DATABASE_URL: "postgres://none@localhost/none",
          NEON_FETCH_ENDPOINT: "http://127.0.0.1:1/sql",
          AUTH_SECRET: "test-auth-secret",
          URL_SECRET: "test-url-secret",
          FIRMWARE_TIMESTAMP_KEY: "dGVzdC1maXJtd2FyZS1zZWVkLW9mLTMyLW9jdGV0cy4",
          FIRMWARE_TOKEN: "test-firmware-token-of-32-characters",
          MEDIA_NODE_TOKEN: "test-media-node-token",
          LIVEKIT_API_KEY: "test-key",
          LIVEKIT_API_SECRET: "test-livekit-secret-of-32-characters",
          LIVEKIT_URL: "ws://localhost:8080",
          PUBLIC_ORIGIN: "http://localhost:8080",
          STUN_URL: "stun:localhost:3478",
          MAIL_URL: "http://127.0.0.1:1/",
        },
      },
    }),
  ],
  test: { name: "edge", include: ["calls/**/*.test.ts"], testTimeout: 20_000, sequence: { groupOrder: 1 } },
});
