/** A bucket elsewhere: Versity's S3 gateway over a folder, built from its pinned Go module. It checks signatures and conditions. */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./folder.ts";
import { takePorts } from "./ports.ts";

const source = fileURLToPath(new URL("../firmware/s3server/", import.meta.url));

export interface S3Server {
  endpoint: string;
  region: string;
  /** An empty one. */
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  stop(): Promise<void>;
}

/** Resolves when it takes requests. */
export async function startS3Server(): Promise<S3Server> {
  const folder = temporaryFolder("s3-server");
  const program = join(folder, "versitygw");
  execFileSync("go", ["build", "-o", program, "github.com/versity/versitygw/cmd/versitygw"], {
    cwd: source,
    stdio: "pipe",
  });
  const bucket = "releases";
  const [objects, about] = [join(folder, "objects"), join(folder, "about")];
  mkdirSync(join(objects, bucket), { recursive: true });
  mkdirSync(about);
  const [port = 0] = await takePorts(1);
  const [region, accessKeyId, secretAccessKey] = ["eu-central-1", "publisher", randomBytes(20).toString("hex")];
  const server = spawn(program, ["--port", `127.0.0.1:${port}`, "posix", "--sidecar", about, objects], {
    env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey, VGW_REGION: region },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines = createInterface({ input: server.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => line.includes(`:${port}`) && resolve());
    server.once("exit", () => reject(new Error("the S3 server ended")));
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    ...{ region, bucket, accessKeyId, secretAccessKey },
    async stop() {
      const ended = once(server, "exit");
      server.kill();
      await ended;
    },
  };
}
