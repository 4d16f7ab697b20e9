/**
 * Of a virtual station its cameras alone, two of them, as a media node's child: it writes down which don't answer and why, a line
 * each time that changes. Told anything, it has none any more.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Camera } from "#core/device/configuration.ts";
import { newCameras } from "../../station/cameras/cameras.ts";
import { openKeyPins } from "../../station/cameras/key-pins.ts";
import { placeAtNode } from "../../station/cameras/place.ts";

const [folder = "", device = ""] = [process.argv[2], process.argv[process.argv.indexOf("--device") + 1]];
const named = (name: string): Camera => ({ id: name, name, address: "rtsp://127.0.0.1:9/", shown: "beside" });
const pins = openKeyPins(join(folder, `${device}.keys`), () => undefined);
const cameras = newCameras(pins, placeAtNode(), note);

function note(): void {
  const why = Object.entries(cameras.notAsked()).map(([id, reason]) => `${id} ${reason}`);
  appendFileSync(join(folder, device), `${why.sort().reverse().join(", ")}\n`);
}

cameras.use([named("yard"), named("gate")], {});
process.stdin.once("data", () => cameras.use([], {}));
