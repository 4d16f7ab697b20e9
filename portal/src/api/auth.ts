/** Signing in and out, by better-auth's endpoints. Who is signed in is `GET /api/me`, not asked here. */
import { send } from "./request.ts";

/** better-auth's own minimum. Shown, and checked before asking. */
export const passwordLength = 8;

/** Where links in mails lead back to. @param next the page of ours to go on with */
const afterVerify = (next?: string): string => (next ? `/verify?${new URLSearchParams({ next })}` : "/verify");
const afterReset = "/reset";

const post = async (path: string, body: object = {}): Promise<void> => {
  await send(`/api/auth/${path}`, { method: "POST", body });
};

/** @throws ApiError `INVALID_EMAIL_OR_PASSWORD`, `EMAIL_NOT_VERIFIED`, or status 429 with `retryAfter` */
export const signInByPassword = (email: string, password: string, next?: string) =>
  post("sign-in/email", { email, password, callbackURL: afterVerify(next) });

export interface Newcomer {
  /** What their own organisation is to be called; who was invited needs none. */
  organisation?: string | undefined;
  name: string;
  email: string;
  password: string;
}

/** Makes a person; a mail confirms the address. */
export const signUp = (wanted: Newcomer, next?: string) =>
  post("sign-up/email", { ...wanted, callbackURL: afterVerify(next) });

export const sendVerification = (email: string, next?: string) =>
  post("send-verification-email", { email, callbackURL: afterVerify(next) });

/** The edge answers the same whether there is such an account or not. */
export const sendPasswordReset = (email: string) => post("request-password-reset", { email, redirectTo: afterReset });

/** @throws ApiError `INVALID_TOKEN` */
export const resetPassword = (token: string, newPassword: string) => post("reset-password", { token, newPassword });

export const signOut = () => post("sign-out");
