/** Hardware revisions as they stand on a name plate: `AA`, `AB`, … `AZ`, `BA`, … in that order. */
import { z } from "zod";

export const hardwareRevision = z
  .string()
  .regex(/^[A-Z]{2}$/, "two capital letters, as on the name plate")
  .brand("HardwareRevision");
export type HardwareRevision = z.infer<typeof hardwareRevision>;

/** Whether a device of this revision is as new as the model asks for. Two letters of equal length compare as text. */
export const isRecentEnough = (revision: HardwareRevision, atLeast: HardwareRevision): boolean => revision >= atLeast;
