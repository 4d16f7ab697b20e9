/** Asks one address from several connections for a while. */
import { Agent, request } from "node:http";

export interface Target {
  port: number;
  host: string;
  path: string;
  headers: Record<string, string>;
}

function ask(agent: Agent, { port, host, path, headers }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ agent, port, host: "127.0.0.1", path, headers: { ...headers, host } }, (response) => {
      response.resume();
      response.once("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${host}${path} answered ${response.statusCode}`)),
      );
    })
      .once("error", reject)
      .end();
  });
}

/** @param duration milliseconds @returns answers a second */
export async function load(target: Target, connections: number, duration: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const started = performance.now();
  let answers = 0;
  const client = async () => {
    while (performance.now() - started < duration) {
      await ask(agent, target);
      answers += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return (answers * 1000) / (performance.now() - started);
}
