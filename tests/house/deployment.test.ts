/** sst.config.ts, run with doubles for what SST brings along: the deployed worker gets all that it gets on one machine. */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { workerVariables } from "#media-nodes/edge/settings.ts";

const top = new URL("../../", import.meta.url);
const made: { kind: string; name: string; args: unknown }[] = [];

/** A class that only notes what is made of it. */
const noted = (kind: string, shows: object = {}) =>
  class {
    constructor(name: string, args: unknown) {
      made.push({ kind, name, args });
      Object.assign(this, shows);
    }
  };

const worker = z.object({
  handler: z.string(),
  environment: z.record(z.string(), z.string()),
  transform: z.object({
    worker: z.custom<(script: Record<string, unknown>) => void>((it) => typeof it === "function"),
  }),
});
const one = (kind: string) => made.find((thing) => thing.kind === kind);

beforeAll(async () => {
  vi.stubGlobal("$config", (config: unknown) => config);
  vi.stubGlobal("$app", { stage: "production" });
  vi.stubGlobal("$resolve", (values: unknown[]) => ({ apply: (then: (known: unknown[]) => unknown) => then(values) }));
  vi.stubGlobal("neon", { Project: noted("database") });
  vi.stubGlobal("cloudflare", { WorkersCronTrigger: noted("crons") });
  vi.stubGlobal("sst", {
    Secret: noted("secret", { value: "a secret" }),
    cloudflare: {
      Bucket: noted("bucket", { name: "a bucket" }),
      Worker: noted("worker", { nodes: { worker: { scriptName: "the edge" } } }),
    },
  });
  const { default: config } = await import(new URL("sst.config.ts", top).href);
  await config.run();
}, 60_000);

test("the worker is told everything that it is told on one machine", () => {
  const { handler, environment } = worker.parse(one("worker")?.args);
  expect(handler).toBe("workers/index.ts");
  expect(Object.keys(environment).sort()).toEqual([...workerVariables].sort());
  expect(workerVariables).toContain("DATABASE_URL");
});

test("the worker is bound to what its code asks for, and fired by the same crons", () => {
  const script: Record<string, unknown> = { bindings: [{ type: "plain_text", name: "GIVEN" }] };
  worker.parse(one("worker")?.args).transform.worker(script);
  const bound = z.array(z.object({ name: z.string() })).parse(script.bindings);
  const code = readFileSync(new URL("workers/env.ts", top), "utf8");
  const asked = [...code.matchAll(/^ {2}([A-Z_]+): (?:DurableObjectNamespace|R2Bucket|Fetcher|Queue)/gm)];
  expect(bound.map(({ name }) => name).sort()).toEqual(["GIVEN", ...asked.map(([, name]) => name)].sort());
  expect(script.migrations).toMatchObject({ newSqliteClasses: expect.arrayContaining(["CallSession", "Switchboard"]) });
  expect(one("crons")?.args).toMatchObject({
    scriptName: "the edge",
    schedules: [{ cron: "17 * * * *" }, { cron: "* * * * *" }],
  });
});
