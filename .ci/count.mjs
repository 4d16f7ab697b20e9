/** Prints how many tests passed and failed by vitest's JSON. A run that failed without a failed test counts as one. */
import { readFileSync } from "node:fs";

const [, , path, status] = process.argv;
let passed = 0;
let failed = 0;
try {
  const results = JSON.parse(readFileSync(path, "utf8"));
  passed = results.numPassedTests;
  failed = results.numFailedTests;
  // A file that could not be loaded has no tests to fail.
  failed += results.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
} catch {
  // vitest did not get as far as writing it
}
if (status !== "0" && failed === 0) failed = 1;
if (passed === 0 && failed === 0) failed = 1;
console.log(`${passed} ${failed}`);
