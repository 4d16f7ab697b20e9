/** Sends mails on, each until the mail server took it: again with pauses, also after a restart, and no more after a day. */
import { nextTry } from "#core/mail/tries.ts";
import { isRefusedForGood } from "./smtp.ts";
import type { MailStore, StoredMail } from "./store.ts";

export interface SendingOptions {
  store: MailStore;
  /** Sends one; rejects when the server did not take it. */
  send: (mail: StoredMail) => Promise<void>;
  /** It was not taken, and is tried again. */
  failed: (mail: StoredMail, error: unknown) => void;
  /** Nobody gets it. */
  givenUp: (mail: StoredMail, error: unknown) => void;
}

/** Goes on with those that waited. @returns takes one more, and resolves when it was tried once */
export function startSending({ store, send, failed, givenUp }: SendingOptions): (mail: StoredMail) => Promise<void> {
  async function attempt(mail: StoredMail, tries = 1): Promise<void> {
    try {
      await send(mail);
      store.settled(mail);
    } catch (error) {
      const now = Date.now();
      const again = isRefusedForGood(error) ? undefined : nextTry({ tries, since: mail.at }, now);
      if (again === undefined) {
        store.settled(mail);
        givenUp(mail, error);
        return;
      }
      failed(mail, error);
      setTimeout(() => void attempt(mail, tries + 1), again - now);
    }
  }

  for (const mail of store.waiting()) void attempt(mail);
  return (mail) => {
    store.waits(mail);
    return attempt(mail);
  };
}
