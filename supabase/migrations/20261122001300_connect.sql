-- Connecting: what a validation showed, developer apps, consents on their way, links for clients.

alter table musekit_social.accounts
	add column last_validated_at timestamptz,
	add column missing_scopes text[] not null default '{}';

create or replace function musekit_social.account_view(a musekit_social.accounts) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object(
		'id', a.id, 'owner', a.owner_id, 'platform', a.platform, 'mode', a.mode,
		'remoteId', a.remote_id, 'handle', a.handle, 'displayName', a.display_name,
		'status', a.status, 'statusReason', a.status_reason, 'scopes', to_jsonb(a.scopes),
		'tokenExpiresAt', musekit_social.iso(a.token_expires_at),
		'lastSuccessAt', musekit_social.iso(a.last_success_at),
		'lastValidatedAt', musekit_social.iso(a.last_validated_at),
		'missingScopes', to_jsonb(a.missing_scopes),
		'profileUrl', a.profile_url);
$$;

create function public.social_account_validated(
	p_contract integer, p_account_id uuid, p_scopes text[] default null, p_missing_scopes text[] default '{}'
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare a musekit_social.accounts;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.account_of(p_account_id, null);
	update musekit_social.accounts set last_validated_at = clock_timestamp(),
		scopes = coalesce(p_scopes, scopes), missing_scopes = coalesce(p_missing_scopes, '{}'),
		updated_at = clock_timestamp()
	where id = p_account_id returning * into a;
	return musekit_social.account_view(a);
end $$;

-- Posts of the account wait: what is due is not handed out while it is not connected, and a reconnect
-- lets them go.
create function public.social_account_disconnect(
	p_contract integer, p_account_id uuid, p_owner text, p_token text, p_token_key_id text
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare a musekit_social.accounts;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.account_of(p_account_id, p_owner);
	select * into a from musekit_social.accounts where id = p_account_id for update;
	if a.status <> 'disconnected' then
		update musekit_social.accounts set status = 'disconnected', status_reason = 'It was disconnected here.',
			token = p_token, token_key_id = p_token_key_id, token_version = token_version + 1,
			token_expires_at = null, refresh_lease_id = null, refresh_lease_until = null,
			missing_scopes = '{}', settings = settings - 'consent' - 'grant', updated_at = clock_timestamp()
		where id = p_account_id returning * into a;
		update musekit_social.posts set wait_reason = 'account_dead', error = musekit_social.post_error(
				'account_disconnected', 'The account was disconnected here. The post waits.',
				'Connect the account again; the post then goes out if it is not too late.')
			where account_id = a.id and state = 'scheduled' and wait_reason is null and open_intents = 0;
		perform musekit_social.refresh_due(a.id);
	end if;
	return musekit_social.account_view(a);
end $$;

create function public.social_account_shared(p_contract integer, p_account_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare a musekit_social.accounts;
begin
	perform musekit_social.enter(p_contract);
	a := musekit_social.account_of(p_account_id, null);
	return jsonb_build_object('accounts', (
		select count(*) from musekit_social.accounts o
		where o.id <> a.id and o.platform = a.platform and o.mode = a.mode and o.status <> 'disconnected'
			and o.settings ->> 'grant' is not null and o.settings ->> 'grant' = a.settings ->> 'grant'));
end $$;

-- One developer app per connector and mode, for all owners.
create table musekit_social.apps (
	id text primary key generated always as (connector || ':' || mode) stored,
	connector text not null check (connector ~ '^[a-z][a-z0-9-]{0,39}$'),
	mode text not null check (mode in ('live', 'sandbox')),
	client_id text not null check (length(client_id) between 1 and 500),
	sealed text check (sealed ~ '^v1\.[^.]+\.[^.]+\.[^.]+$'),
	proven_scopes text[],
	updated_at timestamptz not null default clock_timestamp()
);

create function musekit_social.app_view(a musekit_social.apps) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('connector', a.connector, 'mode', a.mode, 'clientId', a.client_id,
		'hasSecret', a.sealed is not null, 'provenScopes', to_jsonb(a.proven_scopes),
		'updatedAt', musekit_social.iso(a.updated_at));
$$;

create function public.social_app_save(
	p_contract integer, p_connector text, p_mode text, p_client_id text, p_sealed text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare a musekit_social.apps;
begin
	perform musekit_social.enter(p_contract);
	insert into musekit_social.apps as t (connector, mode, client_id, sealed)
		values (p_connector, p_mode, p_client_id, p_sealed)
	on conflict (id) do update set client_id = excluded.client_id,
		-- Another app has another secret.
		sealed = case when excluded.sealed is not null then excluded.sealed
			when t.client_id = excluded.client_id then t.sealed end,
		proven_scopes = case when t.client_id = excluded.client_id then t.proven_scopes end,
		updated_at = clock_timestamp()
	returning * into a;
	return musekit_social.app_view(a);
end $$;

create function public.social_app_list(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object('items', coalesce(
		(select jsonb_agg(musekit_social.app_view(a) order by a.id) from musekit_social.apps a), '[]'));
end $$;

create function public.social_app_open(p_contract integer, p_connector text, p_mode text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return (select musekit_social.app_view(a) || jsonb_build_object('sealed', a.sealed)
		from musekit_social.apps a where a.connector = p_connector and a.mode = p_mode);
end $$;

create function public.social_app_delete(p_contract integer, p_connector text, p_mode text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare v_count integer;
begin
	perform musekit_social.enter(p_contract);
	delete from musekit_social.apps where connector = p_connector and mode = p_mode;
	get diagnostics v_count = row_count;
	return jsonb_build_object('deleted', v_count > 0);
end $$;

create function public.social_app_proven(p_contract integer, p_connector text, p_mode text, p_scopes text[])
returns jsonb language plpgsql security definer set search_path = '' as $$
declare v_count integer;
begin
	perform musekit_social.enter(p_contract);
	update musekit_social.apps set proven_scopes = p_scopes where connector = p_connector and mode = p_mode;
	get diagnostics v_count = row_count;
	return jsonb_build_object('noted', v_count > 0);
end $$;

create table musekit_social.connect_links (
	id uuid primary key,
	token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
	owner_id text not null references musekit_social.owners,
	connector text not null,
	mode text not null check (mode in ('live', 'sandbox')),
	expires_at timestamptz not null,
	-- The flow that saves an account by this link, and until when it may hold it.
	flow_id uuid,
	held_until timestamptz,
	used_at timestamptz,
	created_at timestamptz not null default clock_timestamp()
);

create table musekit_social.connect_flows (
	id uuid primary key,
	state_hash text not null unique check (state_hash ~ '^[0-9a-f]{64}$'),
	browser_hash text not null check (browser_hash ~ '^[0-9a-f]{64}$'),
	connector text not null,
	mode text not null check (mode in ('live', 'sandbox')),
	owner_id text not null references musekit_social.owners,
	account_id uuid,
	link_id uuid references musekit_social.connect_links on delete cascade,
	redirect_uri text not null,
	stage text not null default 'consent' check (stage in ('consent', 'choice')),
	-- PKCE verifier and app, later the token that consent brought. Empty when it is over.
	sealed text not null check (sealed = '' or sealed ~ '^v1\.[^.]+\.[^.]+\.[^.]+$'),
	taken_at timestamptz,
	expires_at timestamptz not null,
	created_at timestamptz not null default clock_timestamp()
);
create index connect_flows_old on musekit_social.connect_flows (expires_at);

insert into musekit_social.sealed_columns values
	('apps.sealed', 'musekit_social.apps', 'id', 'text', '''apps''', 'sealed', null),
	('connect_flows.sealed', 'musekit_social.connect_flows', 'id', 'uuid', 'owner_id', 'sealed', null);

create function musekit_social.flow_view(f musekit_social.connect_flows) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', f.id, 'connector', f.connector, 'mode', f.mode, 'owner', f.owner_id,
		'accountId', f.account_id, 'linkId', f.link_id, 'redirectUri', f.redirect_uri, 'stage', f.stage,
		'expiresAt', musekit_social.iso(f.expires_at));
$$;

create function musekit_social.link_view(l musekit_social.connect_links) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', l.id, 'owner', l.owner_id, 'connector', l.connector, 'mode', l.mode,
		'expiresAt', musekit_social.iso(l.expires_at), 'usedAt', musekit_social.iso(l.used_at));
$$;

create function musekit_social.refuse_when_off(a_owner text, a_platform text) returns void
language plpgsql set search_path = '' as $$
declare v_off text;
begin
	if not exists (select 1 from musekit_social.platforms where name = a_platform) then
		perform musekit_social.refuse(400, 'platform_unknown', format('There is no platform %s.', a_platform));
	end if;
	perform musekit_social.ensure_owner(a_owner);
	v_off := musekit_social.off_reason(a_owner, 'connect', a_platform);
	if v_off is not null then
		perform musekit_social.refuse(403, 'off', v_off || '. No account can be connected.',
			'Ask whoever runs MuseKit Social here to switch it on.');
	end if;
end $$;

create function public.social_flow_start(
	p_contract integer, p_id uuid, p_state_hash text, p_browser_hash text, p_connector text, p_platform text,
	p_mode text, p_owner text, p_redirect_uri text, p_sealed text, p_ttl_ms integer,
	p_account_id uuid default null, p_link_id uuid default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare f musekit_social.connect_flows;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.refuse_when_off(p_owner, p_platform);
	if p_account_id is not null then
		perform musekit_social.account_of(p_account_id, p_owner);
	end if;
	-- What is long over holds nothing that anybody needs.
	delete from musekit_social.connect_flows where id in (
		select id from musekit_social.connect_flows
		where expires_at < clock_timestamp() - interval '1 day' limit 100 for update skip locked);
	insert into musekit_social.connect_flows (id, state_hash, browser_hash, connector, mode, owner_id, account_id,
		link_id, redirect_uri, sealed, expires_at)
	values (p_id, p_state_hash, p_browser_hash, p_connector, p_mode, p_owner, p_account_id, p_link_id,
		p_redirect_uri, p_sealed,
		clock_timestamp() + least(greatest(p_ttl_ms, 1000), 3600000) * interval '1 millisecond')
	returning * into f;
	return musekit_social.flow_view(f);
end $$;

create function public.social_flow_take(
	p_contract integer, p_state_hash text, p_browser_hash text, p_connector text
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	f musekit_social.connect_flows;
	v_sealed text;
begin
	perform musekit_social.enter(p_contract);
	select * into f from musekit_social.connect_flows where state_hash = p_state_hash for update;
	if not found or f.connector <> p_connector then
		perform musekit_social.refuse(404, 'flow_unknown',
			'This sign-in was not begun here, or its state was changed on the way. Nothing was connected.',
			'Begin again with Connect.');
	elsif f.browser_hash <> p_browser_hash then
		perform musekit_social.refuse(403, 'flow_other_browser',
			'This sign-in was begun in another browser. Nothing was connected.',
			'Finish it in the browser where you clicked Connect, or begin again here.');
	elsif f.taken_at is not null then
		perform musekit_social.refuse(409, 'flow_used',
			'This sign-in was finished already; its answer came a second time. Nothing was changed.',
			'Look at the accounts; begin again with Connect if the account is not there.');
	elsif f.expires_at < clock_timestamp() then
		perform musekit_social.refuse(410, 'flow_expired',
			'The sign-in took longer than ten minutes. Nothing was connected.', 'Begin again with Connect.');
	end if;
	v_sealed := f.sealed;
	update musekit_social.connect_flows set taken_at = clock_timestamp(), sealed = '' where id = f.id
		returning * into f;
	return musekit_social.flow_view(f) || jsonb_build_object('sealed', v_sealed);
end $$;

create function public.social_flow_keep(p_contract integer, p_id uuid, p_sealed text, p_ttl_ms integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare f musekit_social.connect_flows;
begin
	perform musekit_social.enter(p_contract);
	update musekit_social.connect_flows set stage = 'choice', sealed = p_sealed,
		expires_at = clock_timestamp() + least(greatest(p_ttl_ms, 1000), 3600000) * interval '1 millisecond'
	where id = p_id and taken_at is not null returning * into f;
	if not found then
		perform musekit_social.refuse(404, 'flow_unknown',
			'This sign-in was not begun here, or its state was changed on the way. Nothing was connected.',
			'Begin again with Connect.');
	end if;
	return musekit_social.flow_view(f);
end $$;

create function public.social_flow_open(p_contract integer, p_id uuid, p_browser_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare f musekit_social.connect_flows;
begin
	perform musekit_social.enter(p_contract);
	select * into f from musekit_social.connect_flows where id = p_id;
	if not found or f.browser_hash <> p_browser_hash then
		perform musekit_social.refuse(404, 'flow_unknown',
			'This sign-in was not begun here, or its state was changed on the way. Nothing was connected.',
			'Begin again with Connect.');
	elsif f.stage <> 'choice' or f.sealed = '' then
		perform musekit_social.refuse(409, 'flow_used',
			'This sign-in was finished already; its answer came a second time. Nothing was changed.',
			'Look at the accounts; begin again with Connect if the account is not there.');
	elsif f.expires_at < clock_timestamp() then
		perform musekit_social.refuse(410, 'flow_expired',
			'The sign-in took longer than ten minutes. Nothing was connected.', 'Begin again with Connect.');
	end if;
	return musekit_social.flow_view(f) || jsonb_build_object('sealed', f.sealed);
end $$;

create function public.social_flow_end(p_contract integer, p_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare v_count integer;
begin
	perform musekit_social.enter(p_contract);
	update musekit_social.connect_flows set sealed = '', taken_at = coalesce(taken_at, clock_timestamp())
		where id = p_id;
	get diagnostics v_count = row_count;
	return jsonb_build_object('ended', v_count > 0);
end $$;

create function public.social_link_create(
	p_contract integer, p_id uuid, p_token_hash text, p_owner text, p_connector text, p_platform text,
	p_mode text, p_ttl_ms bigint
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare l musekit_social.connect_links;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.refuse_when_off(p_owner, p_platform);
	insert into musekit_social.connect_links as t (id, token_hash, owner_id, connector, mode, expires_at)
	values (p_id, p_token_hash, p_owner, p_connector, p_mode,
		-- A link that is longer about than a month is forgotten, not waited for.
		clock_timestamp() + least(greatest(p_ttl_ms, 60000), 2592000000) * interval '1 millisecond')
	on conflict (id) do update set id = t.id
	returning * into l;
	return musekit_social.link_view(l);
end $$;

create function musekit_social.check_link(l musekit_social.connect_links) returns void
language plpgsql set search_path = '' as $$
begin
	if l.id is null then
		perform musekit_social.refuse(404, 'link_unknown', 'There is no such link.',
			'Ask whoever sent it for a new one.');
	elsif l.used_at is not null then
		perform musekit_social.refuse(410, 'link_used', 'This link was used already; it works once.',
			'Ask whoever sent it for a new one.');
	elsif l.expires_at < clock_timestamp() then
		perform musekit_social.refuse(410, 'link_expired', 'This link has run out.',
			'Ask whoever sent it for a new one.');
	end if;
end $$;

create function public.social_link_open(p_contract integer, p_token_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare l musekit_social.connect_links;
begin
	perform musekit_social.enter(p_contract);
	select * into l from musekit_social.connect_links where token_hash = p_token_hash;
	perform musekit_social.check_link(l);
	return musekit_social.link_view(l);
end $$;

create function public.social_link_use(p_contract integer, p_id uuid, p_flow_id uuid, p_done boolean default null)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare l musekit_social.connect_links;
begin
	perform musekit_social.enter(p_contract);
	select * into l from musekit_social.connect_links where id = p_id for update;
	if l.used_at is not null and l.flow_id = p_flow_id then
		return musekit_social.link_view(l);
	end if;
	perform musekit_social.check_link(l);
	if l.flow_id is distinct from p_flow_id and l.held_until > clock_timestamp() then
		perform musekit_social.refuse(410, 'link_used', 'This link was used already; it works once.',
			'Ask whoever sent it for a new one.');
	end if;
	update musekit_social.connect_links set
		flow_id = case when p_done is false then null else p_flow_id end,
		-- Saving takes seconds; a panel that died in between gives the link back after this.
		held_until = case when p_done is null then clock_timestamp() + interval '2 minutes' end,
		used_at = case when p_done then clock_timestamp() end
	where id = p_id returning * into l;
	return musekit_social.link_view(l);
end $$;

do $$
declare
	f regprocedure;
	t text;
begin
	foreach t in array array['apps', 'connect_flows', 'connect_links'] loop
		execute format('alter table musekit_social.%I enable row level security', t);
		execute format('revoke all on table musekit_social.%I from public', t);
	end loop;
	for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace
		and (p.proname like 'social\_app\_%' or p.proname like 'social\_flow\_%' or p.proname like 'social\_link\_%'
			or p.proname in ('social_account_validated', 'social_account_disconnect', 'social_account_shared')) loop
		execute format('revoke all on function %s from public, anon, authenticated', f);
		execute format('grant execute on function %s to service_role', f);
	end loop;
	for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'musekit_social'::regnamespace loop
		execute format('revoke all on function %s from public', f);
	end loop;
end $$;
