/** A moment as the database gives it, in milliseconds from here on. */
import { z } from "zod";

export const asMilliseconds = z.date().transform((date) => date.getTime());
