/** What the link in a mail carries behind its `#`: that stays in the browser, and no server or proxy on the way writes it down. */
import { useLocation } from "@tanstack/react-router";

export const useFragment = (): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(useLocation({ select: ({ hash }) => hash })));

/** A page of ours with that behind its `#`. */
export const withFragment = (path: `/${string}`, carried: Record<string, string>): string =>
  `${path}#${new URLSearchParams(carried)}`;
