/**
 * A LiveKit participant run from Node: it joins over LiveKit's signalling, publishes RTP untouched and listens to one
 * other participant. When the signalling socket drops, the media goes on and the session is resumed.
 */
import {
  LeaveRequest,
  SessionDescription,
  SignalTarget,
  SubscriptionPermission,
  SyncState,
  TrickleRequest,
  UpdateSubscription,
} from "@livekit/protocol";
import { type MediaKind, mediaKinds, type RtpPacket } from "../media/rtp.ts";
import { type Link, openLink } from "./link.ts";
import { openPeer, type Peer } from "./peer.ts";
import { publication } from "./publication.ts";
import { type PortRange, poolOf } from "./room-ports.ts";
import type { SignalMessage } from "./signalling.ts";
import { subscriptions } from "./subscriptions.ts";

export type ParticipantEvents = {
  /** A packet of the participant listened to. */
  onRtp?(kind: MediaKind, packet: RtpPacket): void;
  /** A subscriber needs a key frame of our video (PLI). */
  onKeyframeRequest?(): void;
  /** The participant listened to has started, or stopped, to publish this kind. */
  onPublished?(kind: MediaKind, published: boolean): void;
  /** The session is over and will not come back: removed, room deleted, or not resumed in time. Not after `close`. */
  onLost?(reason: string): void;
};

export type JoinOptions = {
  /** LiveKit's signalling, ws(s)://… */
  url: string;
  token: string;
  /** UDP ports for ICE, both included; all participants of the process that name the same range share it. */
  ports: PortRange;
  /** The IPv4 address of our host candidate; it is bound, too. */
  address: string;
  events: ParticipantEvents;
  /** How long joining, and later publishing, may take, in milliseconds. @default 5000 */
  timeout?: number;
};

export type RoomParticipant = {
  /**
   * Publishes tracks `station-audio` and, if asked for, `station-video` and `station-video-2` (H.264); again when video comes
   * later. Returns when media can flow.
   */
  publish(tracks: { video: boolean; secondVideo?: boolean }): Promise<void>;
  /** Sends a packet on our track. Dropped until it is published. */
  send(kind: MediaKind, packet: RtpPacket): void;
  /** The only identities that may subscribe to our tracks. */
  allow(listeners: readonly string[]): void;
  /** Whom to hear and see; nobody to begin with. Also before they have joined. Changes in the call (transfer). */
  listenTo(identity: string | undefined): void;
  /** Asks the participant listened to for a key frame. */
  requestKeyframe(): void;
  /** Leaves. May be called twice. */
  close(): void;
};

/** Without its signalling and silent for so long, LiveKit is gone. Milliseconds. */
const silenceLimit = 3000;
/** Joins. Rejects when the room does not exist, the token is refused, or the time is over. */
export async function joinRoom(options: JoinOptions): Promise<RoomParticipant> {
  const timeout = options.timeout ?? 5000;
  const link = await openLink({ url: options.url, token: options.token, timeout });
  try {
    return participate(options, link, timeout);
  } catch (error) {
    link.close();
    throw error;
  }
}

