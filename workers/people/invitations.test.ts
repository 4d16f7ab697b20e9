/** Invitations through the real worker: who sees what, who comes in, and who does not. */
import { expect, it } from "vitest";
import { auditList, offer, peopleList } from "#core/messages/people.ts";
import { me } from "#core/messages/portal-api.ts";
import { deleteEndedAccess } from "#db/queries/ended-access.ts";
import { invitation } from "#db/schema/people.ts";
import { invitationTo, newcomer, Portal, read, refusal, somebody } from "../testing/portal.ts";

const peopleOf = async (portal: Portal) => peopleList.parse(await read(portal, "/api/people"));

it("lets an invited person see who invites them, sign up without an organisation, and come in", async () => {
  const owner = await somebody();
  const guest = await newcomer();
  expect(await refusal(await guest.portal.ask("/api/me"))).toEqual([403, "no-organisation"]);
  const invited = await owner.portal.ask("/api/invitations", { body: { email: guest.email, role: "operator" } });
  expect(invited.status).toBe(204);
  const token = await invitationTo(guest.email, 2);
  const held = offer.parse(await read(guest.portal, "/api/invitation", { token }));
  const { expiresAt, ...holds } = held;
  expect(holds).toEqual({
    organisation: "Anna's house",
    email: guest.email,
    role: "operator",
    invitedBy: "Anna",
    reader: { name: "Anna", email: guest.email, invited: true },
  });
  expect(expiresAt).toBeGreaterThan(Date.now() + 6 * 86_400_000);
  expect((await guest.portal.ask("/api/invitation/accept", { body: { token } })).status).toBe(204);
  expect(me.parse(await read(guest.portal, "/api/me"))).toMatchObject({
    organisation: { id: owner.organisationId },
    role: "operator",
  });
  const { people, invitations } = await peopleOf(owner.portal);
  expect(people.map(({ role, mayChange }) => [role, mayChange])).toEqual([
    ["owner", false],
    ["operator", true],
  ]);
  expect(invitations).toEqual([]);
  const again = await guest.portal.ask("/api/invitation/accept", { body: { token } });
  expect(await refusal(again)).toEqual([410, "invitation-accepted"]);
});

it("tells who opens an invitation's link whether it is for them, and nobody else's name", async () => {
  const [owner, other, guest] = [await somebody(), await somebody(), await newcomer()];
  await owner.portal.ask("/api/invitations", { body: { email: guest.email, role: "viewer" } });
  const token = await invitationTo(guest.email, 2);
  const readerIn = async (portal: Portal) =>
    offer.parse(await read(portal, "/api/invitation", { token })).reader?.invited;
  expect([await readerIn(guest.portal), await readerIn(other.portal), await readerIn(new Portal())]).toEqual([
    true,
    false,
    undefined,
  ]);
});

it("lets who was invited, and nobody else, turn it down once, and keeps that they did", async () => {
  const [owner, other, guest] = [await somebody(), await somebody(), await newcomer()];
  await owner.portal.ask("/api/invitations", { body: { email: guest.email, role: "viewer" } });
  const token = await invitationTo(guest.email, 2);
  const answer = (portal: Portal, what: string) => portal.ask(`/api/invitation/${what}`, { body: { token } });
  expect(await refusal(await answer(other.portal, "decline"))).toEqual([403, "other-address"]);
  expect((await answer(new Portal(), "decline")).status).toBe(401);
  expect((await answer(guest.portal, "decline")).status).toBe(204);
  expect(await refusal(await answer(guest.portal, "accept"))).toEqual([410, "invitation-declined"]);
  expect((await guest.portal.ask("/api/me")).status).toBe(403);
  expect((await peopleOf(owner.portal)).invitations).toEqual([]);
  const { entries } = auditList.parse(await read(owner.portal, "/api/audit"));
  expect(entries[0]).toMatchObject({
    by: { userId: guest.userId },
    what: { action: "decline-invitation", before: { email: guest.email, role: "viewer" } },
  });
});

it("lets nobody in by somebody else's invitation, by one that was taken back, replaced or is over", async () => {
  const owner = await somebody();
  const [guest, thief] = [await newcomer(), await newcomer()];
  const ask = (email: string) => owner.portal.ask("/api/invitations", { body: { email, role: "viewer" } });
  const accept = (portal: Portal, token: string) => portal.ask("/api/invitation/accept", { body: { token } });
  await ask(guest.email);
  const first = await invitationTo(guest.email, 2);
  expect(await refusal(await accept(thief.portal, first))).toEqual([403, "other-address"]);
  await ask(guest.email);
  const second = await invitationTo(guest.email, 3);
  expect(await refusal(await accept(guest.portal, first))).toEqual([410, "invitation-replaced"]);
  const [open] = (await peopleOf(owner.portal)).invitations;
  await owner.portal.ask(`/api/invitations/${open?.invitationId}`, { method: "DELETE" });
  expect(await refusal(await accept(guest.portal, second))).toEqual([410, "invitation-withdrawn"]);
  const { entries } = auditList.parse(await read(owner.portal, "/api/audit"));
  expect(entries[0]?.what).toMatchObject({ action: "take-back-invitation", before: { email: guest.email } });
  await ask(guest.email);
  await owner.db.update(invitation).set({ expiresAt: new Date(Date.now() - 1) });
  const third = await invitationTo(guest.email, 4);
  expect(await refusal(await accept(guest.portal, third))).toEqual([410, "invitation-expired"]);
  await deleteEndedAccess(owner.db, Date.now());
  const held = () => guest.portal.ask("/api/invitation", { body: { token: third } });
  expect(await refusal(await held())).toEqual([410, "invitation-expired"]);
  await deleteEndedAccess(owner.db, Date.now() + 31 * 86_400_000);
  const nobodys = [404, "no-such-invitation"];
  expect(await refusal(await held())).toEqual(nobodys);
  expect(await refusal(await accept(guest.portal, "a token that nobody was sent"))).toEqual(nobodys);
});
