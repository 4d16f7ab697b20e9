/** Signing up, in and out: better-auth over our tables. Which of its endpoints the world may reach is said in endpoints.ts. */
import { waitUntil } from "cloudflare:workers";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import { z } from "zod";
import { userId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { countAttempt } from "#db/queries/attempts.ts";
import { foundOrganisation } from "#db/queries/members.ts";
import { account, rateLimit, session, user, verification } from "#db/schema/account.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { endSessions } from "./end-sessions.ts";
import { confirmationMail, knownAddressMail, type Mail, mailLater, resetMail } from "./mail.ts";

const hour = 3600;
const day = 24 * hour;

/** Fixed, so that a session can be looked up by one statement: session.ts reads the same cookie. */
export const cookiePrefix = "symphony";
export const isSecure = (env: Env): boolean => env.PUBLIC_ORIGIN.startsWith("https:");

function makeAuth(env: Env) {
  const db = connectDb(env);

  const mail = async (what: Mail): Promise<void> => mailLater(env, what);

  return betterAuth({
    appName: "Symphony Cloud",
    baseURL: env.PUBLIC_ORIGIN,
    basePath: "/api/auth",
    secret: env.AUTH_SECRET,
    trustedOrigins: [env.PUBLIC_ORIGIN],
    telemetry: { enabled: false },
    database: drizzleAdapter(db, {
      provider: "pg",
      schema: { user, session, account, verification, rateLimit },
      transaction: false,
    }),
    user: {
      additionalFields: {
        organisation: {
          type: "string",
          // Whoever was invited need not found one.
          required: false,
          input: true,
          returned: false,
          fieldName: "organisationName",
        },
      },
    },
    emailAndPassword: {
      enabled: true,
      requireEmailVerification: true,
      minPasswordLength: 8,
      maxPasswordLength: 128,
      resetPasswordTokenExpiresIn: hour,
      // Whoever knew the old password is out at once, with their open sockets.
      onPasswordReset: ({ user: { id } }) => endSessions(env, userId.parse(id)),
      sendResetPassword: ({ user: { email, name }, url }) => mail(resetMail(email, name, url)),
      onExistingUserSignUp: ({ user: { email, name } }) => mail(knownAddressMail(email, name, env.PUBLIC_ORIGIN)),
    },
    emailVerification: {
      sendOnSignUp: true,
      sendOnSignIn: true,
      // Whoever opens the link shows that the address is theirs, not that the account is: they still sign in.
      autoSignInAfterVerification: false,
      expiresIn: hour,
      sendVerificationEmail: ({ user: { email, name }, url }) => mail(confirmationMail(email, name, url)),
    },
    session: { expiresIn: 7 * day, updateAge: day, cookieCache: { enabled: false } },
    databaseHooks: {
      session: {
        create: {
          /** Before the first session, so that whoever is signed in belongs to an organisation. */
          before: async (made) => {
            await foundOrganisation(db, made.userId, Date.now());
          },
        },
      },
    },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 60,
      customRules: {
        "/sign-in/email": { window: 60, max: 10 },
        "/sign-up/email": { window: 600, max: 10 },
        "/request-password-reset": { window: 600, max: 5 },
        "/send-verification-email": { window: 600, max: 5 },
        "/reset-password": { window: 600, max: 10 },
        "/change-password": { window: 600, max: 10 },
      },
      customStorage: {
        consume: (key, rule) => countAttempt(db, `address:${key}`, rule, Date.now()),
      },
    },
    advanced: {
      cookiePrefix,
      useSecureCookies: isSecure(env),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: "/" },
      // Set by the front, which lets nobody else say it.
      ipAddress: { ipAddressHeaders: ["cf-connecting-ip"] },
      backgroundTasks: { handler: waitUntil },
    },
    logger: {
      level: "warn",
      log: (level, message) => log("better-auth", { level, message: z.string().parse(message) }),
    },
  });
}

export type Auth = ReturnType<typeof makeAuth>;

const made = new WeakMap<Env, Auth>();

/** One an isolate: it holds no connection. */
export function authOf(env: Env): Auth {
  const known = made.get(env);
  if (known) return known;
  const auth = makeAuth(env);
  made.set(env, auth);
  return auth;
}
