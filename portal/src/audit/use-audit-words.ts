import { useTranslation } from "react-i18next";
import { z } from "zod";
import { rolloutState } from "#core/firmware/rollout.ts";
import type { AuditEntry } from "#core/messages/people.ts";
import { role } from "#core/messages/portal-api.ts";
import { moment } from "#core/messages/values.ts";
import { useInShort } from "../devices/use-in-short.ts";
import { useFormat } from "../i18n/format.ts";

/** Actions there is a sentence for. The others are named as they are kept. */
const told = [
  "allow-device",
  "approve-rollout",
  "ask-identify",
  "ask-renew-certificate",
  "ask-restart",
  "ask-update-firmware",
  "ask-upload-log",
  "begin-rollout",
  "change-buttons",
  "change-cameraCredentials",
  "change-cameras",
  "change-doorOpeners",
  "change-firmware-policy",
  "change-groups",
  "change-name",
  "change-outputRules",
  "change-role",
  "change-site",
  "change-siteId",
  "claim-device",
  "decline-invitation",
  "drop-buttons",
  "drop-cameras",
  "drop-doorOpeners",
  "drop-name",
  "drop-outputRules",
  "drop-timeZone",
  "end-ownership-offer",
  "end-share",
  "end-team",
  "found-organisation",
  "give-device",
  "go-back",
  "invite-person",
  "join",
  "join-team",
  "leave",
  "leave-team",
  "look-at-log",
  "make-site",
  "make-team",
  "make-virtual-station",
  "move-rollout",
  "offer-device",
  "offer-ownership",
  "pause-rollout",
  "receive-device",
  "refuse-device",
  "release-device",
  "remove-person",
  "rename-team",
  "resume-rollout",
  "revoke-device",
  "share-door",
  "share-site",
  "stop-rollout",
  "take-back-invitation",
  "take-ownership",
  "withdraw-device",
] as const;

/** What the audit keeps of people, invitations, shares and rollouts. */
const ofPerson = z.object({ role });
const ofRollout = z.object({ state: rolloutState, reason: z.string().optional() });
const ofShare = z.object({ place: z.string(), endsAt: z.union([moment, z.string()]).nullish() });
/** What a sentence may name. */
const named = z
  .object({ name: z.string(), email: z.string(), place: z.string(), model: z.string(), release: z.number() })
  .partial();

/** An entry of the audit in words: what was done, how it was before and how it was after. */
export function useAuditWords(): (entry: AuditEntry) => { sentence: string; before?: string; after?: string } {
  const { t } = useTranslation("audit");
  const people = useTranslation("people").t;
  const roles = useTranslation("roles").t;
  const firmware = useTranslation("firmware").t;
  const inShort = useInShort();
  const format = useFormat();
  const inWords = (value: unknown): string | undefined => {
    if (value === undefined || value === null) return undefined;
    const share = ofShare.safeParse(value).data;
    if (share) {
      const { endsAt } = share;
      return endsAt
        ? people("access.until", { time: format.inZone(new Date(endsAt).getTime()) })
        : people("access.noEnd");
    }
    const rollout = ofRollout.safeParse(value).data;
    if (rollout) {
      const byItself = rollout.state === "stopped" && rollout.reason === "failures";
      return firmware(`past.${byItself ? "stoppedByItself" : rollout.state}`);
    }
    const person = ofPerson.safeParse(value).data;
    return person ? roles(`name.${person.role}`) : inShort(value);
  };
  return ({ what }) => {
    if (what.type === "open-door") {
      const { door, state, reason } = what;
      return { sentence: t(`open.${state}`, { door }), ...(reason ? { after: t(`reason.${reason}`) } : {}) };
    }
    const { action, before, after, about } = what;
    const known = told.find((one) => one === action);
    const names = named.safeParse(after ?? before).data ?? {};
    const about_ = about ?? names.name ?? [after, before].find((one) => typeof one === "string") ?? "";
    const sentence = known ? t(`action.${known}`, { ...names, about: about_ }) : t("action.other", { action });
    return { sentence, before: inWords(before), after: inWords(after) };
  };
}
