/**
 * One call's LiveKit room. While it rings, the picture is shown and the sound is received but muted, so that both are
 * there in the moment of the answer. The station alone may subscribe to what this browser publishes.
 */
import {
  ConnectionState,
  LocalAudioTrack,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
  type TrackPublishOptions,
} from "livekit-client";
import type { MediaAccess } from "#core/messages/client.ts";
import { holdDrawing } from "../live/drawing.ts";
import type { CaptureFault } from "./capture.ts";
import { captureCamera, shareMicrophone } from "./capture.ts";
import { moving, nextRest } from "./picture-rest.ts";
import { type Quality, watchSound } from "./watch-sound.ts";

export interface RoomView {
  link: "connecting" | "connected" | "reconnecting" | "lost";
  remoteVideo: MediaStreamTrack | undefined;
  /** Another camera of the station's, beside its own picture. */
  secondVideo: MediaStreamTrack | undefined;
  ownVideo: MediaStreamTrack | undefined;
  microphone: "off" | "asking" | "on" | "muted" | CaptureFault;
  camera: "off" | "asking" | "on" | CaptureFault;
  /** This person speaks, as the room hears it. */
  speaking: boolean;
  /** The browser plays the station's sound only after a click. */
  soundBlocked: boolean;
  quality: Quality | undefined;
  /** The connection is so poor that pictures stand still. */
  picturesRest: boolean;
}

export interface CallRoom {
  get(): RoomView;
  subscribe(call: () => void): () => void;
  /** In the moment of the answer: hear the station at once, and publish as soon as the room lets this leg, silent until `talk`. */
  prepare(): void;
  /** Hear the station, and give it nothing. */
  hear(): void;
  /** Hear the station, and publish the microphone (and the camera) as soon as the room lets this leg. Once. */
  talk(camera: boolean): void;
  /** For a call that this person makes: publish, but silent until `talk`. */
  prepublish(): void;
  setMuted(muted: boolean): void;
  setCamera(on: boolean): void;
  /** From a click: let the station's sound through. */
  startSound(): void;
  leave(): void;
}

setLogLevel("warn"); // its everyday log names addresses and tokens

/** As the gateway names it (media-nodes/sip-gateway/room/publication.ts). */
const secondTrack = "station-video-2";
/** Plain Opus, always sent: a door station has no use for redundant frames or for silence that stops the stream. */
const audioOptions: TrackPublishOptions = {
  name: "person-audio",
  source: Track.Source.Microphone,
  dtx: false,
  red: false,
};
/** What a door station can show: H.264 in one layer. */
const videoOptions: TrackPublishOptions = {
  name: "person-video",
  source: Track.Source.Camera,
  videoCodec: "h264",
  backupCodec: false,
  simulcast: false,
  videoEncoding: { maxBitrate: 800_000, maxFramerate: 25 },
};

