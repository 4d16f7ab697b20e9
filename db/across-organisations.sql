-- The questions that are asked across organisations, and no others. Each runs as the tables' owner, above row security,
-- answers one question by something that only its asker knows, and reads no more than it answers.
-- Every function is the application's to call: nobody else reaches this database.

drop function if exists organisation_of_device(uuid);

-- Whose are the devices that ring, came to a broker, went, or said something? Nobody is signed in there, and only they are
-- known. A device that was given up is nobody's.
create or replace function organisations_of_devices(device_ids uuid[]) returns table (device_id uuid, organisation_id text)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.id, d.organisation_id from device d where d.id = any (device_ids) and d.released_at is null
$$;

-- Whose are the calls that were at this door? Asked for a picture of one, whose signed address names the door. The history of a
-- door stays where it was, also when the door is given up.
create or replace function organisation_of_calls_at(door uuid) returns text
language sql stable security definer set search_path = public, pg_temp as $$
  select organisation_id from device where id = door
$$;

-- Who holds this session's token, and for which organisation do they ask? The one they chose to work in, while they belong
-- to it; else the one they have belonged to for longest.
create or replace function identity_of_session(session_token text, asked_at timestamptz)
returns table (
  session_id text, user_id text, name text, email text, role text, organisation_id text, organisation_name text
)
language sql stable security definer set search_path = public, pg_temp as $$
  select s.id, u.id, u.name, u.email, m.role, o.id, o.name
    from session s
    join "user" u on u.id = s.user_id
    join member m on m.user_id = u.id
    join organisation o on o.id = m.organisation_id
   where s.token = session_token and s.expires_at > asked_at
   order by o.id is not distinct from s.works_in desc, m.created_at, m.id
   limit 1
$$;

-- Where does this person belong, and as what? Asked for the person who is signed in: to choose where to work, to found an
-- organisation where they have none, and to close their sockets in each.
create or replace function memberships_of_person(person text) returns table (id text, name text, role text)
language sql stable security definer set search_path = public, pg_temp as $$
  select o.id, o.name, m.role
    from member m join organisation o on o.id = m.organisation_id
   where m.user_id = person
   order by m.created_at, m.id
$$;

-- What does the invitation hold whose link somebody opened, or how did it end? Only who got the mail knows what its digest
-- is made of.
create or replace function invitation_of_token(token_digest text)
returns table (
  organisation_id text, organisation_name text, email text, role text, invited_by_name text, expires_at timestamptz, how text
)
language sql stable security definer set search_path = public, pg_temp as $$
  select o.id, o.name, i.email, i.role, i.invited_by_name, i.expires_at, null
    from invitation i join organisation o on o.id = i.organisation_id
   where i.token_hash = token_digest
  union all
  select e.organisation_id, null, null, null, null, null, e.how from ended_invitation e where e.token_hash = token_digest
$$;

-- What device is offered by this code? Only who was given the code knows what its digest is made of.
create or replace function device_transfer_by_code(code_digest text, asked_at timestamptz)
returns table (
  id uuid, organisation_id text, organisation_name text, device_id uuid, device_name text, model text, serial text,
  email text, offered_by_name text
)
language sql stable security definer set search_path = public, pg_temp as $$
  select t.id, o.id, o.name, d.id, d.name, f.model, f.serial, t.email, t.offered_by_name
    from device_transfer t
    join device d on d.id = t.device_id
    join factory_identity f on f.id = d.id and f.holder_id = d.organisation_id
    join organisation o on o.id = t.organisation_id
   where t.code_hmac = code_digest and t.expires_at > asked_at and d.released_at is null
$$;

-- Which organisations have calls that are kept no longer, or pictures of calls that there never was a record of? Asked by the
-- hourly clean-up, that then speaks for each.
drop function if exists organisations_with_expired_calls(timestamptz);
create or replace function organisations_with_expired_calls(asked_at timestamptz, pictures_before timestamptz) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select o.id from organisation o
   where exists (
     select from call c
      where c.organisation_id = o.id and c.ended_at < asked_at - make_interval(days => o.retention_days)
   )
  union
  select s.organisation_id from snapshot s
   where s.taken_at < pictures_before and not exists (select from call c where c.id = s.call_id)
$$;

