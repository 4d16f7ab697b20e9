/** The page that lists the mails of a development start. */
import { linkIn } from "./mail.ts";
import type { StoredMail } from "./store.ts";

const escapeMarkup = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function article(mail: StoredMail): string {
  const link = linkIn(mail);
  return `<article>
<h2>${escapeMarkup(mail.subject)}</h2>
<p>To ${escapeMarkup(mail.to)} · <time>${new Date(mail.at).toISOString()}</time></p>
<pre>${escapeMarkup(mail.text)}</pre>
${link ? `<p><a href="${escapeMarkup(link)}" rel="noreferrer">Open the link</a></p>` : ""}
</article>`;
}

/** @param sent whether they are sent on as well */
export function mailPage(mails: readonly StoredMail[], sent: boolean): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Mails · Symphony Cloud</title>
<style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid; padding: 1rem 0; }
h2 { margin: 0; font-size: 1.1rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
</style></head>
<body><h1>Mails</h1>
<p>${sent ? "They are sent on by the mail server of SMTP_URL." : "No mail server is configured: mails end here. Set SMTP_URL to send them."}</p>
${mails.map(article).join("\n") || "<p>None yet.</p>"}
</body></html>`;
}
