/** What people are told of devices that dropped off. Times are the site's. */
import type { Outage } from "#core/device/watch.ts";
import { type Mail, plain } from "../auth/mail.ts";

type Named = Outage & { name: string; site: string; timeZone: string };
interface Person {
  email: string;
  name: string;
  organisation: string;
}

const clock = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);

const why: Record<Outage["cause"], string> = {
  device: "Others at the site are connected, so it is probably the device itself: its power or its network cable.",
  site: "Nothing at the site is connected, so it is probably the site's Internet connection or its power.",
  ours: "Our own node that they were connected to is away, so nobody knows how they are. We are at it; there is nothing to do at the site.",
};

/** Devices of one site that are away. */
export function awayMail({ email, name, organisation }: Person, away: readonly Named[], page: string): Mail {
  const [first] = away;
  const site = plain(first?.site ?? "");
  const what = away.length === 1 ? plain(first?.name ?? "") : `${away.length} devices`;
  const causes = [...new Set(away.map(({ cause }) => cause))];
  return {
    to: email,
    subject: `${what} at ${site}: not connected`,
    text: `Hello ${plain(name)},

at ${site} (${plain(organisation)}) this is not connected any more:

${away.map((one) => `- ${plain(one.name)}, last seen ${clock(one.since, one.timeZone)}`).join("\n")}

${causes.map((cause) => why[cause]).join("\n")}

${page}

You are told when it is back.
`,
  };
}

/** All of it is back, or has been for a while. */
export function backMail({ email, name, organisation }: Person, back: readonly Named[], page: string): Mail {
  const [first] = back;
  const site = plain(first?.site ?? "");
  const what = back.length === 1 ? plain(first?.name ?? "") : `${back.length} devices`;
  return {
    to: email,
    subject: `${what} at ${site}: connected again`,
    text: `Hello ${plain(name)},

at ${site} (${plain(organisation)}) this is connected again:

${back.map((one) => `- ${plain(one.name)}, away from ${clock(one.since, one.timeZone)} to ${clock(one.endedAt ?? one.since, one.timeZone)}`).join("\n")}

${page}
`,
  };
}
