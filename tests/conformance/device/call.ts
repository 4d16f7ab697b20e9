/** The played device over SIP: registers, keeps its connection, and presses. */
import { once } from "node:events";
import { connect } from "node:tls";
import { offerLeg } from "#media-nodes/sip-gateway/media/leg.ts";
import { portPool } from "#media-nodes/sip-gateway/media/ports.ts";
import { systemClock } from "#media-nodes/sip-gateway/sip/clock.ts";
import { clientDialog, dialogHeaders } from "#media-nodes/sip-gateway/sip/dialog.ts";
import type { Flow } from "#media-nodes/sip-gateway/sip/flow.ts";
import { newBranch } from "#media-nodes/sip-gateway/sip/identifiers.ts";
import { header, type SipResponse, tokens } from "#media-nodes/sip-gateway/sip/message.ts";
import { writeRequest } from "#media-nodes/sip-gateway/sip/serialise.ts";
import { minimumInterval } from "#media-nodes/sip-gateway/sip/session-timer.ts";
import { connectTls } from "#media-nodes/sip-gateway/sip/transport.ts";
import { createUserAgent } from "#media-nodes/sip-gateway/sip/user-agent.ts";
import type { Credentials } from "../../../station/identity/kept-identity.ts";
import type { ClaimedDevice } from "./judge-cloud.ts";

/** @param patience milliseconds */
const within = <T>(patience: number, promise: Promise<T>, otherwise: T) =>
  Promise.race([promise, new Promise<T>((resolve) => setTimeout(() => resolve(otherwise), patience).unref())]);
/** Seconds: a session that is too short to be agreed to. */
const tooShort = 30;

