/** What people are told of devices that dropped off. Times are the site's. */
import type { Cause } from "#core/device/watch.ts";
import type { WatchMail } from "#db/queries/outages.ts";
import { type Mail, plain } from "../auth/mail.ts";

type Named = WatchMail["outages"][number];

const clock = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);

const why: Record<Cause, string> = {
  device: "It is probably the device itself: its power or its network cable.",
  site: "Nothing at the site is connected, so it is probably the site's Internet connection or its power.",
  ours: "Our own node that they were connected to is away, so nobody knows how they are. We are at it; there is nothing to do at the site.",
};

interface Said {
  end: string;
  begins: string;
  line(one: Named): string;
  more: readonly string[];
  page: `/${string}`;
}

/** Devices of one site that are away; or all of it is back, or has been for a while. */
const said: Record<WatchMail["kind"], (mail: WatchMail) => Said> = {
  away: ({ outages, timeZone }) => ({
    end: "not connected",
    begins: "this is not connected any more",
    line: ({ since }) => `last seen ${clock(since, timeZone)}`,
    more: [...new Set(outages.map(({ cause }) => why[cause])), "You are told when it is back."],
    page: "/devices?show=offline",
  }),
  back: ({ timeZone }) => ({
    end: "connected again",
    begins: "this is connected again",
    line: ({ since, endedAt }) => `away from ${clock(since, timeZone)} to ${clock(endedAt ?? since, timeZone)}`,
    more: [],
    page: "/devices",
  }),
};

/** @param origin of the portal */
export function watchMail(mail: WatchMail, origin: string): Mail {
  const { kind, outages, person, organisation } = mail;
  const { end, begins, line, more, page } = said[kind](mail);
  const [first] = outages;
  const site = plain(mail.site);
  const what = outages.length === 1 ? plain(first?.name ?? "") : `${outages.length} devices`;
  const paragraphs = [
    `Hello ${plain(person.name)},`,
    `at ${site} (${plain(organisation)}) ${begins}:`,
    outages.map((one) => `- ${plain(one.name)}, ${line(one)}`).join("\n"),
    ...more,
    `${origin}${page}`,
  ];
  return { to: person.email, subject: `${what} at ${site}: ${end}`, text: `${paragraphs.join("\n\n")}\n` };
}
