/** Lets tests take the worker's own bindings from `cloudflare:workers`. */
declare namespace Cloudflare {
  interface Env extends EdgeEnv {}
}
type EdgeEnv = import("../../env.ts").Env;
