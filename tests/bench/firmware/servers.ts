/** The same image over TLS with the same certificate: from the devices' front before the edge, from nginx, and from the barest server in Node. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { serverCertificateIn } from "#media-nodes/pki/folder.ts";
import { publishFile, randomImage, startCloud } from "../../firmware/cloud.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { takePorts } from "../../support/ports.ts";

/** Ticks a second of /proc/<pid>/stat (man 5 proc): USER_HZ is 100 on every Linux that Node runs on. */
const ticks = 100;
const statOf = (pid: string | number): string[] => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  } catch {
    return []; // it has ended
  }
};

/** Processor seconds of a process and all that it started. */
function cpuOfTree(pid: number): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const own = Number(statOf(pid)[11] ?? 0) + Number(statOf(pid)[12] ?? 0);
  const children = pids.filter((child) => Number(statOf(child)[1]) === pid);
  return own / ticks + children.reduce((sum, child) => sum + cpuOfTree(Number(child)), 0);
}
/** The bench itself does nothing while curl runs; what it has started is workerd. */
const childrenNamed = (name: string): number =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(statOf(pid)[1]) === process.pid)
    .filter((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === name)
    .reduce((sum, pid) => sum + cpuOfTree(Number(pid)), 0);

async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const there = await Promise.race([
      once(socket, "connect").then(
        () => true,
        () => false,
      ),
      once(socket, "close").then(() => false),
    ]);
    socket.destroy();
    if (there) return;
    await pause(50);
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** @param size octets of the image */
export async function serveImage(size: number) {
  const folder = temporaryFolder("bench");
  const pki = join(folder, "pki");
  await deviceAuthorityIn(pki);
  const { certificate: cert, key } = await serverCertificateIn(pki, ["localhost"]);
  const [frontPort = 0, logPort = 0, nginxPort = 0, barePort = 0] = await takePorts(4);

  const image = await randomImage(size);
  const hash = await hashOf(image);
  const cloud = await startCloud();
  await publishFile(cloud, image, 1);
  const run = (script: string, env: Record<string, string>) =>
    spawn(process.execPath, [script], { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] });
  const front = run("media-nodes/device-front/main.ts", {
    DATA_DIR: folder,
    PUBLIC_HOST: "localhost",
    BIND_ADDRESS: "127.0.0.1",
    DEVICE_HTTPS_PORT: String(frontPort),
    LOG_PORT: String(logPort),
    MINIFLARE_PORT: String(cloud.port),
    MEDIA_NODE_TOKEN: "test-media-node-token",
  });
  const bare = run("tests/bench/firmware/bare.ts", {
    FILE: image,
    TLS_CERTIFICATE: cert,
    TLS_KEY: key,
    PORT: String(barePort),
  });

  mkdirSync(join(folder, "files"));
  symlinkSync(image, join(folder, "files", "image"));
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 2; user root;
    events { worker_connections 256; }
    http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
      server { listen 127.0.0.1:${nginxPort} ssl; ssl_certificate ${cert}; ssl_certificate_key ${key}; root ${folder}/files; } }`,
  );
  const nginx = spawn("nginx", ["-c", config, "-p", folder], { stdio: ["ignore", "ignore", "inherit"] });
  await Promise.all([frontPort, nginxPort, barePort].map(listening));

  const end = async (child: ChildProcess) => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return {
    all: [
      {
        name: "ours",
        url: `https://localhost:${frontPort}/firmware/images/${hash}`,
        cpu: () => cpuOfTree(front.pid ?? 0) + childrenNamed("workerd"),
      },
      { name: "nginx", url: `https://localhost:${nginxPort}/image`, cpu: () => cpuOfTree(nginx.pid ?? 0) },
      { name: "bareNode", url: `https://localhost:${barePort}/`, cpu: () => cpuOfTree(bare.pid ?? 0) },
    ] as const,
    /** Resolves when the front has a copy of its own. */
    async copied(): Promise<void> {
      while (!existsSync(join(folder, "images", hash))) await pause(20);
    },
    async close() {
      await Promise.all([front, nginx, bare].map(end));
      await cloud.close();
      for (const path of [folder, cloud.dataDir, dirname(image)]) rmSync(path, { recursive: true, force: true });
    },
  };
}
