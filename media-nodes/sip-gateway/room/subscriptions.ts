/** Whom we listen to: keeps LiveKit's subscriptions in line with it, and tells whose packet is whose. */
import { type ParticipantInfo, ParticipantInfo_State, TrackType } from "@livekit/protocol";
import type { MediaKind } from "../media/rtp.ts";

export type Track = { sid: string; kind: MediaKind };

export type Subscriptions = {
  /** Takes what a join response or an update says of a participant. */
  note(participant: ParticipantInfo): void;
  listenTo(identity: string | undefined): void;
  /** Takes an offer of LiveKit's, which says what SSRC carries which track. */
  noteOffer(sdp: string): void;
  /** The track a packet belongs to, if it is one we listen to. */
  trackOf(ssrc: number): Track | undefined;
  /** The SSRC of the picture we see. */
  readonly videoSsrc: number | undefined;
  readonly sids: readonly string[];
};

export type SubscriptionEvents = {
  subscribe(sids: readonly string[], yes: boolean): void;
  onChange(kind: MediaKind, published: boolean): void;
};

export function subscriptions(events: SubscriptionEvents): Subscriptions {
  const published = new Map<string, readonly Track[]>();
  const current = new Map<string, Track>();
  let offered = new Map<number, string>();
  let listening: string | undefined;

  function update(): void {
    const tracks = listening === undefined ? [] : (published.get(listening) ?? []);
    const wanted = new Map(tracks.map((track) => [track.sid, track]));
    const gone = [...current.values()].filter((track) => !wanted.has(track.sid));
    const added = tracks.filter((track) => !current.has(track.sid));
    for (const track of gone) current.delete(track.sid);
    for (const track of added) current.set(track.sid, track);
    const sidsOf = (which: readonly Track[]) => which.map((track) => track.sid);
    if (gone.length > 0) events.subscribe(sidsOf(gone), false);
    if (added.length > 0) events.subscribe(sidsOf(added), true);
    for (const track of gone) events.onChange(track.kind, false);
    for (const track of added) events.onChange(track.kind, true);
  }

  const trackOf = (ssrc: number) => current.get(offered.get(ssrc) ?? "");
  return {
    note(participant) {
      if (participant.state === ParticipantInfo_State.DISCONNECTED) published.delete(participant.identity);
      else published.set(participant.identity, tracksOf(participant));
      update();
    },
    listenTo(identity) {
      listening = identity;
      update();
    },
    noteOffer(sdp) {
      offered = ssrcsOf(sdp);
    },
    trackOf,
    get videoSsrc() {
      for (const ssrc of offered.keys()) if (trackOf(ssrc)?.kind === "video") return ssrc;
      return undefined;
    },
    get sids() {
      return [...current.keys()];
    },
  };
}

function tracksOf(participant: ParticipantInfo): Track[] {
  return participant.tracks.flatMap((track): Track[] => {
    if (track.type === TrackType.AUDIO) return [{ sid: track.sid, kind: "audio" }];
    return track.type === TrackType.VIDEO ? [{ sid: track.sid, kind: "video" }] : [];
  });
}

/** Which track each SSRC of an offer carries: `a=msid:<participant> <track sid>` with `a=ssrc:` in the same section. */
export function ssrcsOf(offer: string): Map<number, string> {
  const map = new Map<number, string>();
  for (const section of offer.split(/\r?\nm=/).slice(1)) {
    if (/^\w+ 0 /.test(section) || /\r?\na=inactive/.test(section)) continue;
    const sid = /\r?\na=msid:\S+ (\S+)/.exec(section)?.[1];
    if (sid === undefined) continue;
    for (const ssrc of section.matchAll(/\r?\na=ssrc:(\d+) /g)) map.set(Number(ssrc[1]), sid);
  }
  return map;
}
