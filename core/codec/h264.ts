/** Which of the H.264 variants on offer a door call uses (RFC 6184 §8). */

export type H264Variant = {
  payloadType: number;
  /** 0: one NAL unit a packet. 1: also aggregated and fragmented ones. */
  packetizationMode: number;
  /** profile_idc, constraint flags and level_idc, six hexadecimal digits. */
  profileLevelId: string;
};

/**
 * Chooses what every browser decodes and what needs no repacking: mode 1 before mode 0, Baseline before Main before High,
 * the order of the offer otherwise. Mode 2 (interleaved) is never chosen: no browser has it.
 */
export function chooseH264<T extends H264Variant>(offered: readonly T[]): T | undefined {
  let best: T | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const variant of offered) {
    const rank = rankOf(variant);
    if (rank < bestRank) {
      best = variant;
      bestRank = rank;
    }
  }
  return best;
}

const profiles = ["42", "4d", "64"];

function rankOf(variant: H264Variant): number {
  const profile = profiles.indexOf(variant.profileLevelId.slice(0, 2).toLowerCase());
  if (profile < 0 || variant.packetizationMode > 1) return Number.POSITIVE_INFINITY;
  return (variant.packetizationMode === 1 ? 0 : 10) + profile;
}
