/** curl, since it costs little beside the servers: every packet of an image, four connections at once. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../support/folder.ts";

/** @returns seconds. Throws where a packet is missing. */
export function fetchInPackets(url: string, size: number, packet: number): number {
  const requests: string[] = [];
  for (let at = 0; at < size; at += packet) {
    const range = `${at}-${Math.min(size, at + packet) - 1}`;
    requests.push(
      `url = "${url}"\nrange = "${range}"\noutput = "/dev/null"\nwrite-out = "%{http_code} %{size_download}\\n"\ninsecure\nfail`,
    );
  }
  const list = join(temporaryFolder("bench"), "requests");
  writeFileSync(list, requests.join("\nnext\n"));
  const started = performance.now();
  const args = ["-s", "--http1.1", "--parallel", "--parallel-max", "4", "--config", list];
  const said = execFileSync("curl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const seconds = (performance.now() - started) / 1000;
  const octets = [...said.matchAll(/^206 (\d+)$/gm)].reduce((sum, [, octets]) => sum + Number(octets), 0);
  if (octets !== size) throw new Error(`${octets} octets came instead of ${size}`);
  return seconds;
}
