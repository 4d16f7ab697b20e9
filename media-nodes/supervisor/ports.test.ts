import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { checkPorts } from "./ports.ts";

test("a taken TCP port is one sentence with the port and its variable", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await expect(checkPorts([{ kind: "tcp", address: "127.0.0.1", port, variable: "EDGE_PORT" }])).rejects.toThrow(
    `Port ${port} is taken by another program. End that, or choose another port with EDGE_PORT.`,
  );
  server.close();
  await once(server, "close");
  await checkPorts([{ kind: "tcp", address: "127.0.0.1", port, variable: "EDGE_PORT" }]);
});

test("a taken UDP port is found, too", async () => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  await expect(checkPorts([{ kind: "udp", address: "127.0.0.1", port, variable: "STUN_PORT" }])).rejects.toThrow(
    /^UDP port \d+ is taken .* STUN_PORT\.$/,
  );
  socket.close();
});

test("two parts can't be given the same port", async () => {
  const need = { kind: "tcp", address: "127.0.0.1", port: 1 } as const;
  await expect(
    checkPorts([
      { ...need, variable: "EDGE_PORT" },
      { ...need, variable: "SIP_PORT" },
    ]),
  ).rejects.toThrow("EDGE_PORT and SIP_PORT are both 1: set one to another port.");
});