/** @param button the key of one of its buttons. Undefined: it was given none */
export async function playCall(device: ClaimedDevice, button: string | undefined): Promise<void> {
  const { judge, addresses, anchors, own, factory, deviceId, patience } = device;
  judge.judge(
    "calls",
    !(await answersPing(device, factory)),
    "It refuses a factory certificate over SIP.",
    "It lets in over SIP by a factory certificate.",
  );
  judge.judge(
    "calls",
    await answersPing(device, own),
    "It answers a double CRLF with a CRLF.",
    "It does not answer a double CRLF with a CRLF.",
  );
  const flow = await connectTls({
    host: addresses.host,
    port: addresses.sip,
    ...own,
    serverAuthority: anchors,
  });
  const contact = (on: Flow) => `<sip:${deviceId}@${on.local.address}:${on.local.port};transport=tls>`;
  const userAgent = createUserAgent({
    clock: systemClock,
    contact,
    sentBy: `${deviceId}.invalid`,
    onCall: (call) => call.reject(486),
    onError: () => undefined,
  });
  userAgent.attach(flow);
  let cseq = 0;
  const register = (user: string, expires: number) =>
    userAgent.request(flow, {
      method: "REGISTER",
      uri: `sip:${addresses.host}`,
      from: `<sip:${user}@${addresses.host}>`,
      to: `<sip:${user}@${addresses.host}>`,
      cseq: ++cseq,
      headers: [
        ["contact", `${contact(flow)};+sip.instance="<urn:uuid:${deviceId}>";reg-id=1;expires=${expires}`],
        ["supported", "outbound"],
      ],
    });
  try {
    const another = await register("somebody-else", 120);
    judge.judge(
      "calls",
      another.status === 403,
      "It refuses to register a device as another.",
      `It answers a registration as another with ${another.status}.`,
    );
    const brief = await register(deviceId, 5);
    judge.judge(
      "calls",
      brief.status === 423,
      "It refuses a registration that is too short, and says 423.",
      `It answers a registration for 5 s with ${brief.status}.`,
    );
    const good = await register(deviceId, 120);
    judge.judge(
      "calls",
      good.status === 200,
      "It registers the device.",
      `It does not register the device: ${good.status} ${good.reason}.`,
    );
    judge.judge(
      "calls",
      header(good, "flow-timer") !== undefined && tokens(good, "require").includes("outbound"),
      "It takes the connection for the device's (RFC 5626), and says how often to ping.",
      "It does not answer by RFC 5626: Flow-Timer or Require: outbound is missing.",
    );
    if (button === undefined) judge.notSeen("calls", "The device was given no button, so that it could not press.");
    else await press(button);
  } finally {
    flow.close("shut-down");
  }

  async function press(key: string): Promise<void> {
    const { address } = flow.local;
    const leg = await offerLeg({ video: true }, { address, ports: portPool(58_100, 58_119), events: {} });
    const uri = `sip:${key}@${addresses.host}`;
    const call = userAgent.call(flow, {
      uri,
      from: `<sip:${deviceId}@${addresses.host}>`,
      to: `<${uri}>`,
      sdp: leg.localSdp,
    });
    const early = Promise.withResolvers<SipResponse | undefined>();
    const refreshed = Promise.withResolvers<SipResponse | undefined>();
    flow.onMessage((message) => {
      if (message.kind !== "response" || message.callId !== call.callId) return;
      if (message.cseq.method === "UPDATE") refreshed.resolve(message);
      else if (message.cseq.method === "INVITE" && message.status === 183) early.resolve(message);
    });
    const statuses: number[] = [];
    const answered = Promise.withResolvers<boolean>();
    const ended = Promise.withResolvers<number>();
    call.onProgress((status, sdp) => {
      statuses.push(status);
      if (sdp !== undefined) answered.resolve(leg.setAnswer(sdp).ok);
    });
    call.onFailure((status) => {
      answered.resolve(false);
      early.resolve(undefined);
      ended.resolve(status);
    });
    call.onAnswer(({ dialog }) => {
      dialog.bye();
      ended.resolve(200);
    });
    const heard = await within(patience.cloud, answered.promise, false);
    judge.judge("calls", statuses.includes(180), "It says 180 to a press.", "It does not say 180 to a press.");
    judge.judge(
      "calls",
      heard,
      "It takes sound and picture at once: 183 with SRTP.",
      "It does not take sound and picture before somebody has answered: no 183 with an answer that fits.",
    );
    const progress = await within(patience.cloud, early.promise, undefined);
    if (progress) {
      askForLess(progress);
      const refused = await within(patience.cloud, refreshed.promise, undefined);
      judge.judge(
        "calls",
        refused?.status === 422 && Number(header(refused, "min-se")) >= minimumInterval,
        `It refuses a session that is shorter than ${minimumInterval} s with 422, and says what it takes (RFC 4028).`,
        `It answers an UPDATE to a session of ${tooShort} s with ${refused?.status ?? "nothing"}, and not with 422 and Min-SE (RFC 4028 §6).`,
      );
    }
    call.cancel();
    const end = await within(patience.cloud, ended.promise, 0);
    judge.judge(
      "calls",
      [200, 480, 487].includes(end),
      "It ends a press that is called off, or that nobody is there for.",
      `It ends a press that is called off with ${end || "nothing"}.`,
    );
    leg.close();

    /** Asks for a short session, in the dialog that this response has begun (RFC 3311 §5.1). */
    function askForLess(progress: SipResponse): void {
      const localTag = progress.from.params.get("tag") ?? "";
      const invite = { from: `<sip:${deviceId}@${addresses.host}>`, to: `<${uri}>`, callId: call.callId, localTag };
      const dialog = clientDialog(flow, { ...invite, cseq: 10 }, progress);
      const via = `SIP/2.0/TLS ${deviceId}.invalid;branch=${newBranch()};rport`;
      flow.send(
        writeRequest("UPDATE", dialog.remoteTarget, [
          ...dialogHeaders(dialog, "UPDATE", via, contact(flow)),
          ["session-expires", String(tooShort)],
          ["supported", "timer"],
        ]),
      );
    }
  }
}

/** Whether it lets in who shows this certificate, and is there. */
async function answersPing(
  { addresses, anchors, patience }: ClaimedDevice,
  { certificate: cert, key }: Credentials,
): Promise<boolean> {
  const socket = connect({ host: addresses.host, port: addresses.sip, ca: anchors, cert, key });
  socket.on("error", () => undefined);
  socket.on("secureConnect", () => socket.write("\r\n\r\n"));
  const answered = await within(
    patience.cloud,
    Promise.race([
      once(socket, "data").then(
        () => true,
        () => false,
      ),
      once(socket, "close").then(
        () => false,
        () => false,
      ),
    ]),
    false,
  );
  socket.destroy();
  return answered;
}
