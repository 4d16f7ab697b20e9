/** `npm run docs`: puts what the code says into docs/device.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { filled } from "./device.ts";

const path = new URL("device.md", import.meta.url);
writeFileSync(path, filled(readFileSync(path, "utf8")));
