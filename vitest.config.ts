/**
 * `unit` runs beside the code in Node, `edge` and `routes` inside workerd, `portal` in Chromium, `patient` and `whole` start whole
 * platforms. One kind after the other: they share two cores. Whole platforms wait more than they reckon: three at a time, and two
 * where they listen to sound or judge time.
 */
import { defineConfig } from "vitest/config";

const elsewhere = ["**/node_modules/**", "**/dist/**"];
const patientCalls = "tests/calls/{limits,two-houses,trace}.test.ts";
/** Pages that are heard. */
const heardPages = "tests/portal/{codec,sound}.test.ts";
/** Says how long a start takes. */
const starts = "tests/start/start.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "{core,db,functions,media-nodes,station,portal,firmware-cdn,docs}/**/*.test.{ts,tsx}",
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
          exclude: [...elsewhere, heardPages],
          globalSetup: ["tests/setup/build.ts"],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Starts, claims, deliveries and limits: they wait more than they reckon.
        test: {
          name: "patient",
          include: ["tests/{start,people,devices,firmware}/**/*.test.ts", patientCalls],
          exclude: [...elsewhere, starts],
          globalSetup: ["tests/setup/build.ts"],
          maxWorkers: 3,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: "whole",
          include: ["tests/{calls,media}/**/*.test.ts", heardPages, starts],
          exclude: [...elsewhere, patientCalls],
          globalSetup: ["tests/setup/build.ts"],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
