/** Folders that a test run leaves in the system's temporary folder. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new, empty folder whose name begins with `name`. */
export const temporaryFolder = (name: string): string => mkdtempSync(join(tmpdir(), `symphony-${name}-`));
