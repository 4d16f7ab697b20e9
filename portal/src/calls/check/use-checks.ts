import { useCallback, useState } from "react";
import {
  type CheckName,
  type CheckResult,
  checkCamera,
  checkMicrophone,
  checkNames,
  checkNotifications,
  checkSecure,
  checkSound,
  checkUdp,
} from "./checks.ts";

export interface Checks {
  results: Partial<Record<CheckName, CheckResult>>;
  running: ReadonlySet<CheckName>;
  /** Of the microphone while it is checked, 0 to 1. */
  level: number;
  run(name: CheckName): Promise<void>;
  /** All, those that ask for something last. From a click: the sound needs one. */
  runAll(): Promise<void>;
  /** The person's answer to "Did you hear two tones?" */
  answerSound(heard: boolean): void;
  allowNotifications(): Promise<void>;
}

export function useChecks(): Checks {
  const [results, setResults] = useState<Checks["results"]>({});
  const [running, setRunning] = useState<ReadonlySet<CheckName>>(new Set());
  const [level, setLevel] = useState(0);
  const put = useCallback((result: CheckResult) => setResults((all) => ({ ...all, [result.check]: result })), []);

  const run = useCallback(
    async (name: CheckName) => {
      setRunning((all) => new Set(all).add(name));
      try {
        put(await runOne(name, setLevel));
      } finally {
        setRunning((all) => new Set([...all].filter((one) => one !== name)));
        if (name === "microphone") setLevel(0);
      }
    },
    [put],
  );
  const runAll = useCallback(async () => {
    await Promise.all(checkNames.filter((name) => name !== "sound").map(run));
    await run("sound"); // last: two tones would be heard by the microphone
  }, [run]);

  return {
    results,
    running,
    level,
    run,
    runAll,
    answerSound: (heard) => put({ check: "sound", outcome: heard ? "ok" : "failed" }),
    allowNotifications: async () => {
      await Notification.requestPermission();
      put(checkNotifications());
    },
  };
}

async function runOne(name: CheckName, onLevel: (level: number) => void): Promise<CheckResult> {
  switch (name) {
    case "secure":
      return checkSecure();
    case "microphone":
      return checkMicrophone(onLevel);
    case "camera":
      return checkCamera();
    case "sound":
      return checkSound();
    case "notifications":
      return checkNotifications();
    case "udp":
      return checkUdp();
  }
}
