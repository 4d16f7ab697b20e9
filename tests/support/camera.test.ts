import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pictureHeight, pictureWidth } from "../../station/test-picture.ts";
import { randomPictureCode, writeBrowserCamera } from "./camera.ts";

test("a browser's camera file holds whole frames", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "camera-")), "camera.y4m");
  await writeBrowserCamera(path, randomPictureCode());
  const frame = "FRAME\n".length + (pictureWidth * pictureHeight * 3) / 2;
  expect((statSync(path).size - `YUV4MPEG2 W640 H360 F15:1 Ip A1:1 C420mpeg2\n`.length) % frame).toBe(0);
});
