/** Shows mails at the terminal as they arrive: without a mail server this is where a link to confirm is found. */
import { mkdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { linkIn, mail } from "../mail/mail.ts";

export function watchMails(folder: string, say: (line: string) => void): { close(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const seen = new Set<string>();
  return watch(folder, (_event, name) => {
    if (!name?.endsWith(".json") || seen.has(name)) return;
    seen.add(name);
    try {
      const arrived = mail.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
      say(`Mail to ${arrived.to}: ${arrived.subject}\n  ${linkIn(arrived) ?? "no link"}`);
    } catch {
      // removed by hand, or no mail of ours
    }
  });
}
