/** curl, since it costs little beside the servers: every packet of an image, four connections at once. */
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../../support/folder.ts";

const run = promisify(execFile);

/** The bench goes on meanwhile, since it takes what workerd logs: a full pipe would stop it. @returns seconds. Throws where a packet is missing. */
export async function fetchInPackets(url: string, size: number, packet: number): Promise<number> {
  const requests: string[] = [];
  for (let at = 0; at < size; at += packet) {
    const range = `${at}-${Math.min(size, at + packet) - 1}`;
    requests.push(
      `url = "${url}"\nrange = "${range}"\noutput = "/dev/null"\nwrite-out = "%{http_code} %{size_download}\\n"\ninsecure\nfail`,
    );
  }
  const folder = temporaryFolder("bench");
  const list = join(folder, "requests");
  writeFileSync(list, requests.join("\nnext\n"));
  const started = performance.now();
  const args = ["-s", "--http1.1", "--parallel", "--parallel-max", "4", "--config", list];
  const { stdout: said } = await run("curl", args, { maxBuffer: 16 * 1024 * 1024 });
  const seconds = (performance.now() - started) / 1000;
  rmSync(folder, { recursive: true });
  const octets = [...said.matchAll(/^206 (\d+)$/gm)].reduce((sum, [, octets]) => sum + Number(octets), 0);
  if (octets !== size) throw new Error(`${octets} octets came instead of ${size}`);
  return seconds;
}
