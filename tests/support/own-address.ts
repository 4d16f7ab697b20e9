/** An IPv4 address by which others reach this machine. */
import { networkInterfaces } from "node:os";

/** Of the first interface that is not loopback. Throws on a machine that has none. */
export function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    const found = addresses?.find(({ family, internal }) => family === "IPv4" && !internal);
    if (found) return found.address;
  }
  throw new Error("this machine has no interface but loopback: give it one, so that it can be reached by its address");
}
