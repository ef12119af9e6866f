-- Who may use the panel: its own people (where Supabase Auth is not used), sessions of either kind,
-- and the one-time token of the first start. Tokens are kept as SHA-256 only, passwords as argon2id.

create table musekit_social.panel_users (
	id uuid primary key default musekit_social.uuid_v7(),
	name text not null check (name = btrim(name) and length(name) between 1 and 200),
	-- What signs in: names that differ only in case are one.
	login text generated always as (lower(name)) stored unique,
	role text not null check (role in ('admin', 'viewer')),
	owner_id text not null default 'default' references musekit_social.owners (id),
	password_hash text not null check (password_hash like '$argon2id$%'),
	created_at timestamptz not null default clock_timestamp(),
	last_sign_in_at timestamptz
);

create table musekit_social.panel_sessions (
	id uuid primary key default musekit_social.uuid_v7(),
	token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
	-- local:<uuid> or supabase:<uuid>
	user_id text not null,
	name text not null,
	role text not null check (role in ('admin', 'viewer')),
	owner_id text not null default 'default' references musekit_social.owners (id),
	created_at timestamptz not null default clock_timestamp(),
	used_at timestamptz not null default clock_timestamp(),
	-- When the person's role was last confirmed where it is kept.
	checked_at timestamptz not null default clock_timestamp()
);
create index panel_sessions_of_user on musekit_social.panel_sessions (user_id);

create table musekit_social.panel_setup (
	one boolean primary key default true check (one),
	token_hash text not null check (token_hash ~ '^[0-9a-f]{64}$'),
	expires_at timestamptz not null
);

alter table musekit_social.panel_users enable row level security;
alter table musekit_social.panel_sessions enable row level security;
alter table musekit_social.panel_setup enable row level security;

-- A session ends 12 hours after its last use and 30 days after its beginning (OWASP ASVS 7.3: both an
-- idle and an absolute limit).
create function musekit_social.panel_session_lives(s musekit_social.panel_sessions) returns boolean
language sql stable set search_path = '' as $$
	select s.used_at > clock_timestamp() - interval '12 hours'
		and s.created_at > clock_timestamp() - interval '30 days';
$$;

create function musekit_social.panel_user_view(u musekit_social.panel_users) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', u.id, 'name', u.name, 'role', u.role, 'owner', u.owner_id,
		'createdAt', musekit_social.iso(u.created_at), 'lastSignInAt', musekit_social.iso(u.last_sign_in_at));
$$;

create function musekit_social.panel_session_view(s musekit_social.panel_sessions) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', s.id, 'userId', s.user_id, 'name', s.name, 'role', s.role,
		'owner', s.owner_id, 'checkedMsAgo', -musekit_social.ms_until(s.checked_at));
$$;

-- Adds a person; the caller made sure that this may happen.
create function musekit_social.panel_add_user(a_name text, a_role text, a_password_hash text)
returns musekit_social.panel_users language plpgsql set search_path = '' as $$
declare u musekit_social.panel_users;
begin
	if a_name is null or length(btrim(a_name)) not between 1 and 200 then
		perform musekit_social.refuse(400, 'panel_name_invalid',
			'A name has 1 to 200 characters. Nobody was added.', 'Choose another name.');
	end if;
	insert into musekit_social.panel_users (name, role, password_hash)
		values (btrim(a_name), a_role, a_password_hash)
		on conflict (login) do nothing returning * into u;
	if u.id is null then
		perform musekit_social.refuse(409, 'panel_name_taken',
			format('There is somebody named %s already. Nobody was added.', btrim(a_name)),
			'Choose another name; names that differ only in case are one.');
	end if;
	return u;
end $$;

-- Notes the token that makes the first admin. Each start of the panel replaces it, and once
-- somebody is registered there is none.
create function public.social_panel_setup_open(p_contract integer, p_token_hash text, p_ttl_ms bigint)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	lock table musekit_social.panel_setup in exclusive mode;
	if exists (select 1 from musekit_social.panel_users) then
		delete from musekit_social.panel_setup;
		return jsonb_build_object('registered', true);
	end if;
	insert into musekit_social.panel_setup (token_hash, expires_at)
		values (p_token_hash, clock_timestamp() + p_ttl_ms * interval '1 millisecond')
		on conflict (one) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at;
	return jsonb_build_object('registered', false);
end $$;

