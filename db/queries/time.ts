/** A moment as the database gives it; milliseconds from here on. */
import { z } from "zod";

export const time = z.date().transform((date) => date.getTime());
