/** The durable objects under test, with the database's two questions answered by a double. */
import { CallSession as RealCallSession } from "../call-session.ts";
import type { CallDirectory } from "../directory.ts";
import { MediaNodeLink as RealMediaNodeLink } from "../media-node-link.ts";
import { Switchboard as RealSwitchboard } from "../switchboard.ts";
import { directory } from "./directory.ts";

export class CallSession extends RealCallSession {
  protected override directory(): CallDirectory {
    return directory;
  }
}

export class Switchboard extends RealSwitchboard {
  protected override directory(): CallDirectory {
    return directory;
  }
}

export class MediaNodeLink extends RealMediaNodeLink {
  protected override directory(): CallDirectory {
    return directory;
  }
}

export default { fetch: () => new Response("nothing is routed in these tests", { status: 404 }) };
