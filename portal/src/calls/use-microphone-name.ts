/** Which microphone this browser would use. Named only where it was allowed before: nothing is opened and nobody is asked. */
import { useEffect, useState } from "react";

/** @returns undefined where the browser does not tell */
export function useMicrophoneName(): string | undefined {
  const [name, setName] = useState<string>();
  useEffect(() => {
    const devices = navigator.mediaDevices;
    if (!devices) return;
    let over = false;
    const read = async () => {
      const found = (await devices.enumerateDevices()).find((device) => device.kind === "audioinput");
      if (!over) setName(found?.label.replace(/^Default - /, "") || undefined);
    };
    void read();
    devices.addEventListener("devicechange", read);
    return () => {
      over = true;
      devices.removeEventListener("devicechange", read);
    };
  }, []);
  return name;
}
