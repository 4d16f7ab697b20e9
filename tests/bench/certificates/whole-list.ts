/** What parts are measured against: OpenSSL's authority, with everything that is revoked in one list. */
import { execFileSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @returns seconds that signing took, and the list's octets */
export function signWhole(folder: string, pki: string, revoked: number): { seconds: number; octets: number } {
  const file = (name: string) => join(folder, name);
  const lines = Array.from({ length: revoked }, (_, n) => {
    const serial = `4${n.toString(16).toUpperCase().padStart(31, "0")}`;
    return `R\t991231235959Z\t261101000000Z,superseded\t${serial}\tunknown\t/CN=${n}\n`;
  });
  writeFileSync(file("index.txt"), lines.join(""));
  writeFileSync(file("crlnumber"), "01\n");
  writeFileSync(
    file("ca.conf"),
    `[ca]\ndefault_ca = bench\n[bench]\ndatabase = ${file("index.txt")}\ncrlnumber = ${file("crlnumber")}
    default_md = sha256\ndefault_crl_days = 1\ncertificate = ${join(pki, "device-ca.pem")}\nprivate_key = ${join(pki, "device-ca.key")}\n`,
  );
  const started = performance.now();
  const made = ["ca", "-gencrl", "-config", file("ca.conf"), "-out", file("whole.pem")];
  execFileSync("openssl", made, { stdio: ["ignore", "ignore", "pipe"] });
  const seconds = (performance.now() - started) / 1000;
  execFileSync("openssl", ["crl", "-in", file("whole.pem"), "-outform", "DER", "-out", file("whole.crl")]);
  return { seconds, octets: statSync(file("whole.crl")).size };
}
