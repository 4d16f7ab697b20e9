/** A call's time line: what the record says, gathered into lines a person reads. Pure; words are the component's. */

import type { CallEvent } from "#core/call/record.ts";
import type { CallDetail } from "#core/messages/portal-api.ts";
import type { DoorCommandReason, EndReason } from "#core/messages/values.ts";

type Via = CallDetail["legs"][number]["via"];
export interface Named {
  name: string;
  you: boolean;
}

export type TimelineWhat =
  | { kind: "pressed"; button: string; snapshot: boolean }
  | ({ kind: "called" } & Named)
  /** Everyone who rang, gathered. */
  | { kind: "rang"; receivers: (Named & { via: Via })[] }
  | { kind: "station-answered" }
  /** Was meant to ring and did not. */
  | ({ kind: "unreached"; fate: "offline" | "not-allowed" | "told" } & Named)
  | ({ kind: "declined" } & Named)
  | ({ kind: "answered"; via: Via; others: boolean } & Named)
  /** One opening, from the ask to the door closing. Durations in milliseconds. */
  | ({ kind: "door"; confirmedAfter?: number; openFor?: number; failed?: DoorCommandReason | "unknown" } & Named)
  | { kind: "warned" }
  | { kind: "ended"; reason: EndReason; by?: Named; talked?: number };

export interface TimelineLine {
  at: number;
  what: TimelineWhat;
}

type What<T extends CallEvent["what"]["type"]> = Extract<CallEvent["what"], { type: T }>;
const isOf =
  <T extends CallEvent["what"]["type"]>(type: T) =>
  (event: CallEvent): event is CallEvent & { what: What<T> } =>
    event.what.type === type;

/** @param you the name and identifier of who reads it */
export function timeline(call: CallDetail, you: { id: string; name: string }): TimelineLine[] {
  const legs = new Map(call.legs.map((leg) => [leg.legId, leg]));
  const own = (legId: (typeof call.legs)[number]["legId"]) => legs.get(legId)?.userId === you.id;
  const lines: TimelineLine[] = [];

  for (const event of call.events) {
    const { at, what } = event;
    if (what.type === "pressed") {
      lines.push({ at, what: { kind: "pressed", button: what.button, snapshot: call.snapshotUrl !== undefined } });
    } else if (what.type === "called") {
      lines.push({ at, what: { kind: "called", name: what.by, you: what.userId === you.id } });
    } else if (what.type === "declined") {
      lines.push({ at, what: { kind: "declined", name: what.name, you: own(what.legId) } });
    } else if (what.type === "answered") {
      const via = legs.get(what.legId)?.via ?? "browser";
      const others = call.legs.some((leg) => leg.legId !== what.legId && leg.fate === "rang");
      lines.push({ at, what: { kind: "answered", name: what.name, you: own(what.legId), via, others } });
    } else if (what.type === "warned") {
      lines.push({ at, what: { kind: "warned" } });
    } else if (what.type === "ended") {
      const talked = call.answeredAt === undefined ? undefined : at - call.answeredAt;
      const by = what.by === undefined ? undefined : { name: what.by, you: what.by === you.name };
      lines.push({ at, what: { kind: "ended", reason: what.reason, by, talked } });
    }
  }
  lines.push(...rang(call, legs, own), ...unreached(call, own), ...openings(call, you));
  if (call.direction === "to-station" && call.answeredAt !== undefined && !call.events.some(isOf("answered"))) {
    lines.push({ at: call.answeredAt, what: { kind: "station-answered" } });
  }
  return lines.sort((one, other) => one.at - other.at || rank(one) - rank(other));
}

/** What comes first of what happened in the same millisecond. */
const order: TimelineWhat["kind"][] = [
  "pressed",
  "called",
  "rang",
  "unreached",
  "declined",
  "answered",
  "station-answered",
  "door",
  "warned",
  "ended",
];
const rank = (line: TimelineLine): number => order.indexOf(line.what.kind);

function rang(
  call: CallDetail,
  legs: ReadonlyMap<string, CallDetail["legs"][number]>,
  own: (legId: CallDetail["legs"][number]["legId"]) => boolean,
): TimelineLine[] {
  const events = call.events.filter(isOf("rang"));
  const first = events[0];
  if (!first) return [];
  const receivers = events.map(({ what }) => ({
    name: what.name,
    you: own(what.legId),
    via: legs.get(what.legId)?.via ?? ("browser" as const),
  }));
  return [{ at: first.at, what: { kind: "rang", receivers } }];
}

function unreached(call: CallDetail, own: (legId: CallDetail["legs"][number]["legId"]) => boolean): TimelineLine[] {
  if (call.direction === "to-station") return [];
  // Whoever was not there was known to be away when the others rang.
  const away = call.events.find(isOf("rang"))?.at ?? call.startedAt;
  return call.legs.flatMap((leg): TimelineLine[] => {
    if (leg.fate !== "offline" && leg.fate !== "not-allowed" && leg.fate !== "told") return [];
    const what: TimelineWhat = { kind: "unreached", fate: leg.fate, name: leg.name, you: own(leg.legId) };
    return [{ at: leg.fate === "told" ? (leg.toldAt ?? away) : away, what }];
  });
}

function openings(call: CallDetail, you: { id: string }): TimelineLine[] {
  const commands = Map.groupBy(call.events.filter(isOf("door")), (event) => event.what.commandId);
  return [...commands.values()].flatMap((events): TimelineLine[] => {
    const first = events[0];
    if (!first) return [];
    const at = (state: What<"door">["state"]) => events.find((event) => event.what.state === state)?.at;
    const confirmed = at("confirmed") ?? at("open");
    const opened = at("open") ?? confirmed;
    const closed = at("closed");
    const failed = events.find(({ what }) => what.state === "failed" || what.state === "refused");
    return [
      {
        at: first.at,
        what: {
          kind: "door",
          name: first.what.by,
          you: first.what.userId === you.id,
          confirmedAfter: confirmed === undefined ? undefined : confirmed - first.at,
          openFor: opened === undefined || closed === undefined ? undefined : closed - opened,
          failed: confirmed === undefined && failed ? (failed.what.reason ?? "unknown") : undefined,
        },
      },
    ];
  });
}

/** When a line happened, after the first one: `+0.2 s`, from a minute on `+1:02`. @param after milliseconds */
export function offset(after: number, language: string): string {
  if (after < 60_000) {
    const tenth = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    return `+${tenth.format(after / 1_000)} s`;
  }
  const seconds = Math.floor(after / 1_000);
  return `+${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
