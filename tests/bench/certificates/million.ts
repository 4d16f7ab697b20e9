/** A million certificates as a year of a few hundred organisations leaves them, put into the database in one statement. */
import { createHash } from "node:crypto";
import pg from "pg";
import { demoDoors } from "../../../db/seed/demo.ts";

export interface Filled {
  parts: string[];
  /** Devices of the demo organisation that the bench revokes, with what their certificates say. */
  devices: { id: string; serial: string; part: string }[];
}

/** The demo's organisation (db/seed/demo.ts). */
const demo = "lindenhof";
/** Certificates a part speaks for (db/queries/certificates.ts). */
const partSize = 950;

/** The name of an organisation's parts, as `crlPartFor` makes it. */
const partsNameOf = (holder: string, issuerId: string): string =>
  createHash("sha256").update(`${issuerId} ${holder}`).digest("hex").slice(0, 16);

/**
 * Every tenth certificate is revoked. They are issued in turn, so that an organisation's lie far from each other.
 * @param issuerId who issued them
 * @param devices how many of them belong to devices of the demo organisation that are there
 */
export async function fillWith(
  ownerUrl: string,
  issuerId: string,
  issued: number,
  holders: number,
  devices: number,
): Promise<Filled> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const others = Array.from({ length: holders - 1 }, (_, n) => `bench-${n}`);
    await client.query("insert into organisation (id, name) select id, id from unnest($1::text[]) id", [others]);
    const all = [demo, ...others];
    await client.query(
      `insert into certificate (serial, device_id, spki_hash, pem, issuer_id, holder_id, crl_part, issued_at, expires_at, first_used_at, revoked_at, reason)
       select '4' || substr(md5('serial' || n), 2), gen_random_uuid(), md5('a' || n) || md5('b' || n), repeat('x', 900), $6,
         ($2::text[])[1 + n % $3], ($4::text[])[1 + n % $3] || '-' || n / $3 / $5,
         at, at + interval '90 days', at, case when n / $3 % 10 = 9 then at + interval '1 day' end,
         case when n / $3 % 10 = 9 then 'superseded' end
       from (select n, now() - interval '80 days' + interval '70 days' * n / $1 as at from generate_series(0, $1::int - 1) n) rows`,
      [issued, all, holders, all.map((one) => partsNameOf(one, issuerId)), partSize, issuerId],
    );
    await client.query(
      `insert into device (id, organisation_id, site_id, name)
       select device_id, holder_id, (select site_id from device where id = $2), 'Door ' || serial from certificate
       where holder_id = $1 and revoked_at is null order by issued_at desc limit $3`,
      [demo, demoDoors[0].id, devices],
    );
    await client.query("vacuum analyze certificate");
    const parts = await client.query<{ part: string }>("select distinct crl_part as part from certificate order by 1");
    const held = await client.query<{ id: string; serial: string; part: string }>(
      `select device_id as id, serial, crl_part as part from certificate
       where device_id in (select id from device where name like 'Door %')`,
    );
    return { parts: parts.rows.map(({ part }) => part), devices: held.rows };
  } finally {
    await client.end();
  }
}
