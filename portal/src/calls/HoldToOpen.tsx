import { VisuallyHidden } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { IconCheck, IconChevronDown, IconKey, IconKeyOff } from "@tabler/icons-react";
import { type CSSProperties, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceId } from "#core/messages/values.ts";
import { useKept } from "../kept.ts";
import { useDoorCommand, useNow } from "../live/hooks.ts";
import styles from "./HoldToOpen.module.css";
import { type HoldView, holdView } from "./hold-state.ts";
import { Key } from "./Key.tsx";
import { plainKey, useShortcut } from "./keys.ts";
import { useDoorDetails, useDoorOnline } from "./use-door-details.ts";
import { holdTime, openBy, useHold } from "./use-hold.ts";

export interface HoldToOpenProps {
  deviceId: DeviceId;
  /** The door's name, for who listens rather than looks. */
  door: string;
  /** `tile` 36 high; `sheet` and `stage` 52. */
  look?: "tile" | "sheet" | "stage";
  /** This is the door in front: the key `O` holds it too. */
  keyboard?: boolean;
  className?: string;
}

/**
 * The one way to open a door. Leave it out where the person may use none of its openers; of several, they choose beside it
 * by which it opens. It announces only the result, and only where it was asked for.
 */
export function HoldToOpen({ deviceId, door, look = "tile", keyboard = false, className }: HoldToOpenProps) {
  const { t } = useTranslation("calls");
  const shortcut = useShortcut();
  const openers = useDoorDetails(deviceId)?.openers ?? [];
  const [chosen, choose] = useState<number>();
  const opener = openers.find(({ output }) => output === chosen) ?? openers[0];
  const { command, open } = useDoorCommand(deviceId, opener?.output);
  const online = useDoorOnline(deviceId);
  const now = useNow(command ? 250 : 60_000);
  const view = holdView(command, online, now, opener?.pulse);
  const asked = useRef(false);
  const closed = view.kind === "offline" || view.kind === "refused";
  const busy = view.kind === "asking" || view.kind === "other";
  const by = useKept(openBy);
  const fire = () => {
    asked.current = true;
    open();
  };
  const hold = useHold(by, opener?.confirm === "ask", fire);
  const still = useReducedMotion();
  const press = () => {
    if (!closed && !busy) hold.press();
  };
  useHoldKey(keyboard, keyboard && !closed && !busy, hold.press, hold.letGo);
  const result = useResult(view, asked);

  const holding = hold.since !== undefined;
  const pointer = {
    onPointerDown: (event: PointerEvent<HTMLButtonElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      press();
    },
    onPointerUp: hold.letGo,
    onPointerCancel: hold.letGo,
  };
  const several = openers.length > 1;
  return (
    <div className={`${styles.hold} ${className ?? ""}`} data-state={view.kind}>
      <button
        type="button"
        className={styles.button}
        data-look={look}
        data-state={holding ? "holding" : hold.armed ? "armed" : view.kind}
        aria-disabled={closed || busy || undefined}
        aria-keyshortcuts={keyboard ? shortcut("O") : undefined}
        style={{ "--hold-time": `${holdTime}ms` } as CSSProperties}
        {...pointer}
        onKeyDown={(event) => {
          if ((event.key !== " " && event.key !== "Enter") || event.repeat) return;
          event.preventDefault();
          press();
        }}
        onKeyUp={(event) => (event.key === " " || event.key === "Enter") && hold.letGo()}
        onBlur={hold.letGo}
        onContextMenu={(event) => event.preventDefault()}
      >
        <span className={styles.fill} aria-hidden />
        <span className={styles.label}>
          {holding ? (
            <>
              <IconKey size={16} stroke={1.75} aria-hidden />
              {still ? <Countdown from={hold.since ?? 0} /> : t("hold.holding")}
            </>
          ) : (
            <Label view={view} armed={hold.armed} look={look} by={by} />
          )}
          {keyboard && look === "sheet" && view.kind === "ready" && !hold.armed && <Key>O</Key>}
        </span>
        {several && !closed && (
          <small className={styles.by} title={opener?.name}>
            {opener?.name}
          </small>
        )}
      </button>
      {several && (
        <span className={styles.which} data-look={look}>
          <IconChevronDown size={16} stroke={1.75} aria-hidden />
          <select
            aria-label={t("hold.which", { door })}
            disabled={holding || busy}
            value={opener?.output}
            onChange={(event) => choose(Number(event.currentTarget.value))}
          >
            {openers.map(({ output, name }) => (
              <option key={output} value={output}>
                {name}
              </option>
            ))}
          </select>
        </span>
      )}
      <VisuallyHidden>
        <span aria-live="assertive">{result && t(`hold.result.${result}`, { door })}</span>
      </VisuallyHidden>
    </div>
  );
}

