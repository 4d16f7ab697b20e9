/** What the tabs of one browser tell each other. The version is in the channel's name: builds that differ don't talk. */
import { z } from "zod";
import { outputNumber } from "#core/device/configuration.ts";
import { callId, commandId, deviceId } from "#core/messages/values.ts";
import { liveState } from "./state.ts";

export const channelName = "symphony-live-2";
export const lockName = "symphony-live-2";

/** What a person may do in a tab that does not lead; the leading one carries it out. */
export const forwarded = z.discriminatedUnion("type", [
  z.object({ type: z.literal("decline"), callId }),
  z.object({ type: z.literal("silence"), callId }),
  z.object({ type: z.literal("small"), callId, small: z.boolean() }),
  z.object({ type: z.literal("to-front"), callId }),
  z.object({ type: z.literal("hang-up") }),
  z.object({
    type: z.literal("open-door"),
    deviceId,
    output: outputNumber.optional(),
    commandId,
    callId: callId.optional(),
  }),
]);
export type Forwarded = z.infer<typeof forwarded>;

export const tabMessage = z.discriminatedUnion("type", [
  /** A tab opened: the leader says its state. */
  z.object({ type: z.literal("who-leads") }),
  z.object({ type: z.literal("state"), state: liveState, sound: z.boolean(), visible: z.boolean() }),
  z.object({ type: z.literal("do"), action: forwarded }),
]);
