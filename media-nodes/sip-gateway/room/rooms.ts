/**
 * The call's room at LiveKit, named by the call id. Only the gateway makes rooms; a room is never made twice.
 */
import { AccessToken, RoomServiceClient, TwirpError } from "livekit-server-sdk";

export type RoomsOptions = {
  /** LiveKit's HTTP API, http(s)://… */
  url: string;
  apiKey: string;
  apiSecret: string;
};

export type Rooms = {
  /** Makes the room. It goes by itself when nobody joined for 60 s or the last left 5 s ago. */
  create(callId: string): Promise<void>;
  /** A token for the gateway's own participant in this room: the station, whose identity is its leg id. 60 s to join. */
  stationToken(callId: string, legId: string): Promise<string>;
  /** Lets a participant publish microphone and camera. Resolves false if it is not in the room. */
  permitPublish(callId: string, legId: string): Promise<boolean>;
  /** Takes a participant out. One who is not there is out already. */
  remove(callId: string, legId: string): Promise<void>;
  /** Ends the room for all. A room that is gone is ended already. */
  end(callId: string): Promise<void>;
};

/** One station, 32 receivers, and one more for a caller. */
const maxParticipants = 34;

/** Talks to LiveKit's RoomService. Calls reject after 5 s. */
export function liveKitRooms(options: RoomsOptions): Rooms {
  const service = new RoomServiceClient(options.url, options.apiKey, options.apiSecret, { requestTimeout: 5 });
  return {
    async create(callId) {
      await service.createRoom({ name: callId, emptyTimeout: 60, departureTimeout: 5, maxParticipants });
    },
    async stationToken(callId, legId) {
      const token = new AccessToken(options.apiKey, options.apiSecret, { identity: legId, ttl: 60 });
      token.addGrant({ roomJoin: true, room: callId, canPublish: true, canSubscribe: true, canPublishData: false });
      return token.toJwt();
    },
    async permitPublish(callId, legId) {
      const permission = { canPublish: true, canSubscribe: true, canPublishData: false };
      return found(service.updateParticipant(callId, legId, { permission }));
    },
    async remove(callId, legId) {
      await found(service.removeParticipant(callId, legId));
    },
    async end(callId) {
      await found(service.deleteRoom(callId));
    },
  };
}

/** Whether the room or participant was there. Any other failure is the caller's. */
async function found(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof TwirpError && error.status === 404) return false;
    throw error;
  }
}