create function public.social_panel_registered(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object('registered', exists (select 1 from musekit_social.panel_users));
end $$;

-- Makes the first admin. Two at once: one wins, the other is told that set-up is over.
create function public.social_panel_setup(
	p_contract integer, p_token_hash text, p_name text, p_password_hash text
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_expires timestamptz;
	u musekit_social.panel_users;
begin
	perform musekit_social.enter(p_contract);
	lock table musekit_social.panel_setup in exclusive mode;
	if exists (select 1 from musekit_social.panel_users) then
		perform musekit_social.refuse(409, 'panel_setup_over',
			'The panel has an admin already. Nobody was added.', 'Sign in, or ask an admin to add you.');
	end if;
	select expires_at into v_expires from musekit_social.panel_setup where token_hash = p_token_hash;
	if v_expires is null or v_expires <= clock_timestamp() then
		perform musekit_social.refuse(403, 'panel_setup_token_refused',
			'This set-up link is not the one of the last start, or it has expired. Nobody was added.',
			'Start the panel again (npm start) and open the link that it prints.');
	end if;
	u := musekit_social.panel_add_user(p_name, 'admin', p_password_hash);
	delete from musekit_social.panel_setup;
	return musekit_social.panel_user_view(u);
end $$;

-- With the hash of the password; null when nobody has this name.
create function public.social_panel_user_find(p_contract integer, p_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return (select musekit_social.panel_user_view(u) || jsonb_build_object('passwordHash', u.password_hash)
		from musekit_social.panel_users u where u.login = lower(btrim(p_name)));
end $$;

create function public.social_panel_user_list(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object('users', coalesce((select jsonb_agg(musekit_social.panel_user_view(u) order by u.login)
		from musekit_social.panel_users u), '[]'));
end $$;

create function public.social_panel_user_add(
	p_contract integer, p_name text, p_role text, p_password_hash text
) returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return musekit_social.panel_user_view(musekit_social.panel_add_user(p_name, p_role, p_password_hash));
end $$;

-- Changes role or password, or removes the person with p_remove. All of the person's sessions end but
-- the one named, and somebody stays admin.
create function public.social_panel_user_change(
	p_contract integer, p_id uuid, p_role text default null, p_password_hash text default null,
	p_remove boolean default false, p_keep_session uuid default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare u musekit_social.panel_users;
begin
	perform musekit_social.enter(p_contract);
	-- One change at a time, or two admins could take the role from each other at once.
	lock table musekit_social.panel_setup in exclusive mode;
	select * into u from musekit_social.panel_users where id = p_id for update;
	if not found then
		perform musekit_social.refuse(404, 'panel_user_unknown',
			'There is nobody with this id. Nothing was changed.', 'Load the list again.');
	end if;
	if u.role = 'admin' and (p_remove or p_role = 'viewer')
		and not exists (select 1 from musekit_social.panel_users o where o.role = 'admin' and o.id <> u.id)
	then
		perform musekit_social.refuse(409, 'panel_last_admin',
			format('%s is the only admin. Nothing was changed.', u.name), 'Make somebody else admin first.');
	end if;
	delete from musekit_social.panel_sessions
		where user_id = 'local:' || u.id and id is distinct from p_keep_session;
	if p_remove then
		delete from musekit_social.panel_sessions where user_id = 'local:' || u.id;
		delete from musekit_social.panel_users where id = u.id;
		return musekit_social.panel_user_view(u);
	end if;
	update musekit_social.panel_users set role = coalesce(p_role, role),
		password_hash = coalesce(p_password_hash, password_hash)
		where id = u.id returning * into u;
	update musekit_social.panel_sessions set role = u.role where user_id = 'local:' || u.id;
	return musekit_social.panel_user_view(u);
end $$;

-- Called again with the same token it answers the same session: a lost answer may be asked for again.
create function public.social_panel_session_open(
	p_contract integer, p_token_hash text, p_user_id text, p_name text, p_role text
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	s musekit_social.panel_sessions;
	v_owner text := 'default';
begin
	perform musekit_social.enter(p_contract);
	delete from musekit_social.panel_sessions o where not musekit_social.panel_session_lives(o);
	if p_user_id like 'local:%' then
		update musekit_social.panel_users set last_sign_in_at = clock_timestamp()
			where id = substring(p_user_id from 7)::uuid returning owner_id into v_owner;
		if v_owner is null then
			perform musekit_social.refuse(404, 'panel_user_unknown',
				'There is nobody with this id. Nothing was changed.', 'Load the list again.');
		end if;
	end if;
	insert into musekit_social.panel_sessions (token_hash, user_id, name, role, owner_id)
		values (p_token_hash, p_user_id, p_name, p_role, v_owner) on conflict (token_hash) do nothing;
	select * into s from musekit_social.panel_sessions where token_hash = p_token_hash;
	return musekit_social.panel_session_view(s);
end $$;

-- Null when there is no such session or it has ended. Its use is noted at most once a minute, so that a
-- page full of requests is no page full of writes.
create function public.social_panel_session_use(p_contract integer, p_token_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare s musekit_social.panel_sessions;
begin
	perform musekit_social.enter(p_contract);
	select * into s from musekit_social.panel_sessions where token_hash = p_token_hash;
	if not found or not musekit_social.panel_session_lives(s) then
		return null;
	end if;
	if s.used_at < clock_timestamp() - interval '1 minute' then
		update musekit_social.panel_sessions set used_at = clock_timestamp() where id = s.id;
	end if;
	return musekit_social.panel_session_view(s);
end $$;

-- The role as its keeper (Supabase Auth) confirmed it just now; without one the person's sessions end.
create function public.social_panel_session_confirm(
	p_contract integer, p_user_id text, p_role text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	if p_role is null then
		delete from musekit_social.panel_sessions where user_id = p_user_id;
	else
		update musekit_social.panel_sessions set role = p_role, checked_at = clock_timestamp()
			where user_id = p_user_id;
	end if;
	return jsonb_build_object('role', p_role);
end $$;

-- Ends one session, or with p_everywhere all of its person.
create function public.social_panel_session_close(
	p_contract integer, p_token_hash text, p_everywhere boolean default false
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare v_closed integer;
begin
	perform musekit_social.enter(p_contract);
	delete from musekit_social.panel_sessions where token_hash = p_token_hash
		or (p_everywhere and user_id = (
			select user_id from musekit_social.panel_sessions where token_hash = p_token_hash));
	get diagnostics v_closed = row_count;
	return jsonb_build_object('closed', v_closed);
end $$;

do $$
declare f regprocedure;
begin
	for f in select p.oid::regprocedure from pg_proc p
		where p.pronamespace = 'public'::regnamespace and p.proname like 'social\_panel\_%' loop
		execute format('revoke all on function %s from public, anon, authenticated', f);
		execute format('grant execute on function %s to service_role', f);
	end loop;
	for f in select p.oid::regprocedure from pg_proc p
		where p.pronamespace = 'musekit_social'::regnamespace and p.proname like 'panel\_%' loop
		execute format('revoke all on function %s from public', f);
	end loop;
end $$;
