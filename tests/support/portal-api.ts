/** Somebody signed in who asks the portal's API without a browser. */
import { signIn } from "./listener.ts";

export interface PortalApi {
  cookie: string;
  get(path: string): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
  patch(path: string, body: unknown): Promise<Response>;
}

export async function portalApi(origin: string, account: { email: string; password: string }): Promise<PortalApi> {
  const cookie = await signIn(origin, account.email, account.password);
  const ask = (path: string, method: string, body?: unknown) =>
    fetch(`${origin}${path}`, {
      method,
      headers: { cookie, origin, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    cookie,
    get: (path) => ask(path, "GET"),
    post: (path, body) => ask(path, "POST", body),
    patch: (path, body) => ask(path, "PATCH", body),
  };
}
