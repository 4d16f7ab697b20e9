/** Holding: a press that counts only when it lasts. */
import { useCallback, useEffect, useRef, useState } from "react";
import { keep } from "../kept.ts";

/** How long one has to hold. Milliseconds. */
export const holdTime = 700;
/** Within this time the second press of "Press twice" must come. Milliseconds. */
export const twiceTime = 3_000;

/** `hold`, or for those who can't: two presses. Chosen in the account menu, kept by the browser. */
export type OpenBy = "hold" | "twice";
export const openBy = keep<OpenBy>("open-by", ["hold", "twice"], "hold");

export interface Hold {
  /** When the hold began (`performance.now()`); undefined when nothing is held. */
  since: number | undefined;
  /** The first of two presses was made, or the person is asked once more. */
  armed: boolean;
  press(): void;
  letGo(): void;
}

/** @param ask where it is held: whether a press has to follow before it fires */
export function useHold(by: OpenBy, ask: boolean, fire: () => void): Hold {
  const [since, setSince] = useState<number>();
  const [armed, setArmed] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const held = useRef(false);
  const fireNow = useRef(fire);
  fireNow.current = fire;

  const letGo = useCallback(() => {
    if (!held.current) return;
    held.current = false;
    clearTimeout(timer.current);
    setSince(undefined);
  }, []);

  const press = useCallback(() => {
    clearTimeout(timer.current);
    const arm = () => {
      setArmed(true);
      timer.current = setTimeout(() => setArmed(false), twiceTime);
    };
    if (armed) {
      setArmed(false);
      fireNow.current();
    } else if (by === "twice") {
      arm();
    } else {
      held.current = true;
      setSince(performance.now());
      timer.current = setTimeout(() => {
        held.current = false;
        setSince(undefined);
        if (ask) arm();
        else fireNow.current();
      }, holdTime);
    }
  }, [by, ask, armed]);

  useEffect(() => {
    // A window that loses the focus never hears the key or the button come up.
    window.addEventListener("blur", letGo);
    return () => {
      window.removeEventListener("blur", letGo);
      clearTimeout(timer.current);
    };
  }, [letGo]);

  return { since, armed, press, letGo };
}
