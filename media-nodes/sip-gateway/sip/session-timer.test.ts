import { expect, test } from "vitest";
import type { SipRequest, SipResponse } from "./message.ts";
import { parse } from "./parse.ts";
import { acceptedTimer, answerTimer, givenUpAfter, timerHeaders } from "./session-timer.ts";

function message(start: string, fields: readonly string[]) {
  const result = parse(
    [
      start,
      "Via: SIP/2.0/TLS 192.0.2.7;branch=z9hG4bKa",
      "From: <sip:a@b>;tag=1",
      "To: <sip:c@d>",
      "Call-ID: one",
      "CSeq: 1 INVITE",
      ...fields,
      "",
      "",
    ].join("\r\n"),
  );
  if (!result.ok) throw new Error(result.reason);
  return result.message;
}
function invite(...fields: readonly string[]): SipRequest {
  const made = message("INVITE sip:c@d SIP/2.0", fields);
  if (made.kind !== "request") throw new Error("unreachable");
  return made;
}
function ok(...fields: readonly string[]): SipResponse {
  const made = message("SIP/2.0 200 OK", fields);
  if (made.kind !== "response") throw new Error("unreachable");
  return made;
}

const timer = "Supported: timer";

test.each([
  ["no wish", [], { kind: "none" }, []],
  ["a wish below 90 s", [timer, "Session-Expires: 89"], { kind: "too-small" }, []],
  [
    "a wish without a refresher: the caller refreshes",
    [timer, "Session-Expires: 1800"],
    { kind: "timer", timer: { interval: 1800, refresher: "peer" } },
    [
      ["session-expires", "1800;refresher=uac"],
      ["require", "timer"],
    ],
  ],
  [
    "a wish that we refresh",
    [timer, "x: 90 ; refresher = UAS"],
    { kind: "timer", timer: { interval: 90, refresher: "us" } },
    [["session-expires", "90;refresher=uas"]],
  ],
  [
    "a caller that doesn't know timers (a proxy added the wish): we refresh and require nothing",
    ["Session-Expires: 600;refresher=uac"],
    { kind: "timer", timer: { interval: 600, refresher: "us" } },
    [["session-expires", "600;refresher=uas"]],
  ],
])("RFC 4028 §9: %s", (_what, fields, expected, headers) => {
  const answer = answerTimer(invite(...fields));
  expect(answer).toEqual(expected);
  expect(timerHeaders(answer)).toEqual(headers);
});

test("RFC 4028 §7.2: the answer says who refreshes", () => {
  expect(acceptedTimer(ok("Session-Expires: 300;refresher=uas"))).toEqual({ interval: 300, refresher: "peer" });
  expect(acceptedTimer(ok("Session-Expires: 300;refresher=uac"))).toEqual({ interval: 300, refresher: "us" });
  expect(acceptedTimer(ok())).toBeUndefined();
});

test("RFC 4028 §10: given up a third, but at most 32 s, before the end", () => {
  expect(givenUpAfter(90)).toBe(60_000);
  expect(givenUpAfter(1800)).toBe(1_768_000);
});
