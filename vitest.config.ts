/**
 * `unit` runs beside the code in Node, `edge` inside workerd, `portal` in Chromium, `whole` starts whole platforms
 * and takes its time. One kind after the other: they share two cores.
 */
import { defineConfig } from "vitest/config";

const elsewhere = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "{core,db,functions,media-nodes,station,portal,firmware-cdn}/**/*.test.{ts,tsx}",
            "tests/{house,support,conformance}/**/*.test.ts",
          ],
          exclude: elsewhere,
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      "workers/vitest.config.ts",
      "workers/vitest.routes.config.ts",
      {
        // The built portal in Chromium; the test plays the edge.
        test: {
          name: "portal",
          include: ["tests/portal/**/*.test.ts"],
          exclude: elsewhere,
          globalSetup: ["tests/setup/build.ts"],
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "whole",
          include: ["tests/**/*.test.ts"],
          exclude: [...elsewhere, "tests/{house,support,conformance,portal,bench,load}/**"],
          globalSetup: ["tests/setup/build.ts"],
          // Platforms share two cores and the ear of a microphone test: one at a time.
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
