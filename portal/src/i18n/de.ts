import { calls } from "./calls.de.ts";
import { doors } from "./doors.de.ts";
import { history } from "./history.de.ts";
import { shell } from "./shell.de.ts";
import { signIn } from "./sign-in.de.ts";

export const de = { calls, doors, history, shell, signIn };
