import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, isOffline } from "../api/request.ts";

export interface AuthProblem {
  text: string;
  /** Seconds until trying again makes sense; 0 when it does. */
  wait: number;
}

/** What to say about an error of signing in or up, with the wait of a throttled one counted down. */
export function useProblem(error: unknown): AuthProblem | undefined {
  const { t } = useTranslation("signIn");
  const throttled = error instanceof ApiError && error.status === 429 ? error : undefined;
  const wait = useCountdown(throttled);
  if (!error) return undefined;
  if (throttled) {
    return { text: wait > 0 ? t("error.throttled", { count: wait }) : t("error.throttledNow"), wait };
  }
  return { text: sentence(), wait: 0 };

  function sentence(): string {
    if (isOffline(error)) return t("error.unreachable");
    if (!(error instanceof ApiError)) return t("error.failed");
    switch (error.code) {
      case "INVALID_EMAIL_OR_PASSWORD":
        return t("error.wrong");
      case "EMAIL_NOT_VERIFIED":
        return t("error.unverified");
      case "USER_ALREADY_EXISTS":
      case "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL":
        return t("error.exists");
      case "INVALID_TOKEN":
      case "TOKEN_EXPIRED":
        return t("error.token");
      default:
        return t("error.failed");
    }
  }
}

/** Where the edge names no time, a minute. */
const usualWait = 60;

function useCountdown(throttled: ApiError | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!throttled) return setLeft(0);
    const until = Date.now() + (throttled.retryAfter ?? usualWait) * 1_000;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1_000)));
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [throttled]);
  return left;
}
