/** What the processes of the load test say to each other. */
import type { Certified } from "../../../media-nodes/pki/issue.ts";

export type ToPart =
  | { type: "listen"; server: Certified; deviceAuthority: string }
  | { type: "tunnel"; to: number; device: Certified; serverAuthority: string }
  | { type: "usage" };

export type FromPart = { type: "listening"; port: number } | { type: "usage"; seconds: number; megabytes: number };

export const tellParent = (message: FromPart) => process.send?.(message);
