/**
 * SIPp's packages are built without TLS: it speaks TCP to this process, which carries each connection on over TLS with a
 * device's certificate.
 */
import { createServer } from "node:net";
import { connect } from "node:tls";
import { type ToPart, tellParent } from "./parts.ts";

process.on("message", (message: ToPart) => {
  if (message.type !== "tunnel") return;
  const { to, device, serverAuthority } = message;
  const listener = createServer((plain) => {
    const secure = connect({
      host: "127.0.0.1",
      port: to,
      cert: device.certificate,
      key: device.key,
      ca: serverAuthority,
    });
    plain.setNoDelay(true).pipe(secure).pipe(plain);
    plain.on("error", () => secure.destroy());
    secure.on("error", (error) => {
      console.error(`tunnel: ${error.message}`);
      plain.destroy();
    });
  });
  listener.listen(0, "127.0.0.1", () => {
    const address = listener.address();
    if (address !== null && typeof address !== "string") tellParent({ type: "listening", port: address.port });
  });
});
