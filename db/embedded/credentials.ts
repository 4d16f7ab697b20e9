/** Whom the doors speak as, and whether a caller knows that role's password. */
import { createHash, timingSafeEqual } from "node:crypto";

export interface Credentials {
  user: string;
  password: string;
  database: string;
}

/** Of a connection string; its host is the caller's way to the door and does not matter. Nothing for what is no such string. */
export function credentialsIn(connectionString: string): Credentials | undefined {
  if (!URL.canParse(connectionString)) return undefined;
  const { protocol, username, password, pathname } = new URL(connectionString);
  if (protocol !== "postgres:" && protocol !== "postgresql:") return undefined;
  try {
    return {
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
    };
  } catch {
    return undefined; // a lone % sign
  }
}

const digest = ({ user, password, database }: Credentials) =>
  createHash("sha256")
    .update(JSON.stringify([user, password, database]))
    .digest();

/** In constant time: digests are compared, so that neither length nor content shows in the time taken. */
export const sameCredentials = (one: Credentials, other: Credentials): boolean =>
  timingSafeEqual(digest(one), digest(other));
