/** A value of a configuration in a line that a person can compare with another. Pure. */
export function inShort(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(inShort).join("; ");
  if (typeof value === "object")
    return Object.entries(value)
      .filter(([name]) => name !== "userId")
      .map(([, inner]) => inShort(inner))
      .join(", ");
  return String(value);
}
