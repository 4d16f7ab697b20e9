/** A release of firmware, as it is signed: for which hardware, which number, and below which number nothing may run any more. */
import { z } from "zod";
import { families } from "../device/models.ts";
import { hardwareRevision } from "../device/revision.ts";

/** SHA-256, as 64 lower-case hexadecimal digits. */
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal")
  .brand("Sha256");
export type Sha256 = z.infer<typeof sha256>;

/** Releases of one model and revision are numbered upwards for ever. Old contents come back under a higher number. */
export const releaseNumber = z.number().int().min(1).max(1_000_000_000);

/** The data sheet names 400 MB. Octets. */
export const largestImage = 1024 * 1024 * 1024;

/** A model's name as on the name plate. */
export const modelName = z.string().regex(/^[A-Z0-9][A-Z0-9 -]{0,31}$/, "a model's name, as on the name plate");

export const release = z
  .object({
    model: modelName,
    revision: hardwareRevision,
    class: z.enum(families),
    number: releaseNumber,
    /** Nothing with a lower number may run from now on, a boot's fall-back neither. */
    securityFloor: z.number().int().min(0).max(1_000_000_000),
    /** It mends a weakness: who takes nothing else by itself takes this. */
    critical: z.boolean().optional(),
    /** What it changes, in a line for whoever runs the devices. */
    note: z.string().min(1).max(200).optional(),
    /** Octets of the image. */
    size: z.number().int().min(1).max(largestImage),
  })
  .refine(({ number, securityFloor }) => securityFloor <= number, "a release can't lie below its own security floor");
export type Release = z.infer<typeof release>;

/** What a device knows of itself from its factory. */
export type NamePlate = Pick<Release, "model" | "revision">;

/** The TUF target that a release is: a path that is safe in an address. */
export const targetOf = ({ model, revision, number }: NamePlate & Pick<Release, "number">): string =>
  `${model.replaceAll(" ", "_")}/${revision}/${number}.json`;

export type Refusal = "wrong-model" | "wrong-revision" | "not-newer" | "below-floor" | "failed-before";

/**
 * Why a device must not install a release. Undefined: it may.
 * @param history the number that runs, the highest security floor ever signed to this device, and the number whose trial failed
 */
export function refusalOf(
  offered: Release,
  plate: NamePlate,
  history: { installed: number; floor: number; failed: number | null },
): Refusal | undefined {
  if (offered.model !== plate.model) return "wrong-model";
  if (offered.revision !== plate.revision) return "wrong-revision";
  if (offered.number <= history.installed) return "not-newer";
  if (offered.number < history.floor) return "below-floor";
  if (offered.number === history.failed) return "failed-before";
  return undefined;
}

/** The newest release for this hardware; or, where a number is wanted, that one. */
export function releaseFor(all: readonly Release[], plate: NamePlate, wanted?: number): Release | undefined {
  return all
    .filter(({ model, revision }) => model === plate.model && revision === plate.revision)
    .filter(({ number }) => wanted === undefined || number === wanted)
    .reduce<Release | undefined>((newest, one) => (newest && newest.number > one.number ? newest : one), undefined);
}