function Label(props: {
  view: HoldView;
  armed: boolean;
  look: HoldToOpenProps["look"];
  by: "hold" | "twice";
}): ReactNode {
  const { t } = useTranslation("calls");
  const { view, armed, look, by } = props;
  const key = <IconKey size={look === "tile" ? 16 : 20} stroke={1.75} aria-hidden />;
  if (armed) return t("hold.pressAgain");
  switch (view.kind) {
    case "ready":
      return (
        <>
          {key}
          {by === "twice" ? t("hold.press") : t(look === "tile" ? "hold.label" : "hold.labelLong")}
        </>
      );
    case "offline":
      return (
        <>
          <IconKeyOff size={16} stroke={1.75} aria-hidden />
          {t("hold.offline")}
        </>
      );
    case "asking":
      return (
        <>
          {t("hold.asking")}
          <span className={styles.dots} aria-hidden>
            <i />
            <i />
            <i />
          </span>
        </>
      );
    case "other":
      return t("hold.opensBy", { name: view.by });
    case "open":
      return (
        <>
          <IconCheck size={look === "tile" ? 16 : 20} stroke={2} aria-hidden />
          {view.seconds === undefined ? t("hold.open") : t("hold.openFor", { seconds: view.seconds })}
        </>
      );
    case "failed":
      if (view.reason === "offline") return t("hold.failedOffline");
      if (view.reason === "device-error") return t("hold.failedDevice");
      return t(look === "tile" ? "hold.failedShort" : "hold.failed");
    case "refused":
      return t(view.reason === "no-output" ? "hold.refusedNoOutput" : "hold.refused");
  }
}

/** For those who want no motion: the hold in words. */
function Countdown({ from }: { from: number }) {
  const { t } = useTranslation("calls");
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((n) => n + 1), 100);
    return () => clearInterval(timer);
  }, []);
  const half = performance.now() - from < holdTime / 2;
  return t("hold.holdingSeconds", { seconds: half ? 2 : 1 });
}

/** The controls that want `O`, in the order they came: the last is in front, and it alone gets the key. */
const wantKey: symbol[] = [];

/** `O` for the door in front, held like the button itself. */
function useHoldKey(wanted: boolean, active: boolean, press: () => void, letGo: () => void): void {
  const [own] = useState(() => Symbol("hold"));
  useEffect(() => {
    if (!wanted) return;
    wantKey.push(own);
    return () => {
      wantKey.splice(wantKey.indexOf(own), 1);
    };
  }, [wanted, own]);
  useEffect(() => {
    if (!active) return;
    const onDown = (event: KeyboardEvent) => {
      if (event.repeat || event.defaultPrevented || wantKey.at(-1) !== own) return;
      if (plainKey(event) === "o") press();
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "o") letGo();
    };
    window.addEventListener("keydown", onDown);
    window.addEventListener("keyup", onUp);
    return () => {
      window.removeEventListener("keydown", onDown);
      window.removeEventListener("keyup", onUp);
    };
  }, [active, press, letGo, own]);
}

/** The result to announce, once it is there, if it was asked for here. */
function useResult(view: HoldView, asked: { current: boolean }): "open" | "failed" | "refused" | undefined {
  const [result, setResult] = useState<"open" | "failed" | "refused">();
  const { kind } = view;
  useEffect(() => {
    if (kind === "asking") setResult(undefined);
    if (!asked.current || (kind !== "open" && kind !== "failed" && kind !== "refused")) return;
    asked.current = false;
    setResult(kind);
  }, [kind, asked]);
  return result;
}
