/** Bearer tokens (RFC 6750), and who has which. */
import { sameSecret } from "../calls/signing.ts";
import type { Env } from "../env.ts";

/** Whether the request shows this very token. Constant-time. One without a token shows none, not even an empty one. */
export async function shows(request: Request, token: string): Promise<boolean> {
  const shown = request.headers.get("authorization")?.match(/^Bearer (.+)$/)?.[1];
  return shown !== undefined && (await sameSecret(shown, token));
}

/** Whether a media node of ours asks. */
export const isMediaNode = (env: Env, request: Request): Promise<boolean> => shows(request, env.MEDIA_NODE_TOKEN);
