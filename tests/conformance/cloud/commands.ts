/** Whether a device does what it is asked, once, in time, and says so; and whether it renews its certificate. */
import { randomUUID } from "node:crypto";
import type { Up, UpMessage } from "#core/messages/device.ts";
import type { CommandId } from "#core/messages/values.ts";
import type { PlayedBroker } from "./broker.ts";
import { reportIn } from "./configuration.ts";
import type { Played } from "./played.ts";
import type { Steps } from "./steps.ts";

/** What the device says of a command. Undefined: nothing within the time (milliseconds). @param from so many happenings on */
export async function outcomeOf(
  { seen }: Pick<Played, "seen">,
  id: CommandId,
  from: number,
  within: number,
): Promise<Up<"acknowledged">["result"] | undefined> {
  const isIt = (message: UpMessage) => message.kind === "acknowledged" && message.body.commandId === id;
  const said = await seen.next("said", within, ({ message }) => isIt(message), from);
  return said?.message.kind === "acknowledged" ? said.message.body.result : undefined;
}

export async function judgeCommands({ played, patience }: Steps, broker: PlayedBroker): Promise<void> {
  const { seen, judge } = played;

  const outcome = (id: CommandId, from: number) => outcomeOf(played, id, from, patience.device);
  const words = (result: string | undefined) =>
    result === undefined ? "does not acknowledge" : `answers "${result}" to`;

  let from = seen.count;
  const first = broker.command({ do: "identify" });
  const done = await outcome(first, from);
  judge.judge(
    "commands",
    done === "done" || done === "refused",
    "It acknowledges a command.",
    `It ${words(done)} a command that is meant for it.`,
  );
  from = seen.count;
  broker.command({ do: "identify" }, { commandId: first });
  const again = await outcome(first, from);
  judge.judge(
    "commands",
    again !== undefined && again === done,
    "It acknowledges a command that comes twice as it did before.",
    `It ${words(again)} a command that comes a second time; before it was "${done ?? "nothing"}".`,
  );

  from = seen.count;
  const late = await outcome(broker.command({ do: "identify" }, { within: 1 }), from);
  judge.judge(
    "commands",
    late === "expired",
    "It does not carry out a command that has expired.",
    `It ${words(late)} a command whose time (within) is over: it must answer "expired" and not carry it out.`,
  );
  from = seen.count;
  const foreign = await outcome(broker.command({ do: "identify" }, { challenge: randomUUID() }), from);
  judge.judge(
    "commands",
    foreign === "expired",
    "It does not carry out a command with another connection's challenge.",
    `It ${words(foreign)} a command with a challenge that is not its connection's: it must answer "expired".`,
  );

  const former = broker.session?.challenge;
  const cut = seen.count;
  broker.cut();
  if (!(await seen.next("listening", patience.device, undefined, cut)))
    return judge.wrong("mqtt", "It does not come back after its MQTT connection was cut.");
  judge.fits("mqtt", "It comes back by itself after its MQTT connection was cut.");
  judge.judge(
    "mqtt",
    (await seen.next("said", patience.device, ({ message }) => message.kind === "reported", cut)) !== undefined,
    "It reports again when it is back.",
    "It does not report again when it is back: it would never be told what it missed.",
  );
  from = seen.count;
  const replayed = await outcome(broker.command({ do: "identify" }, former ? { challenge: former } : {}), from);
  judge.judge(
    "commands",
    replayed === "expired",
    "It does not carry out a command that was recorded in its last connection.",
    `It ${words(replayed)} a command that was recorded in its last connection: it must answer "expired".`,
  );
}

/** What it was told is forgotten, at the very end. */
export async function judgeWipe({ played, patience }: Omit<Steps, "ask">, broker: PlayedBroker): Promise<void> {
  const { seen, judge } = played;
  let from = seen.count;
  const wiped = await outcomeOf(played, broker.command({ do: "wipe" }), from, patience.device);
  judge.judge(
    "commands",
    wiped === "done",
    "It forgets what it was told when it is wiped.",
    `It answers "${wiped ?? "nothing"}" to wipe.`,
  );
  from = seen.count;
  broker.cut();
  const report = reportIn(await seen.next("said", patience.device, ({ message }) => message.kind === "reported", from));
  judge.judge(
    "commands",
    report?.version === 0 && (report.configuration.buttons ?? []).length === 0,
    "Wiped, it reports version 0 without buttons.",
    "Wiped, it still reports what it was told before, or not version 0.",
  );
}

export async function judgeRenewal({ played, patience }: Omit<Steps, "ask">, broker: PlayedBroker): Promise<void> {
  const { seen, judge } = played;
  const from = seen.count;
  broker.command({ do: "renew-certificate" });
  const renewed = await seen.next("certified", patience.device, ({ how }) => how === "renewed", from);
  if (!renewed) return judge.wrong("renewal", "It does not renew its certificate when it is asked to.");
  judge.fits("renewal", "It renews its certificate under the same names.");
  const back = await seen.next("listening", patience.device, ({ serial }) => serial === renewed.serial, from);
  judge.judge(
    "renewal",
    back !== undefined,
    "It connects anew with the new certificate.",
    "It does not connect to MQTT with its new certificate.",
  );
}
