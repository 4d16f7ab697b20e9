/** What `exports` of `cloudflare:workers` holds in the tests of the routes. */
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../index.ts");
  }
}
