import { expect, test } from "vitest";
import { askedRange, namesEtag, placeOf } from "./range.ts";

const etag = '"abc"';
const size = 1000;
const place = (range: string, ifRange: string | null = null) => {
  const asked = askedRange(range, ifRange, etag);
  return asked.part ? (placeOf(asked.range, size) ?? 416) : "whole";
};

test.each([
  ["bytes=0-0", { offset: 0, length: 1 }],
  ["bytes=10-19", { offset: 10, length: 10 }],
  ["Bytes= 10-", { offset: 10, length: 990 }],
  ["bytes=990-5000", { offset: 990, length: 10 }],
  ["bytes=-10", { offset: 990, length: 10 }],
  ["bytes=-5000", { offset: 0, length: 1000 }],
  ["bytes=-0", 416],
  ["bytes=1000-", 416],
  ["bytes=5000-6000", 416],
])("%s of 1000 octets is %o", (range, expected) => {
  expect(place(range)).toEqual(expected);
});

test.each([
  "bytes=20-10",
  "bytes=-",
  "bytes=a-b",
  "items=0-1",
  "bytes=0-1,5-6",
  "bytes 0-1",
  "bytes=99999999999999999999-",
])("%s is ignored", (range) => {
  expect(place(range)).toBe("whole");
});

test("If-Range lets a range through for the same contents only, and never for a weak tag or a date", () => {
  expect(place("bytes=10-", etag)).toEqual({ offset: 10, length: 990 });
  for (const other of ['"abd"', 'W/"abc"', "Wed, 25 Nov 2026 10:00:00 GMT"])
    expect(place("bytes=10-", other)).toBe("whole");
});

test("If-None-Match compares weakly, in a list, and with a star", () => {
  for (const header of [etag, 'W/"abc"', '"x", "abc"', "*"]) expect(namesEtag(header, etag)).toBe(true);
  expect(namesEtag('"x"', etag)).toBe(false);
});
