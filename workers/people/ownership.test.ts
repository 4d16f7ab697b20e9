import { expect, it } from "vitest";
import { auditList } from "#core/messages/people.ts";
import { me } from "#core/messages/portal-api.ts";
import { ownershipOffers } from "#core/messages/transfers.ts";
import { ownershipOffer } from "#db/schema/transfer.ts";
import { colleague, newcomer, type Portal, somebody } from "../testing/portal.ts";

const roleOf = async (portal: Portal) => me.parse(await (await portal.ask("/api/me")).json()).role;
const offersOf = async (portal: Portal) =>
  ownershipOffers.parse(await (await portal.ask("/api/ownership")).json()).offers;
const offer = (portal: Portal, userId: string) => portal.ask("/api/ownership", { body: { userId } });
const take = (portal: Portal, offerId: string) => portal.ask(`/api/ownership/${offerId}/take`, { method: "POST" });
const end = (portal: Portal, offerId: string) => portal.ask(`/api/ownership/${offerId}`, { method: "DELETE" });

/** How often an open portal hears that its person's offers have changed. */
async function heard(portal: Portal) {
  const { inbox } = await portal.live();
  return { next: () => inbox.next("ownership-changed"), count: () => inbox.of("ownership-changed").length };
}

async function offered(owner: Portal, userId: string): Promise<string> {
  expect((await offer(owner, userId)).status).toBe(204);
  return (await offersOf(owner)).find(({ to }) => to.userId === userId)?.offerId ?? "";
}

it("makes who takes it the owner, and who was it an administrator, at once and in the audit", async () => {
  const owner = await somebody();
  const operator = await colleague(owner.portal, "operator");
  const { closed } = await owner.portal.live();
  await owner.portal.ask("/api/invitations", { body: { email: "heir@example.com", role: "owner" } });
  const offerId = await offered(owner.portal, operator.userId);
  expect(await offersOf(operator.portal)).toMatchObject([{ offerId, by: { userId: owner.userId } }]);
  expect(await roleOf(operator.portal)).toBe("operator");
  expect((await take(operator.portal, offerId)).status).toBe(204);
  expect([await roleOf(operator.portal), await roleOf(owner.portal)]).toEqual(["owner", "administrator"]);
  expect(await closed).toBe(4409);
  expect((await take(operator.portal, offerId)).status).toBe(404);
  const { entries } = auditList.parse(await (await operator.portal.ask("/api/audit")).json());
  expect(entries.slice(0, 2).map(({ what }) => what.type === "change" && what.action)).toEqual([
    "take-ownership",
    "offer-ownership",
  ]);
  const people = await (await operator.portal.ask("/api/people")).json<{ invitations: unknown[] }>();
  expect(people.invitations).toEqual([]);
});

it("shows at once where a portal is open: to whom it is offered, to whom it is offered no more, and to who offered it", async () => {
  const owner = await somebody();
  const [operator, viewer] = [await colleague(owner.portal, "operator"), await colleague(owner.portal, "viewer")];
  const [hers, his, third] = await Promise.all([owner, operator, viewer].map(({ portal }) => heard(portal)));
  await offered(owner.portal, operator.userId);
  await Promise.all([hers?.next(), his?.next()]);
  expect(third?.count()).toBe(0);
  const offerId = await offered(owner.portal, viewer.userId);
  await Promise.all([hers?.next(), his?.next(), third?.next()]);
  expect(await offersOf(operator.portal)).toEqual([]);
  await end(viewer.portal, offerId);
  await Promise.all([hers?.next(), third?.next()]);
  expect(his?.count()).toBe(2);
});

it("is for the owner to offer, to a member, and for that member to take", async () => {
  const [owner, stranger, guest] = [await somebody(), await somebody(), await newcomer()];
  const admin = await colleague(owner.portal, "administrator");
  const viewer = await colleague(owner.portal, "viewer");
  expect((await offer(admin.portal, viewer.userId)).status).toBe(403);
  expect((await offer(owner.portal, guest.userId)).status).toBe(404);
  expect((await offer(owner.portal, owner.userId)).status).toBe(409);
  const offerId = await offered(owner.portal, viewer.userId);
  for (const other of [admin, owner, stranger]) expect((await take(other.portal, offerId)).status).toBe(404);
  for (const other of [admin, stranger]) expect((await end(other.portal, offerId)).status).toBe(404);
  expect(await offersOf(admin.portal)).toEqual([]);
  expect((await take(viewer.portal, offerId)).status).toBe(204);
});

it("holds no more once it was withdrawn, refused, replaced, is over, or its maker is no owner", async () => {
  const owner = await somebody();
  const [viewer, resident] = [await colleague(owner.portal, "viewer"), await colleague(owner.portal, "resident")];
  const second = await colleague(owner.portal, "owner");
  const gone = async (offerId: string) => expect((await take(viewer.portal, offerId)).status).toBe(404);
  for (const by of [owner.portal, viewer.portal]) {
    const offerId = await offered(owner.portal, viewer.userId);
    expect((await end(by, offerId)).status).toBe(204);
    await gone(offerId);
  }
  const replaced = await offered(owner.portal, viewer.userId);
  await offered(owner.portal, resident.userId);
  await gone(replaced);
  const over = await offered(owner.portal, viewer.userId);
  await owner.db.update(ownershipOffer).set({ expiresAt: new Date(Date.now() - 1) });
  await gone(over);
  const last = await offered(owner.portal, viewer.userId);
  const put = { method: "PUT", body: { role: "administrator" } };
  expect((await second.portal.ask(`/api/people/${owner.userId}/role`, put)).status).toBe(204);
  await gone(last);
  expect(await roleOf(viewer.portal)).toBe("viewer");
  const { entries } = auditList.parse(await (await second.portal.ask("/api/audit")).json());
  const ends = entries.filter(({ what }) => what.type === "change" && what.action === "end-ownership-offer");
  expect(ends.map(({ by }) => by?.userId)).toEqual([viewer.userId, owner.userId]);
});
