import { expect, it } from "vitest";
import { linksTo, newEmail, origin, Portal, password, pathOf, signUp, somebody } from "../testing/portal.ts";

const codeOf = async (response: Response) => (await response.json<{ code: string }>()).code;

it("lets a person sign up, confirm by mail, and own an organisation of their own", async () => {
  const portal = new Portal();
  const email = newEmail();
  const signedUp = await signUp(portal, email);
  expect(signedUp.status).toBe(200);
  expect(portal.cookie).toBe("");

  const early = await portal.signIn(email);
  expect(early.status).toBe(403);
  expect(early.headers.get("content-type")).toBe("application/problem+json");
  expect(await codeOf(early)).toBe("EMAIL_NOT_VERIFIED");

  const [link] = await linksTo(email, 1);
  expect(link?.startsWith(`${origin}/api/auth/verify-email?token=`)).toBe(true);
  const confirmed = await portal.ask(pathOf(link));
  expect(confirmed.status).toBe(302);
  expect(confirmed.headers.get("location")).toBe("/verify");
  expect(portal.cookie).toBe("");

  const signedIn = await portal.signIn(email);
  expect(signedIn.status).toBe(204);
  expect(signedIn.headers.getSetCookie().join()).toMatch(/HttpOnly; SameSite=Lax/);
  const me = await portal.ask("/api/me");
  expect(await me.json()).toMatchObject({
    user: { name: "Anna", email },
    organisation: { name: "Anna's house" },
    role: "owner",
  });
});

it("answers the same for an address that is known already, and tells its owner by mail", async () => {
  const { email } = await somebody();
  const stranger = new Portal();
  const response = await signUp(stranger, email);
  expect(response.status).toBe(200);
  const [, second] = await linksTo(email, 2);
  expect(second).toBe(origin);
  expect((await new Portal().signIn(email)).status).toBe(204);
});

