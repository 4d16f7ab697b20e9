/** Between a media node and a virtual station that it runs, over the channel that a process has with its child. */
import { z } from "zod";

/** The station asks for a place for a camera, or gives it back. */
export const cameraWanted = z.strictObject({ wantsCamera: z.boolean() });
/** Whether it has one now. */
export const cameraPlace = z.strictObject({ hasPlace: z.boolean() });
