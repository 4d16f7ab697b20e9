/** Devices that are claimed and certified already, written into a platform's database as its owner. */
import { X509Certificate } from "node:crypto";
import type pg from "pg";
import { deviceId } from "#core/messages/values.ts";
import { type Certified, issueDeviceCertificate } from "#media-nodes/pki/issue.ts";
import { demoDoors } from "../../../db/seed/demo.ts";
import type { Order } from "./messages.ts";

/** Each with a key of its own. */
export async function makeDevices(count: number, authority: Certified): Promise<Order["devices"]> {
  const devices: Order["devices"] = [];
  while (devices.length < count) {
    const some = Array.from({ length: Math.min(64, count - devices.length) }, async () => {
      const id = deviceId.parse(crypto.randomUUID());
      return { id, ...(await issueDeviceCertificate(authority, id)) };
    });
    devices.push(...(await Promise.all(some)));
  }
  return devices;
}

/** They all stand where the first demo door does. */
export async function moveIn(client: pg.Client, devices: Order["devices"]): Promise<void> {
  const ids = devices.map(({ id }) => id);
  const serials = devices.map(({ certificate }) =>
    new X509Certificate(certificate).serialNumber.toLowerCase().replace(/^0+/, ""),
  );
  const first = "(select organisation_id, site_id from device where id = $1) home";
  await client.query(
    `insert into device (id, organisation_id, site_id, name, claimed_at)
     select id, organisation_id, site_id, 'Door ' || id, now() from unnest($2::uuid[]) id, ${first}`,
    [demoDoors[0].id, ids],
  );
  await client.query(
    `insert into factory_identity (id, maker_id, serial, model, revision, code_hmac, code_used_at, holder_id)
     select id, (select id from maker limit 1), id::text, 'WS 301V CM', 'AA', id::text, now(), organisation_id
     from unnest($2::uuid[]) id, ${first}`,
    [demoDoors[0].id, ids],
  );
  await client.query(
    `insert into certificate (serial, device_id, spki_hash, pem, holder_id, crl_part, issued_at, expires_at)
     select serial, id, serial, '', organisation_id, 'bench', now(), now() + interval '90 days'
     from unnest($2::uuid[], $3::text[]) certified (id, serial), ${first}`,
    [demoDoors[0].id, ids, serials],
  );
}

/** Changes all of them, while they can't be told. */
export const changeAll = (client: pg.Client): Promise<unknown> =>
  client.query("update device_configuration set version = 2 where sent_version = 1");

/** How many report what they ought to be. */
export async function converged(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    "select count(*)::int as count from device_configuration where version = 2 and reported_version = 2",
  );
  return rows[0]?.count ?? 0;
}
