import { audit } from "./audit.en.ts";
import { calls } from "./calls.en.ts";
import { claim } from "./claim.en.ts";
import { devices } from "./devices.en.ts";
import { doors } from "./doors.en.ts";
import { firmware } from "./firmware.en.ts";
import { history } from "./history.en.ts";
import { invitation } from "./invitation.en.ts";
import { ownership } from "./ownership.en.ts";
import { people } from "./people.en.ts";
import { roles } from "./roles.en.ts";
import { shell } from "./shell.en.ts";
import { signIn } from "./sign-in.en.ts";
import { teams } from "./teams.en.ts";
import { transfer } from "./transfer.en.ts";

export const en = {
  audit,
  calls,
  claim,
  devices,
  doors,
  firmware,
  history,
  invitation,
  ownership,
  people,
  roles,
  shell,
  signIn,
  teams,
  transfer,
};
