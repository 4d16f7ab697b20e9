/** Whether the ports that are needed are free. */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { SettingError } from "./settings.ts";

export interface PortNeed {
  kind: "tcp" | "udp";
  address: string;
  port: number;
  /** The variable that moves it. */
  variable: string;
}

function listenError({ kind, address, port }: PortNeed): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    if (kind === "tcp") {
      const server = createServer();
      server.once("error", resolve);
      server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(undefined)));
    } else {
      const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
      socket.once("error", resolve);
      socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(undefined)));
    }
  });
}

/** Throws {@link SettingError} with one sentence for the first port that can't be had. */
export async function checkPorts(needs: readonly PortNeed[]): Promise<void> {
  for (const need of needs) {
    const twin = needs.find((other) => other !== need && other.kind === need.kind && other.port === need.port);
    if (twin)
      throw new SettingError(`${need.variable} and ${twin.variable} are both ${need.port}: set one to another port.`);
    const error = await listenError(need);
    if (!error) continue;
    const { kind, port, variable, address } = need;
    const way = kind === "udp" ? "UDP port" : "Port";
    if (error.code === "EADDRINUSE") {
      throw new SettingError(
        `${way} ${port} is taken by another program. End that, or choose another port with ${variable}.`,
      );
    }
    throw new SettingError(
      `${way} ${port} on ${address} can't be used (${error.code}). Choose another with ${variable}.`,
    );
  }
}
