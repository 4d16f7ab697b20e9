/// <reference path="./.sst/platform/config.d.ts" />
/**
 * The real deployment. Types come from `sst install`. What the edge is bound to by name is said in wrangler.toml as well, which
 * is what runs on one machine.
 */
export default $config({
  app: (input) => ({
    name: "symphony-cloud",
    home: "cloudflare",
    removal: input.stage === "production" ? "retain" : "remove",
    providers: { cloudflare: "6", neon: "0.13" },
  }),
  async run() {
    const secret = (name: string) => new sst.Secret(name);
    const snapshots = new sst.cloudflare.Bucket("Snapshots");
    const database = new neon.Project("Database", { name: `symphony-${$app.stage}`, pgVersion: 18 });

    const edge = new sst.cloudflare.Worker("Edge", {
      handler: "workers/index.ts",
      url: true,
      link: [snapshots],
      environment: {
        DATABASE_URL: secret("DatabaseUrl").value,
        AUTH_SECRET: secret("AuthSecret").value,
        URL_SECRET: secret("UrlSecret").value,
        MEDIA_NODE_TOKEN: secret("MediaNodeToken").value,
        LIVEKIT_API_KEY: secret("LivekitApiKey").value,
        LIVEKIT_API_SECRET: secret("LivekitApiSecret").value,
        LIVEKIT_URL: secret("LivekitUrl").value,
        PUBLIC_ORIGIN: secret("PublicOrigin").value,
        STUN_URL: secret("StunUrl").value,
        MAIL_URL: secret("MailUrl").value,
      },
      transform: {
        worker: (worker) => {
          worker.bindings = $resolve([worker.bindings]).apply(([bindings]) => [
            ...(bindings ?? []),
            ...["CallSession", "Switchboard", "MediaNodeLink"].map((className) => ({
              type: "durable_object_namespace",
              name: className.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase(),
              className,
            })),
          ]);
        },
      },
    });
    new sst.cloudflare.Cron("Retention", { job: "workers/index.ts", schedules: ["17 * * * *"] });

    return { edge: edge.url, database: database.id };
  },
});
