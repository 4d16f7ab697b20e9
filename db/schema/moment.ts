/** A column that says when: to the millisecond, as the clocks of devices and browsers do. */
import { timestamp } from "drizzle-orm/pg-core";

export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
