/** A mail as the edge hands it over. */
import { z } from "zod";

export const mail = z.object({
  /** Of one that is handed over again where nobody knows whether it arrived: it is taken once. */
  id: z.uuid().optional(),
  to: z.email(),
  subject: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\r\n]*$/, "is one line"),
  text: z.string().max(100_000),
  html: z.string().max(500_000).optional(),
});
export type Mail = z.infer<typeof mail>;

/** The first web address in it: what the person is to open. */
export const linkIn = ({ text }: Mail): string | undefined => /https?:\/\/[^\s<>"]+/.exec(text)?.[0];
