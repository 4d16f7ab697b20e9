/** Whether a device is what it is told to be, and says what it is. */
import { same } from "#core/device/difference.ts";
import type { UpMessage } from "#core/messages/device.ts";
import type { PlayedBroker } from "./broker.ts";
import type { Happening } from "./played.ts";
import type { Steps } from "./steps.ts";

type Said = Extract<Happening, { what: "said" }>;
type Report = Extract<UpMessage, { kind: "reported" }>["body"];

const isReport = ({ message }: Said): boolean => message.kind === "reported";
export const reportIn = (said: Said | undefined): Report | undefined =>
  said?.message.kind === "reported" ? said.message.body : undefined;

/** A device that ignores what is old may say nothing at all. Milliseconds. */
const quiet = 1_500;

export async function judgeConfiguration({ played, patience }: Steps, broker: PlayedBroker): Promise<void> {
  const { seen, judge, state } = played;
  judge.judge(
    "mqtt",
    (await seen.next("said", patience.device, isReport)) !== undefined,
    "It reports what it is on every connection.",
    "It does not report (up/reported) after it has connected.",
  );
  const states = await seen.next("said", patience.device, ({ message }) => message.kind === "states");
  judge.judge(
    "mqtt",
    states !== undefined,
    "It says its states on every connection.",
    "It does not say its states (up/states) after it has connected.",
  );

  /** The report of the version that is desired now. */
  const applied = async (from: number) =>
    reportIn(
      await seen.next(
        "said",
        patience.device,
        ({ message }) => message.kind === "reported" && message.body.version === state.desired.version,
        from,
      ),
    );
  const fitting = (report: Report | undefined) =>
    report !== undefined &&
    Object.entries(state.desired.configuration).every(([field, value]) => {
      const own = Object.entries(report.configuration).find(([name]) => name === field)?.[1];
      return own === undefined || same(own, value);
    });
  if (
    !judge.judge(
      "configuration",
      fitting(await applied(0)),
      "It applies its first configuration and reports it.",
      "It does not report the configuration that it was told, under its version.",
    )
  )
    return;

  const { version, configuration } = state.desired;
  const from = seen.count;
  state.desired = { version: version + 2, configuration: { ...configuration, name: "Conformance, changed" } };
  const tomorrows = { ...state.desired, cameraCredentials: {}, "a-field-of-tomorrow": true };
  broker.say("desired", tomorrows);
  judge.judge(
    "configuration",
    fitting(await applied(from)),
    "It applies a newer version at once, and ignores a field that it doesn't know.",
    "It does not apply a newer version that has one more field than it knows.",
  );

  const before = seen.count;
  const stale = { version: version + 1, configuration: { ...configuration, name: "Conformance, stale" } };
  broker.say("desired", { ...stale, cameraCredentials: {} });
  const took = await seen.next(
    "said",
    quiet,
    ({ message }) =>
      message.kind === "reported" &&
      (message.body.version < state.desired.version || message.body.configuration.name === stale.configuration.name),
    before,
  );
  judge.judge(
    "configuration",
    took === undefined,
    "It ignores an older version that arrives late.",
    "It goes back to an older version that arrives late.",
  );
}
