import {
  authenticate,
  passwordChangeBody,
  passwordForgottenBody,
  passwordResetBody,
  signInBody,
  signUpBody,
} from "../auth/endpoints.ts";
import type { Env } from "../env.ts";
import { openRoute, type Route, route } from "../http/route.ts";

const auth = ({ env, request }: { env: Env; request: Request }) => authenticate(env, request);

export const authRoutes: Route[] = [
  openRoute(
    "post",
    "/api/auth/sign-up/email",
    "public",
    { summary: "Sign up; a mail confirms the address", sends: signUpBody },
    auth,
  ),
  openRoute("get", "/api/auth/verify-email", "public", { summary: "The link in the confirming mail" }, auth),
  openRoute("post", "/api/auth/send-verification-email", "public", { summary: "Send that mail again" }, auth),
  openRoute(
    "post",
    "/api/auth/sign-in/email",
    "public",
    { summary: "Sign in; sets the session's cookie", sends: signInBody },
    auth,
  ),
  openRoute("post", "/api/auth/sign-out", "public", { summary: "Sign out; the session's sockets close" }, auth),
  openRoute(
    "post",
    "/api/auth/request-password-reset",
    "public",
    { summary: "Ask for a new password by mail", sends: passwordForgottenBody },
    auth,
  ),
  openRoute("get", "/api/auth/reset-password/{token}", "public", { summary: "The link in that mail" }, auth),
  openRoute(
    "post",
    "/api/auth/reset-password",
    "public",
    { summary: "Choose a new password", sends: passwordResetBody },
    auth,
  ),
  route(
    "post",
    "/api/auth/change-password",
    "signed-in",
    { summary: "Change one's own password; every other session ends", sends: passwordChangeBody },
    auth,
  ),
];
