/** An IPv4 address by which others reach this machine. */
import { networkInterfaces } from "node:os";

/** Of the first interface that is not loopback; loopback's, which is no localhost either, on a machine that has nothing else. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}
