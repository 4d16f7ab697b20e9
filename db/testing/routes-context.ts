/** What the tests of the routes are given by what starts before them (routes-setup.ts). */
import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    applicationUrl: string;
    doors: string;
    mails: string;
    /** PEM, by the names of the worker's bindings. */
    authorities: Record<string, string>;
    /** The same once another issues devices' certificates, and once the one before is revoked. */
    replaced: Record<"succeeded" | "revoked", Record<string, string>>;
  }
}
