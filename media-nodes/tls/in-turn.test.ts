import { once } from "node:events";
import { type AddressInfo, connect as plainly } from "node:net";
import { connect, createServer } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issueServerCertificate, makeAuthority } from "../pki/issue.ts";
import { handshakesInTurn } from "./in-turn.ts";

const authority = await makeAuthority("Servers");
const { certificate: cert, key } = await issueServerCertificate(authority, ["localhost"]);
const server = createServer({ cert, key }, (socket) => socket.on("error", () => {}).end("welcome"));
const door = handshakesInTurn(server);
const port = () => (door.address() as AddressInfo).port;

beforeAll(async () => {
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
});
afterAll(() => door.close());

async function welcomed(): Promise<string> {
  const socket = connect({ port: port(), host: "127.0.0.1", servername: "localhost", ca: authority.certificate });
  const said = await socket.setEncoding("utf8").toArray();
  return said.join("");
}

test("a hundred that come at the same moment all get in, also behind many who say nothing or are gone again", async () => {
  const silent = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const socket = plainly(port(), "127.0.0.1");
      await once(socket, "connect");
      return n % 2 === 0 ? socket.resetAndDestroy() : socket;
    }),
  );
  expect(new Set(await Promise.all(Array.from({ length: 100 }, welcomed)))).toEqual(new Set(["welcome"]));
  for (const socket of silent) socket.destroy();
});
