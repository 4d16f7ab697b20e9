/** How many connections devices may hold at a port of a media node, so that nobody takes everybody's room. */
import { z } from "zod";

/** From one address: a house of a thousand devices, and what its network left hanging. */
export const usualPerAddress = 2_000;
/** As it is set where more stand behind one address. */
export const connectionsPerAddress = z.coerce.number().int().min(10).max(20_000).default(usualPerAddress);
/** By one certificate: packets of firmware, what a device asks for beside them, and what was left hanging. */
export const connectionsPerCertificate = 16;
/** On the port for lines of logs: a device's own, one and what was left hanging, and the part of an address's connections. */
export const streams = { perCertificate: 4, ofAnAddress: 0.1 };
