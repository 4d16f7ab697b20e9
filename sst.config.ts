/// <reference path="./.sst/platform/config.d.ts" />
/**
 * The real deployment of the edge, by `sst deploy` after `npx vite build portal`. Types come from `sst install`. What the worker
 * is bound to is read from wrangler.toml, which runs it on one machine too, and what it has to be told from the settings there.
 */
export default $config({
  app: (input) => ({
    name: "symphony-cloud",
    home: "cloudflare",
    removal: input.stage === "production" ? "retain" : "remove",
    providers: { cloudflare: "6", neon: "0.13" },
  }),
  async run() {
    const { unstable_readConfig } = await import("wrangler");
    const { workerVariables } = await import("./media-nodes/edge/settings.ts");
    const described = unstable_readConfig({ config: "wrangler.toml" });
    const nameOf = (name: string) => name.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase());

    const database = new neon.Project("Database", { name: `symphony-${$app.stage}`, pgVersion: 18 });
    const buckets = described.r2_buckets.map(({ binding }) => ({
      type: "r2_bucket",
      name: binding,
      bucketName: new sst.cloudflare.Bucket(nameOf(binding)).name,
    }));
    const objects = described.durable_objects.bindings.map(({ name, class_name: className }) => ({
      type: "durable_object_namespace",
      name,
      className,
    }));

    const edge = new sst.cloudflare.Worker("Edge", {
      handler: "workers/index.ts",
      url: true,
      environment: Object.fromEntries(workerVariables.map((name) => [name, new sst.Secret(nameOf(name)).value])),
      transform: {
        worker: (worker) => {
          const assets = { type: "assets", name: described.assets.binding };
          worker.compatibilityDate = described.compatibility_date;
          worker.compatibilityFlags = described.compatibility_flags;
          worker.bindings = $resolve([worker.bindings]).apply(([given = []]) => [
            ...given,
            assets,
            ...buckets,
            ...objects,
          ]);
          worker.migrations = {
            newTag: described.migrations.at(-1).tag,
            newSqliteClasses: described.migrations.flatMap((one) => one.new_sqlite_classes ?? []),
          };
          worker.assets = {
            directory: described.assets.directory,
            config: {
              notFoundHandling: described.assets.not_found_handling,
              runWorkerFirst: described.assets.run_worker_first,
            },
          };
        },
      },
    });
    new cloudflare.WorkersCronTrigger("Crons", {
      accountId: sst.cloudflare.DEFAULT_ACCOUNT_ID,
      scriptName: edge.nodes.worker.scriptName,
      schedules: described.triggers.crons.map((cron) => ({ cron })),
    });
    return { edge: edge.url, database: database.id };
  },
});
