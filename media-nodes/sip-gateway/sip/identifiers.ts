/** Identifiers that nobody guesses, and that are never used again. */
import { randomBytes } from "node:crypto";

/** A tag, or a Call-ID (RFC 3261 §19.3, §8.1.1.4). */
export const newTag = () => randomBytes(8).toString("hex");
/** A transaction's (RFC 3261 §8.1.1.7). */
export const newBranch = () => `z9hG4bK${randomBytes(12).toString("hex")}`;
