/** How RFC 4475's messages are written down here: as in the RFC, each line ended by CRLF. A character is a byte. */

/** A message as a template, which begins after its first line break. */
export function torture(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw(parts, ...values)
    .slice(1)
    .replaceAll("\n", "\r\n");
}

/** The session description most of the messages carry. */
export function sdp(origin: string, connection = origin, time = "0 0"): string {
  return `v=0
o=mhandley 29739 7272939 IN IP4 ${origin}
s=-
c=IN IP4 ${connection}
t=${time}
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
`;
}

/** Bytes given in base64, as characters. */
export const bytes = (base64: string) => Buffer.from(base64, "base64").toString("latin1");
/** Text as its UTF-8 bytes, as characters. */
export const utf8 = (text: string) => Buffer.from(text, "utf8").toString("latin1");
