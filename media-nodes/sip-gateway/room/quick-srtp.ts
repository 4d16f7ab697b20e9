/** werift's DTLS-SRTP session with our SRTP inside: an eighth of the CPU a packet, and a replay window. */
import { type RtpHeader, SrtpAuthenticationError, SrtpSession } from "werift";
import { type SrtpReceiver, type SrtpSender, srtpReceiver, srtpSender } from "../media/srtp.ts";

/** DTLS-SRTP's number of AES_CM_128_HMAC_SHA1_80 (RFC 5764 §4.1.2). */
export const srtpProfile = 1;

/** Takes the place of a connected transport's session; werift offers no seam but the class. */
export class QuickSrtpSession extends SrtpSession {
  readonly #sender: SrtpSender;
  readonly #receiver: SrtpReceiver;

  /** @param onPacket gets every verified packet, before werift looks at it */
  constructor(session: SrtpSession, onPacket: (packet: Buffer) => void) {
    super(session.config);
    const keys = session.config.keys;
    this.#sender = srtpSender(Buffer.concat([keys.localMasterKey, keys.localMasterSalt]));
    this.#receiver = srtpReceiver(Buffer.concat([keys.remoteMasterKey, keys.remoteMasterSalt]));
    this.decrypt = (data: Buffer) => {
      const plain = this.#receiver.open(data);
      // werift drops a packet quietly for this error alone.
      if (typeof plain === "string") throw new SrtpAuthenticationError(plain);
      onPacket(plain);
      return plain;
    };
  }

  override encrypt(payload: Buffer, header: RtpHeader): Buffer<ArrayBufferLike> {
    // We negotiate no header extensions, so the fixed header is all there is.
    return this.#sender.protect({
      payloadType: header.payloadType,
      marker: header.marker,
      sequence: header.sequenceNumber,
      timestamp: header.timestamp,
      ssrc: header.ssrc,
      payload,
    });
  }
}
