import { audit } from "./audit.de.ts";
import { calls } from "./calls.de.ts";
import { claim } from "./claim.de.ts";
import { devices } from "./devices.de.ts";
import { doors } from "./doors.de.ts";
import { firmware } from "./firmware.de.ts";
import { history } from "./history.de.ts";
import { invitation } from "./invitation.de.ts";
import { ownership } from "./ownership.de.ts";
import { people } from "./people.de.ts";
import { roles } from "./roles.de.ts";
import { shell } from "./shell.de.ts";
import { signIn } from "./sign-in.de.ts";
import { teams } from "./teams.de.ts";
import { transfer } from "./transfer.de.ts";

export const de = {
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
