/** What a person reads once everything runs. */
import { demoAccounts } from "./demo.ts";
import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** @param places what other commands have to be given, too */
export function welcome(settings: Settings, secrets: Secrets, took: number, places: string): string {
  const trust = settings.secure
    ? `\n  Certificate   made here; let your browser trust ${settings.dataDir}/pki/server-ca.pem`
    : "";
  const accounts = demoAccounts(secrets)
    .map(
      ({ email, password, role }, i) =>
        `  ${i === 0 ? "Sign in as   " : "or as        "} ${email} · ${password} (${role})`,
    )
    .join("\n");
  return `
Symphony Cloud runs (after ${(took / 1000).toFixed(1)} s).

  Portal        ${settings.publicOrigin}${trust}
${accounts}
  Press a bell  npm run station -- press
  Mails         http://127.0.0.1:${settings.MAIL_PORT}
  Parts         npm run status · logs in ${settings.dataDir}/logs${places && `\n  Commands      need ${places} in their environment, too`}

Ctrl-C stops it.
`;
}
