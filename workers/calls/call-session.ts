import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

export class CallSession extends DurableObject<Env> {}
