/** Plays the cloud for one device, from its first request to its revocation, and judges what it does. */
import { randomUUID } from "node:crypto";
import type { DesiredState } from "#core/device/configuration.ts";
import { deviceId } from "#core/messages/values.ts";
import type { Judge } from "../findings.ts";
import { playAdmission } from "./admission.ts";
import { playBroker } from "./broker.ts";
import { judgeCalls } from "./calls.ts";
import { judgeCommands, judgeRenewal, judgeWipe } from "./commands.ts";
import { judgeConfiguration } from "./configuration.ts";
import { playHttps } from "./enrolling.ts";
import { type FirmwareOptions, judgeFirmware, playFirmware } from "./firmware.ts";
import { type PlayedGateway, playGateway } from "./gateway.ts";
import { type Met, standIn } from "./impostor.ts";
import { judgeLogs } from "./logs.ts";
import { type Addresses, makePlayed } from "./played.ts";
import { bell, type Steps } from "./steps.ts";
import { judgeClock, playLiar } from "./time.ts";

export interface JudgeDeviceOptions extends Pick<Steps, "ask"> {
  folder: string;
  addresses: Addresses;
  /** PEM: the authority of the device's factory certificate. */
  maker?: string;
  /** A release that it is to install. Absent: it is not tried. */
  firmware?: FirmwareOptions;
  judge: Judge;
  /** The cloud itself listens there from now on; before, it was somebody in its place, or nobody. */
  onListening?(at: "HTTPS" | "MQTT"): void;
  /** @default 60 s, 5 min */
  patience?: Steps["patience"];
}

const firstConfiguration: DesiredState = {
  version: 1,
  configuration: {
    name: "Conformance",
    timeZone: "Europe/Vienna",
    buttons: [{ key: bell, label: "Bell" }],
    doorOpeners: [{ output: 1, name: "Door", pulse: 500, confirm: "hold" }],
    outputRules: [],
    cameras: [],
  },
};

/** Resolves when everything has been judged that could be. Rejects where a port is taken. */
export async function judgeDevice(options: JudgeDeviceOptions): Promise<void> {
  const { addresses, judge, ask, patience = { device: 60_000, person: 300_000 } } = options;
  const played = await makePlayed({
    ...options,
    deviceId: deviceId.parse(randomUUID()),
    desired: firstConfiguration,
  });
  const ends: (() => Promise<void>)[] = [];
  const steps = { played, ask, patience };
  try {
    await walk(steps, ends);
  } finally {
    for (const end of ends.reverse()) await end();
  }

  async function walk(steps: Steps, ends: (() => Promise<void>)[]): Promise<void> {
    const { seen, state } = played;
    const { host, bind } = addresses;
    const admission = playAdmission(played);
    let gateway: PlayedGateway | undefined;
    const firmware = options.firmware && (await playFirmware(options.folder, options.firmware));
    const impostorAt = async (port: number, what: string) => {
      const impostor = await standIn({ host: bind, port, name: host });
      ends.push(async () => void (await impostor.met(0)));
      return async (within: number) => judgeMeeting(await impostor.met(within), what);
    };
    const judgeMeeting = (met: Met, what: string): Met => {
      if (met === "nobody") judge.notSeen("identity", `It was not tried whether it lets an impostor in at ${what}.`);
      else
        judge.judge(
          "identity",
          met === "refused",
          `It does not talk to a server at ${what} that its trust anchor does not vouch for.`,
          `It talks to any server at ${what}: it must check the certificate against its trust anchor.`,
        );
      return met;
    };

    /** Its SIP connection is lost, and who answers then is somebody else. */
    async function loseGateway(): Promise<void> {
      const from = seen.count;
      await gateway?.close();
      await (await impostorAt(addresses.sip, "SIP"))(patience.device);
      gateway = await playGateway(played, admission);
      judge.judge(
        "calls",
        (await seen.next("registered", patience.device, undefined, from)) !== undefined,
        "It registers again by itself after its connection was lost.",
        "It does not register again after its SIP connection was lost.",
      );
    }

    const liar = await playLiar(played);
    ends.push(async () => liar.close());
    const meetsImpostor = await impostorAt(addresses.https, "HTTPS");
    ask("switch-on", `Switch the device on, unclaimed, with this cloud's addresses and trust anchor.`);
    if ((await meetsImpostor(patience.person)) === "nobody")
      return judge.wrong("online", "It does not come online: nobody connects to the HTTPS port.");
    ends.push(await playHttps(played, admission, firmware));
    options.onListening?.("HTTPS");

    if (!(await seen.next("unclaimed", patience.device)))
      return judge.wrong("claim", "It does not ask for its certificate (simpleenroll) while it is unclaimed.");
    judge.fits("claim", "Unclaimed, it asks for its certificate and takes 202 for an answer.");
    // Once more, so that it is seen how long it waits.
    if (!(await seen.next("unclaimed", patience.device, undefined, seen.count)))
      return judge.wrong("claim", "It does not ask again after 202.");

    // Before it is certified, so that nobody else answers there.
    const meetsBroker = await impostorAt(addresses.mqtt, "MQTT");
    gateway = await playGateway(played, admission);
    ends.push(async () => gateway?.close());
    ask("press", "Press a button at the device: somebody claims it, and is there.");
    if (!(await seen.next("present", patience.person)))
      return judge.wrong("claim", "It does not say (/device/presence) that somebody pressed.");
    judge.fits("claim", "It says that somebody pressed, under its factory certificate.");

    if (!(await seen.next("certified", patience.device)))
      return judge.wrong("certificate", "It does not fetch its certificate after the claim.");
    judge.fits("certificate", "It asks with a P-256 key that it has, and takes its certificate.");
    const learnt = await seen.next("learnt-anchors", patience.device);
    judge.judge(
      "certificate",
      learnt !== undefined,
      "It fetches cacerts, so that authorities can change.",
      "It does not fetch cacerts: when an authority changes, it is lost.",
    );

    await meetsBroker(patience.device);
    const broker = await playBroker(played, admission);
    ends.push(broker.close);
    options.onListening?.("MQTT");
    if (!(await seen.next("listening", patience.device)))
      return judge.wrong("mqtt", "It does not connect to MQTT and subscribe to its own topics.");
    judge.fits("mqtt", "It connects to MQTT as its certificate names it, and subscribes to its own topics.");
    await judgeConfiguration(steps, broker);
    await judgeCalls(steps, gateway);
    if (gateway.registration) await loseGateway();
    await judgeCommands(steps, broker);
    await judgeRenewal(steps, broker);
    await judgeClock(played, await judgeLogs(steps, broker));
    if (firmware && options.firmware) await judgeFirmware(steps, broker, firmware, options.firmware.release);
    else judge.notSeen("firmware", "It was not tried whether it updates itself: no image was given.");
    await judgeWipe(steps, broker);

    state.revoked = true;
    admission.revoked(state.good);
    if (await seen.next("turned-away", Math.min(patience.device, 10_000)))
      judge.fits("end", "Revoked, it asks by its factory certificate how it stands.");
    else judge.notSeen("end", "Revoked, it has not asked by its factory certificate how it stands.");
  }
}
