/** What the browser would do if this page asked for the microphone. */
import { useEffect, useState } from "react";

export type MicrophoneState = "ready" | "ask" | "refused";

export function useMicrophone(): MicrophoneState {
  const [state, setState] = useState<MicrophoneState>(navigator.mediaDevices ? "ask" : "refused");
  useEffect(() => {
    let status: PermissionStatus | undefined;
    let over = false;
    const read = () => {
      if (status) setState(status.state === "granted" ? "ready" : status.state === "denied" ? "refused" : "ask");
    };
    // Not every browser knows this name; then it stays at "ask", and the answer itself finds out.
    navigator.permissions
      ?.query({ name: "microphone" })
      .then((found) => {
        if (over) return;
        status = found;
        status.addEventListener("change", read);
        read();
      })
      .catch(() => undefined);
    return () => {
      over = true;
      status?.removeEventListener("change", read);
    };
  }, []);
  return state;
}
