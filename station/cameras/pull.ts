/** The process that pulls one camera: standard input names it. How, and what comes of it, is said in puller.ts. */
import { json } from "node:stream/consumers";
import { isPublicAddress } from "#core/network/public-address.ts";
import { pull } from "./puller.ts";

await pull(await json(process.stdin), isPublicAddress);
