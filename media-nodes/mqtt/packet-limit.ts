/** Tells of an MQTT packet that would be larger than allowed, before anything of it is kept (MQTT 3.1.1 §2.2.3). */

export class PacketTooLarge extends Error {
  constructor() {
    super("the packet is larger than allowed");
  }
}

/**
 * For the octets of one connection, as they come.
 * @returns what throws {@link PacketTooLarge} at the header that announces more than `most` octets
 */
export function limitPackets(most: number): (chunk: Buffer) => void {
  /** Octets of the present packet's body still to come. */
  let body = 0;
  /** The remaining length as far as it is read, and the weight of its next octet; weight 0: the packet type comes next. */
  let length = 0;
  let weight = 0;

  function tooLarge(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (body > 0) {
        const passed = Math.min(body, chunk.length - at);
        body -= passed;
        at += passed;
        continue;
      }
      const octet = chunk[at++] ?? 0;
      if (weight === 0) {
        length = 0;
        weight = 1;
        continue;
      }
      length += (octet & 0x7f) * weight;
      weight *= 128;
      if (length > most || weight > 128 ** 4) return true;
      if (octet < 0x80) {
        body = length;
        weight = 0;
      }
    }
    return false;
  }

  return (chunk) => {
    if (tooLarge(chunk)) throw new PacketTooLarge();
  };
}
