import { describe, expect, it } from "vitest";
import { newReporter, sentence } from "./events.ts";
import { readCommandLine, UsageError } from "./options.ts";

describe("the station's command line", () => {
  it("presses the demo's main entrance unless told otherwise", () => {
    const command = readCommandLine(["press"], {});
    expect(command).toMatchObject({ mode: "press", host: "localhost", port: 5061, "cloud-port": 8443, tone: 600 });
  });

  it("takes host and port from the platform's own variables, and the word on the line before them", () => {
    const environment = { PUBLIC_HOST: "door.example", SIP_PORT: "6061", DATA_DIR: "/data" };
    expect(readCommandLine(["listen"], environment)).toMatchObject({ host: "door.example", port: 6061 });
    expect(readCommandLine(["listen", "--port", "7000"], environment)).toMatchObject({
      port: 7000,
      dataFolder: "/data",
    });
  });

  it.each([
    ["a word it does not know", ["dance"], /dance/],
    ["an option it does not know", ["press", "--loud"], /loud/],
    ["a device that is none", ["press", "--device", "the door"], /--device/],
    ["a picture code too large", ["press", "--picture-code", "70000"], /--picture-code/],
    ["a button that would break the address", ["press", "--button", "a@b"], /--button/],
  ])("says in a sentence what is wrong with %s", (_, args, words) => {
    expect(() => readCommandLine(args, {})).toThrow(UsageError);
    expect(() => readCommandLine(args, {})).toThrow(words);
  });

  it("helps where nothing is asked", () => {
    expect(readCommandLine([], {})).toBe("help");
    expect(readCommandLine(["press", "--help"], {})).toBe("help");
  });
});

describe("the station's report", () => {
  it("is one JSON object a line for tests", () => {
    const lines: string[] = [];
    const report = newReporter({ json: true, write: (line) => lines.push(line), now: () => 7 });
    report({ event: "output-fired", output: 1, pulse: 6_000, count: 1 });
    expect(JSON.parse(lines[0] ?? "")).toEqual({ at: 7, event: "output-fired", output: 1, pulse: 6_000, count: 1 });
  });

  it("does not tell a person the same thing twice in a row", () => {
    const lines: string[] = [];
    const report = newReporter({ json: false, write: (line) => lines.push(line) });
    for (let i = 0; i < 3; i++) report({ event: "heard-tone", hertz: 440, packets: 50 });
    report({ event: "heard-tone", hertz: null, packets: 50 });
    expect(lines).toHaveLength(1);
  });

  it("tells a refusal from the end of a talk", () => {
    expect(sentence({ event: "ended", sipStatus: 480, reason: "No Answer", talked: 0 })).toMatch(/Not answered: 480/);
    expect(sentence({ event: "ended", sipStatus: 200, reason: "bye-received", talked: 4_000 })).toMatch(/after 4 s/);
  });
});