it("lets nobody guess at an account, wherever the guesses come from", async () => {
  const { email } = await somebody();
  for (let n = 0; n < 10; n++) {
    const response = await new Portal().signIn(email, "a wrong password");
    expect(response.status).toBe(401);
    expect(await codeOf(response)).toBe("INVALID_EMAIL_OR_PASSWORD");
  }
  const refused = await new Portal().signIn(email);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

it("lets nobody try many accounts from one address", async () => {
  const portal = new Portal();
  for (let n = 0; n < 10; n++) expect((await portal.signIn(newEmail())).status).toBe(401);
  const refused = await portal.signIn(newEmail());
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

it("ends every session, and the sockets opened by it, when a forgotten password is replaced", async () => {
  const { portal, email } = await somebody();
  const { closed } = await portal.live();
  const forgetful = new Portal();
  const asked = await forgetful.ask("/api/auth/request-password-reset", { body: { email, redirectTo: "/reset" } });
  expect(asked.status).toBe(200);
  const [, link] = await linksTo(email, 2);
  const opened = await forgetful.ask(pathOf(link));
  const target = new URL(opened.headers.get("location") ?? "", origin);
  expect(target.pathname).toBe("/reset");
  const body = { token: target.searchParams.get("token"), newPassword: "another good password" };
  expect((await forgetful.ask("/api/auth/reset-password", { body })).status).toBe(200);
  expect(await closed).toBe(4401);
  expect((await portal.ask("/api/me")).status).toBe(401);
  expect((await forgetful.signIn(email, password)).status).toBe(401);
  expect((await forgetful.signIn(email, body.newPassword)).status).toBe(204);
  const again = await forgetful.ask("/api/auth/reset-password", { body });
  expect([again.status, await codeOf(again)]).toEqual([400, "INVALID_TOKEN"]);
});

it("ends every session but the one by which a password is changed", async () => {
  const { portal, email } = await somebody();
  const elsewhere = new Portal();
  await elsewhere.signIn(email);
  const [here, there] = [await portal.live(), await elsewhere.live()];
  const change = (currentPassword: string) =>
    portal.ask("/api/auth/change-password", { body: { currentPassword, newPassword: "another good password" } });

  const guessed = await change("a wrong password");
  expect([guessed.status, await codeOf(guessed)]).toEqual([400, "INVALID_PASSWORD"]);
  expect((await elsewhere.ask("/api/me")).status).toBe(200);

  expect((await change(password)).status).toBe(204);
  expect(await there.closed).toBe(4401);
  expect((await elsewhere.ask("/api/me")).status).toBe(401);
  expect((await portal.ask("/api/me")).status).toBe(200);
  const pong = new Promise((resolve) => here.socket.addEventListener("message", ({ data }) => resolve(data)));
  here.socket.send('{"type":"ping"}');
  expect(await pong).toBe('{"type":"pong"}');
  expect((await elsewhere.signIn(email, password)).status).toBe(401);
});

it("does not say whether an address is known when a password is forgotten", async () => {
  const { email } = await somebody();
  const ask = (to: string) => new Portal().ask("/api/auth/request-password-reset", { body: { email: to } });
  const [known, unknown] = [await ask(email), await ask(newEmail())];
  expect([known.status, await known.text()]).toEqual([unknown.status, await unknown.text()]);
});

it("ends the session and nothing else on signing out", async () => {
  const { portal, email } = await somebody();
  const other = new Portal();
  await other.signIn(email);
  const before = portal.cookie;
  expect((await portal.ask("/api/auth/sign-out", { body: {} })).status).toBe(200);
  portal.cookie = before;
  expect((await portal.ask("/api/me")).status).toBe(401);
  expect((await other.ask("/api/me")).status).toBe(200);
});

it("takes no cookie that it did not sign", async () => {
  const { portal } = await somebody();
  const [name, value = ""] = portal.cookie.split("=");
  for (const forged of [value.split(".")[0] ?? "", `x${value}`, `${value.slice(0, -8)}AAAAAA%3D`, ""]) {
    portal.cookie = `${name}=${forged}`;
    expect((await portal.ask("/api/me")).status).toBe(401);
  }
});

it("sends nobody to another site from a link", async () => {
  const body = {
    email: newEmail(),
    password,
    name: "Anna",
    organisation: "House",
    callbackURL: "https://evil.example/",
  };
  expect((await new Portal().ask("/api/auth/sign-up/email", { body })).status).toBe(403);
});

it("has no more of better-auth's endpoints than it names", async () => {
  const { portal } = await somebody();
  const own = ["get-session", "list-sessions", "update-user", "delete-user", "change-email", "ok", "error"];
  const ofOrganisations = ["create", "list", "invite-member", "accept-invitation", "remove-member", "leave", "delete"];
  for (const path of [...own, ...ofOrganisations.map((one) => `organization/${one}`)]) {
    expect((await portal.ask(`/api/auth/${path}`)).status, path).toBe(404);
    expect((await portal.ask(`/api/auth/${path}`, { body: {} })).status, path).toBe(404);
  }
});

it("refuses what is missing, too long or too much before it asks anybody", async () => {
  const portal = new Portal();
  const good = { email: newEmail(), password, name: "Anna", organisation: "House" };
  for (const wrong of [
    { ...good, email: "anna" },
    { ...good, password: "short" },
    { ...good, name: "" },
    { ...good, organisation: "x".repeat(201) },
    { email: good.email, password },
  ]) {
    const response = await portal.ask("/api/auth/sign-up/email", { body: wrong });
    expect([response.status, await codeOf(response)]).toEqual([400, "bad-request"]);
  }
  expect((await portal.ask("/api/auth/sign-up/email", { body: "{" })).status).toBe(400);
  expect((await portal.ask("/api/auth/sign-up/email", { body: { ...good, name: "x".repeat(20_000) } })).status).toBe(
    413,
  );
});
