/** Devices that are claimed and certified already, written into a platform's database as its owner. */
import type pg from "pg";
import { deviceId } from "#core/messages/values.ts";
import type { Certified } from "#media-nodes/pki/issue.ts";
import { newCertifier } from "./certificates.ts";
import type { Order } from "./messages.ts";

/** Devices with keys of their own, and what their certificates are called. */
export interface MadeFleet {
  devices: Order["devices"];
  serials: string[];
}

export function makeFleet(count: number, authority: Certified): MadeFleet {
  const certify = newCertifier(authority);
  const made = Array.from({ length: count }, () => {
    const id = deviceId.parse(crypto.randomUUID());
    return { id, ...certify(id) };
  });
  return { devices: made, serials: made.map(({ serial }) => serial) };
}

/** Devices of a site, and sites of an organisation that somebody looks after. */
const ofSite = 20;
const ofOrganisation = 5;

/** They stand at sites of organisations, each of which has an owner who is told by mail of what drops off. */
export async function moveIn(client: pg.Client, { devices, serials }: MadeFleet): Promise<void> {
  const ids = devices.map(({ id }) => id);
  const sites = Math.ceil(ids.length / ofSite);
  const organisations = Math.ceil(sites / ofOrganisation);
  const each = `from generate_series(0, ${organisations - 1}) n`;
  await client.query(`insert into organisation (id, name) select 'fleet-' || n, 'Fleet ' || n ${each}`);
  await client.query(
    `insert into "user" (id, name, email, email_verified)
     select 'fleet-' || n, 'Owner ' || n, 'owner-' || n || '@fleet.example', true ${each}`,
  );
  await client.query(
    `insert into member (organisation_id, user_id, role) select 'fleet-' || n, 'fleet-' || n, 'owner' ${each}`,
  );
  await client.query(
    `insert into site (organisation_id, name)
     select 'fleet-' || n / ${ofOrganisation}, 'Site ' || n from generate_series(0, ${sites - 1}) n`,
  );
  await client.query(
    `insert into device (id, organisation_id, site_id, name, claimed_at)
     select one, organisation_id, site.id, 'Door ' || at, now()
     from unnest($1::uuid[]) with ordinality made (one, at)
     join site on site.name = 'Site ' || (at - 1) / ${ofSite} and site.organisation_id like 'fleet-%'`,
    [ids],
  );
  await client.query(
    `insert into factory_identity (id, maker_id, serial, model, revision, code_hmac, code_used_at, holder_id)
     select id, (select id from maker limit 1), id::text, 'WS 301V CM', 'AA', id::text, now(), organisation_id
     from device where organisation_id like 'fleet-%'`,
  );
  await client.query(
    `insert into certificate (serial, device_id, spki_hash, pem, issuer_id, holder_id, crl_part, issued_at, expires_at)
     select certified.serial, id, certified.serial, '', 'bench', organisation_id, 'bench', now(), now() + interval '90 days'
     from unnest($1::uuid[], $2::text[]) certified (id, serial) join device using (id)`,
    [ids, serials],
  );
  await client.query("analyze");
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
