import { type ReactNode, useEffect, useState } from "react";

/** Nothing for 300 ms: what is that quick needs no skeleton. */
export function Delayed({ children, after = 300 }: { children: ReactNode; after?: number }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return due ? children : null;
}