-- Who waits for this device to be pressed? Asked when it is, and when another claims it: only who has its code or its
-- factory certificate knows its id.
create or replace function claims_waiting_for(claimed_device uuid)
returns table (id uuid, organisation_id text, accepted_at timestamptz, expires_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select c.id, c.organisation_id, c.accepted_at, c.expires_at
    from claim c where c.device_id = claimed_device and c.state = 'waiting'
$$;

-- Who is connected to this media node? Its broker says who is there. Everyone else at it is gone, as is whoever
-- was lost with it: they may come back from now on, and are given time to, the more the more they are. Names nobody.
drop function if exists forget_devices_at(text, uuid[]);
create or replace function forget_devices_at(node text, connected uuid[], at_least interval, for_each interval) returns void
language sql security definer set search_path = public, pg_temp as $$
  update device_configuration set connected_to = node, connected_at = now(), lost_with = null, awaited_until = null
   where lost_with = node and device_id in (select unnest(connected));
  -- It was away once more: whoever was awaited could not come back meanwhile. By which node is not kept, so all are given that time.
  with still as (select device_id from device_configuration where awaited_until > now() order by device_id for update)
  update device_configuration c set awaited_until = greatest(c.awaited_until, now() + at_least)
    from still where c.device_id = still.device_id;
  with there as (
    -- In the order of their ids, as whoever takes many rows: two that do so at the same moment wait for each other.
    select device_id from device_configuration
     where (connected_to = node or lost_with = node) and device_id not in (select unnest(connected))
     order by device_id for update
  ), gone as (
    update device_configuration c set connected_to = null, connected_at = null, lost_with = null,
        awaited_until = now() + at_least + for_each * (select count(*) from there)
      from there where c.device_id = there.device_id
    returning c.device_id
  )
  update device set last_seen_at = now() where id in (select device_id from gone)
$$;

-- Who was connected to this media node? It is away, and how they are is not known. Names nobody.
create or replace function lose_devices_at(node text) returns void
language sql security definer set search_path = public, pg_temp as $$
  with there as (
    select device_id from device_configuration where connected_to = node order by device_id for update
  ), lost as (
    update device_configuration c set connected_to = null, connected_at = null, lost_with = node
      from there where c.device_id = there.device_id
    returning c.device_id
  )
  update device set last_seen_at = now() where id in (select device_id from lost)
$$;

-- In which organisations has a device dropped off that people were not told of, or come back? Asked by the watch, that then speaks
-- for each. One that stays away is none of its business: people know. Nor is one yet that its media node still waits for. And where
-- does a mail about that wait?
drop function if exists organisations_to_watch(timestamptz);
create or replace function organisations_to_watch(asked_at timestamptz) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct c.organisation_id
    from device_configuration c
    join device d on d.id = c.device_id
    left join outage o on o.device_id = c.device_id
   where c.reported_at is not null and d.released_at is null and not d.virtual
     and exists (select from certificate k where k.device_id = d.id and k.revoked_at is null)
     and case when c.connected_to is null
       then (c.awaited_until is null or c.awaited_until <= asked_at) and (o.told_at is null or o.ended_at is not null)
       else o.ended_at is null and o.since is not null or o.told_at is not null and o.end_told_at is null
     end
  union
  select organisation_id from watch_mail where due_at <= asked_at
$$;

-- Which organisations have devices' logs that are kept no longer? Asked by the hourly clean-up, that then speaks for each.
create or replace function organisations_with_old_logs(older_than timestamptz) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct organisation_id from device_log where received_at < older_than
$$;

-- Which organisations have invitations, shares or offers that are over, or remember some for long enough? Asked by the hourly clean-up, that then speaks for each.
create or replace function organisations_with_ended_access(asked_at timestamptz) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select organisation_id from invitation where expires_at <= asked_at
  union
  select organisation_id from ended_invitation where goes_at <= asked_at
  union
  select organisation_id from share where ends_at <= asked_at
  union
  select organisation_id from ownership_offer where expires_at <= asked_at
  union
  select organisation_id from device_transfer where expires_at <= asked_at
$$;

-- In which organisations is a rollout to be moved on? Asked every minute, by the clock that then speaks for each.
create or replace function organisations_with_rollouts(asked_at timestamptz) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select r.organisation_id from rollout r where r.state = 'running'
  union
  select d.organisation_id from rollout_device d where d.deadline <= asked_at
  union
  select r.organisation_id from rollout r
    join rollout_device d on d.rollout_id = r.id and d.state = 'waits'
   where r.state = 'done'
$$;

-- Which organisations have devices of that kind that run an older release? Asked for the newest one, which belongs to nobody.
create or replace function organisations_below_release(of_model text, of_revision text, number integer) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct d.organisation_id from device d
    join device_configuration c on c.device_id = d.id
   where d.model = of_model and d.revision = of_revision and d.released_at is null and c.release < number
$$;
