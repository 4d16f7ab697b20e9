/** The process that pulls a camera, where this machine itself counts as public: so that a camera is there to be pulled. */
import { json } from "node:stream/consumers";
import { isPublicAddress } from "#core/network/public-address.ts";
import { pull } from "../../station/cameras/puller.ts";

await pull(await json(process.stdin), (address) => ["127.0.0.1", "::1"].includes(address) || isPublicAddress(address));
