/** A STUN server that answers binding requests (RFC 8489), or is as silent as a network that lets no UDP through. */
import { createSocket } from "node:dgram";
import { once } from "node:events";

const bindingRequest = 0x0001;
const bindingResponse = 0x0101;
const xorMappedAddress = 0x0020;
const magicCookie = 0x2112a442;

export interface StunServer {
  url: string;
  close(): void;
}

/** @param address an IPv4 address of this machine */
export async function startStun(address: string, answers: boolean): Promise<StunServer> {
  const socket = createSocket("udp4");
  socket.on("message", (request, from) => {
    if (!answers || request.length < 20 || request.readUInt16BE(0) !== bindingRequest) return;
    const response = Buffer.alloc(32);
    response.writeUInt16BE(bindingResponse, 0);
    response.writeUInt16BE(12, 2);
    request.copy(response, 4, 4, 20); // magic cookie and transaction
    response.writeUInt16BE(xorMappedAddress, 20);
    response.writeUInt16BE(8, 22);
    response.writeUInt8(1, 25); // IPv4
    response.writeUInt16BE(from.port ^ (magicCookie >>> 16), 26);
    const host = from.address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    response.writeUInt32BE((host ^ magicCookie) >>> 0, 28);
    socket.send(response, from.port, from.address);
  });
  socket.bind(0, address);
  await once(socket, "listening");
  return { url: `stun:${address}:${socket.address().port}`, close: () => socket.close() };
}