/** @param onFlowing told when the station's sound stops for two seconds of a call, and when it is back */
export function joinRoom(media: MediaAccess, onFlowing: (flowing: boolean) => void): CallRoom {
  let view: RoomView = {
    link: "connecting",
    remoteVideo: undefined,
    secondVideo: undefined,
    ownVideo: undefined,
    microphone: "off",
    camera: "off",
    speaking: false,
    soundBlocked: false,
    quality: undefined,
    picturesRest: false,
  };
  const listeners = new Set<() => void>();
  const change = (part: Partial<RoomView>) => {
    view = { ...view, ...part };
    for (const call of listeners) call();
  };
  // A connection of its own for what is published: its offer has 2 kB, where one for both ways names every codec of every track.
  const room = new Room({
    adaptiveStream: false,
    dynacast: false,
    stopLocalTrackOnUnpublish: true,
    singlePeerConnection: false,
  });
  const speaker = document.createElement("audio");
  speaker.muted = true;
  speaker.autoplay = true;
  let left = false;
  let hearing = false;
  let talking = false;
  let microphone: ReturnType<typeof shareMicrophone> | undefined;
  let publishing = false;
  let ownCamera: MediaStreamTrack | undefined;
  let wantsMuted = false;
  let sound: RemoteTrack | undefined;

  room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
    if (participant.identity !== media.stationLegId) return;
    if (track.kind === Track.Kind.Video) {
      remotePictures.add(publication);
      publication.setEnabled(!view.picturesRest);
      const which = publication.trackName === secondTrack ? "secondVideo" : "remoteVideo";
      change({ [which]: track.mediaStreamTrack });
    }
    if (track.kind === Track.Kind.Audio) {
      sound = track;
      speaker.srcObject = new MediaStream([track.mediaStreamTrack]);
      void listen();
    }
  });
  room.on(RoomEvent.TrackUnsubscribed, (track, publication) => {
    remotePictures.delete(publication);
    if (track.mediaStreamTrack === view.remoteVideo) change({ remoteVideo: undefined });
    if (track.mediaStreamTrack === view.secondVideo) change({ secondVideo: undefined });
    if (track === sound) sound = undefined;
  });
  room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => {
    const speaking = speakers.includes(room.localParticipant);
    if (speaking !== view.speaking) change({ speaking });
  });
  room.on(RoomEvent.ConnectionStateChanged, (state) => {
    if (left) return;
    const links = {
      [ConnectionState.Connected]: "connected",
      [ConnectionState.Connecting]: "connecting",
      [ConnectionState.Reconnecting]: "reconnecting",
      [ConnectionState.SignalReconnecting]: "reconnecting",
      [ConnectionState.Disconnected]: "lost",
    } as const;
    change({ link: links[state] });
  });

  const joined = (async () => {
    await room.connect(media.url, media.token, { autoSubscribe: true, maxRetries: 1 });
    // Said before anything is published: nobody but the station, whoever else may be in the room.
    room.localParticipant.setTrackSubscriptionPermissions(false, [
      { participantIdentity: media.stationLegId, allowAll: true },
    ]);
    // It is there before the answer: a message makes it, which says nothing, and which the token's rights end at the door. Where it
    // can't be sent, the connection is made with the answer, or the room is lost, which is said elsewhere.
    room.localParticipant.publishData(new Uint8Array(), { reliable: false }).catch(() => {});
  })();
  joined.catch(() => {
    if (!left) change({ link: "lost" });
  });

  function hear() {
    if (hearing) return;
    hearing = true;
    watch.start();
    void listen();
  }
  async function listen() {
    speaker.muted = !hearing;
    try {
      await speaker.play();
      if (view.soundBlocked) change({ soundBlocked: false });
    } catch {
      if (hearing && !left) change({ soundBlocked: true });
    }
  }

  /** Resolves when the gateway has named this leg the one that may publish. */
  async function allowed() {
    await joined;
    while (!left && !room.localParticipant.permissions?.canPublish) {
      await new Promise<void>((resolve) => {
        room.once(RoomEvent.ParticipantPermissionsChanged, () => resolve());
        room.once(RoomEvent.Disconnected, () => resolve());
      });
      if (room.state === ConnectionState.Disconnected) throw new Error("The room was left");
    }
  }

  async function publishMicrophone() {
    microphone ??= shareMicrophone();
    change({ microphone: "asking" });
    const captured = await microphone;
    if ("fault" in captured) {
      change({ microphone: captured.fault });
      return;
    }
    const { track } = captured;
    track.enabled = talking && !wantsMuted;
    // Made before the permission comes: LiveKit begins by listening whether a track is silent, for which it opens an audio context.
    const made = new LocalAudioTrack(track);
    await allowed();
    if (left) {
      track.stop();
      return;
    }
    await room.localParticipant.publishTrack(made, audioOptions);
    change({ microphone: wantsMuted ? "muted" : "on" });
  }
  async function publishOnce() {
    if (publishing) return;
    publishing = true;
    // Fails when the room is left or lost meanwhile; a room that is joined anew publishes anew.
    await publishMicrophone().catch(() => change({ microphone: "off" }));
  }

  async function showCamera() {
    change({ camera: "asking" });
    const captured = await captureCamera();
    if ("fault" in captured) return change({ camera: captured.fault });
    await allowed();
    if (left || view.camera !== "asking") return captured.track.stop();
    ownCamera = captured.track;
    ownCamera.onended = () => hideCamera();
    change({ camera: "on", ownVideo: ownCamera });
    const published = await room.localParticipant.publishTrack(ownCamera, videoOptions);
    if (view.picturesRest) await published.pauseUpstream();
  }
  function hideCamera() {
    const track = ownCamera;
    ownCamera = undefined;
    change({ camera: "off", ownVideo: undefined });
    if (!track) return;
    track.stop();
    void room.localParticipant.unpublishTrack(track, true);
  }

  const remotePictures = new Set<RemoteTrackPublication>();
  let rest = moving;
  /** The station's picture is not fetched and the own one not sent, while both would take the sound's place. */
  function restPictures(resting: boolean) {
    change({ picturesRest: resting });
    for (const picture of remotePictures) picture.setEnabled(!resting);
    const own = room.localParticipant.getTrackPublication(Track.Source.Camera);
    void (resting ? own?.pauseUpstream() : own?.resumeUpstream());
  }
  const watch = watchSound(
    () => sound,
    (quality) => {
      change({ quality });
      rest = nextRest(rest, quality.word, performance.now());
      if (rest.resting !== view.picturesRest) restPictures(rest.resting);
    },
    onFlowing,
  );

  return {
    get: () => view,
    subscribe(call) {
      listeners.add(call);
      return () => listeners.delete(call);
    },
    prepare() {
      hear();
      if (!publishing) holdDrawing(publishOnce());
    },
    prepublish() {
      void publishOnce();
    },
    hear,
    talk(camera) {
      if (talking) return;
      talking = true;
      hear();
      void publishOnce();
      void microphone?.then((captured) => {
        if ("track" in captured) captured.track.enabled = !wantsMuted;
      });
      if (camera) void showCamera().catch(hideCamera);
    },
    setMuted(muted) {
      wantsMuted = muted;
      if (view.microphone === "on" || view.microphone === "muted") change({ microphone: muted ? "muted" : "on" });
      // The track itself is silenced at once; telling the room costs a round trip and is not needed.
      void microphone?.then((captured) => {
        if ("track" in captured) captured.track.enabled = talking && !muted;
      });
    },
    setCamera(on) {
      if (on && view.camera !== "on" && view.camera !== "asking") void showCamera().catch(hideCamera);
      if (!on) hideCamera();
    },
    startSound: () => void listen(),
    leave() {
      if (left) return;
      left = true;
      watch.stop();
      speaker.muted = true;
      speaker.srcObject = null;
      ownCamera?.stop();
      void microphone?.then((captured) => {
        if ("track" in captured) captured.track.stop();
      });
      void room.disconnect();
    },
  };
}
