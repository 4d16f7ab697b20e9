/**
 * Every model the data sheet names ("Devices and hardware revisions"), with the oldest revision that works with the cloud
 * and what is fitted. The page offers for a device what its model has, and a claim refuses a revision that is too old.
 *
 * What is fitted is read from the model's name where the name says it (CM a camera, V video, TD a touch display, EB2E2A two
 * inputs and two outputs) and is otherwise the least of its family. A device reports what it really has, and that wins.
 */
import { type HardwareRevision, hardwareRevision, isRecentEnough } from "./revision.ts";

/** Firmware goes by them: an image of the MX class is 250 to 400 MB, of the BF class 7 MB (data sheet, "Firmware update file sizes"). */
export const families = ["MX", "BF", "I/O"] as const;
export type Family = (typeof families)[number];

/** Audio codecs by bandwidth, widest first: 20 kHz, 7 kHz, 3.5 kHz (data sheet, "Audio codecs"). */
export type AudioCodec = "opus" | "g722" | "pcma" | "pcmu";

export interface Model {
  name: string;
  family: Family;
  /** Older ones are refused. Absent: the data sheet names none. */
  revision?: HardwareRevision;
  screen: "none" | "touch";
  camera: boolean;
  /** Keys a visitor can press; `screen`: as many as are drawn on it. */
  buttons: number | "screen";
  outputs: number;
  inputs: number;
  /** Empty: it does not talk. */
  audio: readonly AudioCodec[];
}

const revision = (text: string) => hardwareRevision.parse(text);

const mx = {
  family: "MX",
  screen: "none",
  camera: false,
  buttons: 1,
  outputs: 2,
  inputs: 2,
  audio: ["opus", "g722"],
} as const;
const touch = { ...mx, screen: "touch", buttons: "screen" } as const;
const bf = {
  family: "BF",
  screen: "none",
  camera: false,
  buttons: 1,
  outputs: 1,
  inputs: 1,
  audio: ["g722", "pcma", "pcmu"],
} as const;
const io = { family: "I/O", screen: "none", camera: false, buttons: 0, outputs: 0, inputs: 0, audio: [] } as const;

const AA = revision("AA");
const AB = revision("AB");
const AC = revision("AC");
const AD = revision("AD");

export const models: readonly Model[] = [
  { ...touch, name: "ID5 TD", revision: AD },
  { ...touch, name: "ID5 TD CM", revision: AD, camera: true },
  { ...touch, name: "ID8 TD", revision: AA },
  { ...touch, name: "ID8 TD-B", revision: AA },
  { ...touch, name: "ID8 TD CM", revision: AA, camera: true },
  { ...touch, name: "ID8 TD CM-B", revision: AA, camera: true },
  { ...mx, name: "IM3", revision: AA, buttons: 3 },
  { ...mx, name: "IM6", revision: AA, buttons: 6 },
  { ...mx, name: "OD1 CM", revision: AA, camera: true },
  { ...mx, name: "OD1 V CM", revision: AA, camera: true },
  { ...touch, name: "OD5 TD CM", revision: AA, camera: true },
  { ...touch, name: "OD10 TD CM", revision: AA, camera: true },
  { ...mx, name: "WS 301V CM", revision: AC, camera: true },
  { ...mx, name: "WS 303V CM", revision: AC, camera: true, buttons: 3 },
  { ...mx, name: "WS 311V CM", revision: AC, camera: true },
  { ...mx, name: "WS 311V CM DA", revision: AC, camera: true },
  { ...bf, name: "EF 962H", revision: AC },
  { ...bf, name: "EF 962HM", revision: AC },
  { ...bf, name: "ET 908H", revision: AC },
  { ...bf, name: "ET 908H-1", revision: AC },
  { ...bf, name: "ET 908HMI", revision: AC },
  { ...bf, name: "ET 908HMI-1", revision: AC },
  { ...bf, name: "ET 962H", revision: AD },
  { ...bf, name: "ET 970H", revision: AD },
  { ...bf, name: "ET 962HR", revision: AC },
  { ...bf, name: "ET 970HR", revision: AC },
  { ...io, name: "IP-CON", revision: AB, outputs: 2, inputs: 2 },
  { ...io, name: "CM1", camera: true },
  { ...io, name: "EB1A", outputs: 1 },
  { ...io, name: "EB1E1A", outputs: 1, inputs: 1 },
  { ...io, name: "EB2E2A", outputs: 2, inputs: 2 },
  { ...io, name: "EB3E2A-AUD", outputs: 2, inputs: 3, audio: ["g722"] },
  { ...io, name: "EB8E8A", outputs: 8, inputs: 8 },
];

const byName = new Map(models.map((model) => [model.name, model]));

/** Whether it takes part in calls. Who does not registers nowhere. */
export const talks = ({ audio }: Pick<Model, "audio">): boolean => audio.length > 0;

/** The model of that name, exactly as on the name plate. */
export const modelNamed = (name: string): Model | undefined => byName.get(name);

export type Suitability =
  | { suits: true; model: Model }
  | { suits: false; reason: "unknown-model" }
  | { suits: false; reason: "revision-too-old"; atLeast: HardwareRevision };

/** Whether a device with this name plate can be used with the cloud, and why not. */
export function suitability(plate: { model: string; revision: HardwareRevision }): Suitability {
  const model = modelNamed(plate.model);
  if (!model) return { suits: false, reason: "unknown-model" };
  if (model.revision && !isRecentEnough(plate.revision, model.revision))
    return { suits: false, reason: "revision-too-old", atLeast: model.revision };
  return { suits: true, model };
}
