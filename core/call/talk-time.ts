/** A platform may end talks sooner than the data sheet says, and never later. */
import { z } from "zod";
import { talkLimit, warningTime } from "./limits.ts";

/** What `CALL_LIMIT_S` may say, in seconds: up to the data sheet's 600, and more than the warning's 30 before the end. */
export const callLimitSeconds = z.coerce
  .number()
  .int()
  .gt(warningTime / 1_000)
  .max(talkLimit / 1_000);

/** How long a talk may last, in milliseconds. Throws on a setting that makes no sense. */
export const talkTime = (setting: string | undefined): number =>
  setting === undefined ? talkLimit : callLimitSeconds.parse(setting) * 1_000;
