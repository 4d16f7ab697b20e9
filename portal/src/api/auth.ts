/** Signing in and out, by better-auth's endpoints. Who is signed in is `GET /api/me`, not asked here. */
import { send } from "./request.ts";

/** better-auth's own minimum. Shown, and checked before asking. */
export const passwordLength = 8;

/** Where links in mails lead back to. */
const afterVerify = "/verify";
const afterReset = "/reset";

const post = async (path: string, body: object = {}): Promise<void> => {
  await send(`/api/auth/${path}`, { method: "POST", body });
};

/** @throws ApiError `INVALID_EMAIL_OR_PASSWORD`, `EMAIL_NOT_VERIFIED`, or status 429 with `retryAfter` */
export const signInByPassword = (email: string, password: string) =>
  post("sign-in/email", { email, password, callbackURL: afterVerify });

export interface NewOrganisation {
  organisation: string;
  name: string;
  email: string;
  password: string;
}

/** Makes a person and an organisation of their own; a mail confirms the address. */
export const signUp = (wanted: NewOrganisation) => post("sign-up/email", { ...wanted, callbackURL: afterVerify });

export const sendVerification = (email: string) => post("send-verification-email", { email, callbackURL: afterVerify });

/** The edge answers the same whether there is such an account or not. */
export const sendPasswordReset = (email: string) => post("request-password-reset", { email, redirectTo: afterReset });

/** @throws ApiError `INVALID_TOKEN` */
export const resetPassword = (token: string, newPassword: string) => post("reset-password", { token, newPassword });

export const signOut = () => post("sign-out");
