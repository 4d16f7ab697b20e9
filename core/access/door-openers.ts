/** Who may open by which of a door's openers. Whether somebody gets to the door at all is decided before (`permissions.ts`). */
import { z } from "zod";
import { doorOpener } from "../device/configuration.ts";
import { same } from "../device/difference.ts";
import { type Role, role } from "../messages/portal-api.ts";
import { label, type UserId, userId } from "../messages/values.ts";
import { may, mayGive } from "./permissions.ts";

const roles = z.array(role).max(role.options.length);

/** `everybody`: whoever reaches the door and may open doors. Otherwise those of them who are named, by role or by person. */
export const openedBy = z.union([
  z.literal("everybody"),
  z.object({ roles, people: z.array(z.object({ userId, name: label })) }),
]);
export type OpenedBy = z.infer<typeof openedBy>;

/** As somebody sets it. */
export const openedByChange = z.union([
  z.literal("everybody"),
  z
    .strictObject({ roles, people: z.array(userId).max(100) })
    .refine(({ roles, people }) => roles.length + people.length > 0, "nobody is named"),
]);

/** An opener as the cloud keeps it. Its device is not told who may use it. */
export const opener = doorOpener.extend({ openedBy });
export type Opener = z.infer<typeof opener>;

export interface Opening {
  userId: UserId;
  role: Role;
}

/** Whether somebody who reaches the door may open by this. */
export function mayOpenBy({ openedBy }: Pick<Opener, "openedBy">, { userId, role }: Opening): boolean {
  if (!may(role, "open-door")) return false;
  if (openedBy === "everybody") return true;
  return openedBy.roles.includes(role) || openedBy.people.some((one) => one.userId === userId);
}

/** The openers that somebody may use, in the door's order. */
export const openersOf = (openers: readonly Opener[], who: Opening): Opener[] =>
  openers.filter((one) => mayOpenBy(one, who));

/** The opener that somebody uses: the one they asked for, or else their first. Undefined: they may not. */
export function openerOf(openers: readonly Opener[], who: Opening, output?: number): Opener | undefined {
  return openersOf(openers, who).find((one) => output === undefined || one.output === output);
}

/** Who may open where nobody has said it, at a device some of whose openers are not for everybody. */
const cautious: OpenedBy = { roles: role.options.filter((one) => mayGive(one, "administrator")), people: [] };

/**
 * Gives openers that were set without a word on who may open the rights they had. A new one is for everybody, unless the
 * device has one that isn't: an output that was renumbered, here or on the device itself, opens to nobody more.
 */
export function withRights(
  asked: readonly (Omit<Opener, "openedBy"> & { openedBy?: OpenedBy | undefined })[],
  before: readonly Opener[],
): Opener[] {
  const otherwise = before.some(({ openedBy }) => openedBy !== "everybody") ? cautious : "everybody";
  return asked.map((one) => ({
    ...one,
    openedBy: one.openedBy ?? before.find(({ output }) => output === one.output)?.openedBy ?? otherwise,
  }));
}

/** Whether somebody's rights are another: an opener that isn't for everybody was set, changed, or taken away with its rights. */
export function changesRights(before: readonly Opener[], after: readonly Opener[]): boolean {
  const limited = (openers: readonly Opener[]) =>
    openers
      .filter(({ openedBy }) => openedBy !== "everybody")
      .map(({ output, openedBy }) => [output, openedBy] as const)
      .sort(([one], [other]) => one - other);
  return !same(limited(before), limited(after));
}

/** An opener as a device and a person's door list have it: who may use it is in neither. */
export const withoutRights = (openers: readonly Opener[]) => openers.map(({ openedBy: _rights, ...one }) => one);
