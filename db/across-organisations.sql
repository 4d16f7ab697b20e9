-- The questions that are asked across organisations, and no others. Each runs as the tables' owner, above row security,
-- answers one question by something that only its asker knows, and reads no more than it answers.
-- Every function is the application's to call: nobody else reaches this database.

-- Whose is the device that rings or registers? Nobody is signed in there, and only the device is known.
create or replace function organisation_of_device(device_id uuid) returns text
language sql stable security definer set search_path = public, pg_temp as $$
  select organisation_id from device where id = device_id
$$;

-- Who holds this session's token, and for which organisation do they ask? The oldest membership counts.
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
   order by m.created_at, m.id
   limit 1
$$;

-- Where does this person belong? Asked before an organisation of their own is founded, and to close their sockets in each.
create or replace function organisations_of_person(person text) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select organisation_id from member where user_id = person
$$;

-- Which organisations have calls that are kept no longer? Asked by the hourly clean-up, that then speaks for each.
create or replace function organisations_with_expired_calls(asked_at timestamptz) returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select o.id from organisation o
   where exists (
     select from call c
      where c.organisation_id = o.id and c.ended_at < asked_at - make_interval(days => o.retention_days)
   )
$$;
