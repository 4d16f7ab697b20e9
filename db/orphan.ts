/** Postgres's word that a row has nothing to belong to. */

/**
 * Whether a statement failed because what the row belongs to is not there: a device or an organisation was removed
 * meanwhile. It does not come back, so trying again is of no use. (SQLSTATE 23503, foreign_key_violation.)
 */
export function isOrphan(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ("code" in one && one.code === "23503") return true;
  }
  return false;
}
