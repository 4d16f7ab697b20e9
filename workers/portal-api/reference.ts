/** GET /api/reference: the API's document to read and try, by Scalar. Its script is a file of ours, not of somebody's CDN. */

export const scalarScript = "/api-reference.js";

export function answerReference(): Response {
  const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Symphony Cloud API</title></head>
<body><script id="api-reference" data-url="/api/openapi.json"></script><script src="${scalarScript}"></script></body>
</html>`;
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    },
  });
}
