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
  device: "It is probably the device itself: its power or its network cable.",
  site: "Nothing at the site is connected, so it is probably the site's Internet connection or its power.",
  ours: "Our own node that they were connected to is away, so nobody knows how they are. We are at it; there is nothing to do at the site.",
};

/** Devices of one site that are away. */
export function awayMail(person: Person, away: readonly Named[], page: string): Mail {
  const causes = new Set(away.map(({ cause }) => why[cause]));
  return siteMail(person, away, page, {
    end: "not connected",
    begins: "this is not connected any more",
    line: ({ since, timeZone }) => `last seen ${clock(since, timeZone)}`,
    more: [...causes, "You are told when it is back."],
  });
}

/** All of it is back, or has been for a while. */
export const backMail = (person: Person, back: readonly Named[], page: string): Mail =>
  siteMail(person, back, page, {
    end: "connected again",
    begins: "this is connected again",
    line: ({ since, endedAt, timeZone }) =>
      `away from ${clock(since, timeZone)} to ${clock(endedAt ?? since, timeZone)}`,
    more: [],
  });

interface Said {
  end: string;
  begins: string;
  line(one: Named): string;
  more: readonly string[];
}

function siteMail({ email, name, organisation }: Person, devices: readonly Named[], page: string, said: Said): Mail {
  const [first] = devices;
  const site = plain(first?.site ?? "");
  const what = devices.length === 1 ? plain(first?.name ?? "") : `${devices.length} devices`;
  const lines = devices.map((one) => `- ${plain(one.name)}, ${said.line(one)}`);
  const paragraphs = [
    `Hello ${plain(name)},`,
    `at ${site} (${plain(organisation)}) ${said.begins}:`,
    lines.join("\n"),
    ...said.more,
    page,
  ];
  return { to: email, subject: `${what} at ${site}: ${said.end}`, text: `${paragraphs.join("\n\n")}\n` };
}
