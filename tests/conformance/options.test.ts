/** The kit's command line, and how it tells what it found. */
import { expect, test } from "vitest";
import { asJson, fitsAll, lineOf, newJudge, summary } from "./findings.ts";
import { readCommandLine, usage } from "./options.ts";

test("it plays the cloud or a device, at the platform's addresses unless told otherwise", () => {
  const environment = { PUBLIC_HOST: "192.0.2.7", MQTT_PORT: "18883" };
  expect(readCommandLine(["cloud", "--sip-port", "15061", "--json"], environment)).toMatchObject({
    play: "cloud",
    host: "192.0.2.7",
    "mqtt-port": 18_883,
    "sip-port": 15_061,
    "https-port": 8443,
    json: true,
  });
  expect(readCommandLine(["device", "--model", "ID8 TD"], {})).toMatchObject({ play: "device", model: "ID8 TD" });
});

test("without a word, or with --help, it says what it can do: all of it", () => {
  expect(readCommandLine([], {})).toEqual({ play: "help" });
  expect(readCommandLine(["cloud", "--help"], {})).toEqual({ play: "help" });
  const options = [
    "host",
    "maker",
    "model",
    "image",
    "release",
    "revision",
    "patience",
    "folder",
    "https-port",
    "mqtt-port",
    "sip-port",
    "log-port",
    "ntp-port",
    "json",
  ];
  expect(options.filter((name) => !usage.includes(`--${name}`))).toEqual([]);
});

test("a wrong word or value is a sentence", () => {
  expect(() => readCommandLine(["broker"], {})).toThrow('"broker" can\'t be played: cloud or device.');
  expect(() => readCommandLine(["cloud", "--mqtt-port", "70000"], {})).toThrow(/^--mqtt-port: /);
  expect(() => readCommandLine(["cloud", "--speed", "1"], {})).toThrow("--speed");
});

test("what was found is told once, with its place in the document, and as JSON", () => {
  const judge = newJudge();
  judge.fits("claim", "It waits.");
  judge.fits("claim", "It waits.");
  judge.notSeen("calls", "It offers no picture.");
  expect(fitsAll(judge.findings)).toBe(true);
  expect(judge.judge("commands", false, "It obeys.", "It does not obey.")).toBe(false);
  expect(judge.findings.map(lineOf)).toEqual([
    "✓ It waits.  (docs/device.md §4 Claim and presence)",
    "· It offers no picture.  (docs/device.md §11 Calls)",
    "✗ It does not obey.  (docs/device.md §9 Commands)",
  ]);
  expect(summary(judge.findings)).toBe("1 fit, 1 wrong, 1 not seen.");
  expect(JSON.parse(asJson(judge.findings))).toMatchObject({
    fits: false,
    findings: [{ verdict: "fits" }, { verdict: "not-seen" }, { verdict: "wrong", section: "§9 Commands" }],
  });
});
