import { expect, test } from "vitest";
import { metricsText } from "./prometheus.ts";

test("writes families with labels, and escapes what a label must not hold", () => {
  const text = metricsText([
    {
      name: "calls_total",
      kind: "counter",
      help: "Calls",
      values: [[{ direction: "from-station", by: 'a"b\\\n' }, 3]],
    },
    { name: "clients", kind: "gauge", help: "Sockets", values: [[{}, 0]] },
  ]);
  expect(text).toBe(
    '# HELP calls_total Calls\n# TYPE calls_total counter\ncalls_total{direction="from-station",by="a\\"b\\\\\\n"} 3\n' +
      "# HELP clients Sockets\n# TYPE clients gauge\nclients 0\n",
  );
});
