import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../tests/support/folder.ts";
import { openLog } from "./log.ts";

const path = () => join(temporaryFolder("log"), "station", "log.ndjson");
const pressed = (button: string) => ({ event: "pressed", button }) as const;

it("keeps what happened in words, the urgent marked, and neither the code nor what passes every second", () => {
  const log = openLog(path(), () => 5_000);
  log.keep({ event: "unclaimed", code: "7K4M-PQ2D-88XV-3TQN" });
  log.keep({ event: "heard-tone", hertz: 600, packets: 50 });
  log.keep({ event: "cloud-away", reason: "no answer from rtsp://a:hunter2@camera" });
  log.keep({ event: "failed", reason: "No sound." });
  expect(log.newest(10)).toEqual([
    { at: 5_000, level: "info", text: expect.stringMatching(/^Nobody has claimed this station yet\. Enter/) },
    { at: 5_000, level: "warn", text: expect.stringContaining("rtsp://…@camera") },
    { at: 5_000, level: "error", text: "No sound." },
  ]);
});

it("is there after a power cut in the middle of a line, and loses no line after it", () => {
  const file = path();
  openLog(file, Date.now).keep(pressed("one"));
  appendFileSync(file, '{"at":1,"lev');
  const log = openLog(file, Date.now);
  log.keep(pressed("two"));
  expect(log.newest(10).map(({ text }) => text)).toEqual(['Button "one" pressed.', 'Button "two" pressed.']);
});

it("takes no more room than two files, keeps the newest, and forgets all when it is told to", () => {
  const file = path();
  const log = openLog(file, Date.now);
  for (let n = 0; n < 9_000; n++) log.keep(pressed(`button ${n}`));
  const octets = statSync(file).size + statSync(`${file}.1`).size;
  expect(octets).toBeLessThan(530_000);
  expect(readFileSync(file, "utf8")).not.toBe("");
  expect(log.newest(3_000)).toHaveLength(3_000);
  expect(log.newest(2).map(({ text }) => text)).toEqual([
    'Button "button 8998" pressed.',
    'Button "button 8999" pressed.',
  ]);
  log.forget();
  expect(log.newest(10)).toEqual([]);
});

it("tells who follows", () => {
  const log = openLog(path(), Date.now);
  const heard: string[] = [];
  const end = log.follow(({ text }) => heard.push(text));
  log.keep(pressed("one"));
  end();
  log.keep(pressed("two"));
  expect(heard).toEqual(['Button "one" pressed.']);
});
