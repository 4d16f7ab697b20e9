/** Octets and digests as they are kept: hexadecimal, lower case. */

export const hex = (octets: ArrayBuffer | Uint8Array): string =>
  Array.from(new Uint8Array(octets), (octet) => octet.toString(16).padStart(2, "0")).join("");

/** SHA-256. Of a text its UTF-8. */
export const sha256 = async (what: string | ArrayBuffer): Promise<string> =>
  hex(await crypto.subtle.digest("SHA-256", typeof what === "string" ? new TextEncoder().encode(what) : what));