function participate(options: JoinOptions, link: Link, timeout: number): RoomParticipant {
  const { events } = options;
  let allowed: readonly string[] = [];
  let over = false;
  let negotiating: Promise<void> = Promise.resolve();

  const heard = subscriptions({
    subscribe: (sids, yes) => sayUpdate(sids, yes),
    onChange: (kind, is) => events.onPublished?.(kind, is),
  });
  const stun = stunServerOf(link);
  const pool = poolOf(options.ports);
  const publisher = openPeer(pool, options.address, stun, {
    onRtp() {},
    onKeyframeRequest: () => events.onKeyframeRequest?.(),
  });
  const subscriber = secondPeer(publisher, () =>
    openPeer(pool, options.address, stun, { onRtp: onPacket, onKeyframeRequest() {} }),
  );
  const ours = publication(link, publisher, timeout);
  const peers = { [SignalTarget.PUBLISHER]: publisher, [SignalTarget.SUBSCRIBER]: subscriber };
  for (const target of [SignalTarget.PUBLISHER, SignalTarget.SUBSCRIBER] as const)
    peers[target].connection.onIceCandidate.subscribe((candidate) => {
      if (!candidate) return;
      const candidateInit = JSON.stringify(candidate.toJSON());
      link.send({ case: "trickle", value: new TrickleRequest({ candidateInit, target }) });
    });
  subscriber.connection.connectionStateChange.subscribe((state) => {
    // What was subscribed to before the connection stood has begun with a key frame that nobody received.
    if (state === "connected") askForKeyframe();
  });

  function onPacket(packet: RtpPacket): void {
    const track = heard.trackOf(packet.ssrc);
    // Of someone we no longer, or not yet, listen to; or padding, which LiveKit sends as empty packets.
    if (track && packet.payload.length > 0) events.onRtp?.(track.kind, packet);
  }

  function askForKeyframe(): void {
    if (heard.videoSsrc !== undefined) subscriber.path?.requestKeyframe(heard.videoSsrc);
  }

  function sayUpdate(trackSids: readonly string[], subscribe: boolean): void {
    link.send({ case: "subscription", value: new UpdateSubscription({ trackSids: [...trackSids], subscribe }) });
  }

  function sayAllowed(): void {
    const trackPermissions = allowed.map((participantIdentity) => ({ participantIdentity, allTracks: true }));
    const value = new SubscriptionPermission({ allParticipants: false, trackPermissions });
    link.send({ case: "subscriptionPermission", value });
  }

  /** Descriptions are set one after another: an offer that overtakes another would be answered wrongly. */
  function inTurn(step: () => Promise<void>): void {
    negotiating = negotiating
      .then(() => (over ? undefined : step()))
      .catch((error: unknown) => lose(`negotiation failed: ${error instanceof Error ? error.message : "unknown"}`));
  }

  async function answer(offer: SessionDescription): Promise<void> {
    const { connection } = subscriber;
    heard.noteOffer(offer.sdp);
    await connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    subscriber.prepare();
    await connection.setLocalDescription(await connection.createAnswer());
    const sdp = connection.localDescription?.sdp ?? "";
    link.send({ case: "answer", value: new SessionDescription({ type: "answer", sdp, id: offer.id }) });
    askForKeyframe();
  }

  async function offer(): Promise<void> {
    const { connection } = publisher;
    await connection.setLocalDescription(await connection.createOffer());
    publisher.prepare();
    const sdp = connection.localDescription?.sdp ?? "";
    link.send({ case: "offer", value: new SessionDescription({ type: "offer", sdp }) });
  }

  function onMessage(message: SignalMessage): void {
    switch (message.case) {
      case "offer":
        inTurn(() => answer(message.value));
        break;
      case "answer":
        inTurn(() => publisher.connection.setRemoteDescription({ type: "answer", sdp: message.value.sdp }));
        break;
      case "trickle": {
        const { candidateInit, target } = message.value;
        // In turn, too: it belongs to a description that may be on its way.
        inTurn(() => peers[target].connection.addIceCandidate(JSON.parse(candidateInit)).catch(() => {}));
        break;
      }
      case "update":
        for (const participant of message.value.participants) heard.note(participant);
        break;
      case "trackPublished":
        ours.note(message.value);
        break;
    }
  }

  /** LiveKit checks each connection every two seconds, whatever else it sends. */
  function isAlive(): boolean {
    const heard = Math.max(publisher.path?.heardAt ?? 0, subscriber.path?.heardAt ?? 0);
    return heard === 0 || performance.now() - heard < silenceLimit;
  }

  function syncState(): SyncState {
    const local = subscriber.connection.localDescription?.sdp;
    const offered = publisher.connection.localDescription?.sdp;
    return new SyncState({
      answer: local === undefined ? undefined : new SessionDescription({ type: "answer", sdp: local }),
      offer: offered === undefined ? undefined : new SessionDescription({ type: "offer", sdp: offered }),
      subscription: new UpdateSubscription({ trackSids: [...heard.sids], subscribe: true }),
      publishTracks: [...ours.tracks],
    });
  }

  function finish(): void {
    over = true;
    link.close();
    publisher.close();
    subscriber.close();
    ours.end();
  }

  function lose(reason: string): void {
    if (over) return;
    finish();
    events.onLost?.(reason);
  }

  for (const participant of link.join.otherParticipants) heard.note(participant);
  link.start({
    onMessage,
    onResumed() {
      link.send({ case: "syncState", value: syncState() });
      sayAllowed();
    },
    isAlive,
    onLost: lose,
  });
  // Until someone is allowed, nobody is: by LiveKit's default everyone would be.
  sayAllowed();

  return {
    publish({ video, secondVideo = false }) {
      const wanted = { audio: true, video, "video-2": secondVideo };
      return ours.publish(
        mediaKinds.filter((kind) => wanted[kind]),
        () => inTurn(offer),
      );
    },
    send: ours.send,
    allow(listeners) {
      allowed = [...listeners];
      sayAllowed();
    },
    listenTo: heard.listenTo,
    requestKeyframe: askForKeyframe,
    close() {
      if (over) return;
      link.send({ case: "leave", value: new LeaveRequest({}) });
      finish();
    },
  };
}

/** LiveKit's TURN server answers STUN, too: `turn:host:port?transport=udp` → `stun:host:port`. */
function stunServerOf(link: Link): string {
  const urls = link.join.iceServers.flatMap((server) => server.urls);
  const address = urls.map((url) => /^(?:turn|stun):([^?]+)/.exec(url)?.[1]).find((found) => found !== undefined);
  if (address === undefined) throw new Error("LiveKit hands out no STUN server of its own");
  return `stun:${address}`;
}

/** Opens the second peer; the first does not outlive a failure. */
function secondPeer(first: Peer, open: () => Peer): Peer {
  try {
    return open();
  } catch (error) {
    first.close();
    throw error;
  }
}
