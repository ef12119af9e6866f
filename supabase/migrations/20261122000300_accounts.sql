-- Vault, accounts, tokens, media.

create function public.social_ping(p_contract integer, p_vault_fingerprint text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
	m musekit_social.store_meta;
	v_code text := 'ok';
	v_message text := 'The store answers and the vault key fits.';
begin
	select * into m from musekit_social.store_meta;
	if p_contract is null or p_contract < m.min_contract or p_contract > m.contract then
		v_code := 'contract_mismatch';
		v_message := format('The store speaks contract %s to %s and this package speaks %s.',
			m.min_contract, m.contract, coalesce(p_contract::text, 'none'));
	elsif current_setting('fsync') <> 'on' then
		v_code := 'durability_off';
		v_message := 'The database runs with fsync off and may forget what it confirmed.';
	elsif p_vault_fingerprint is not null and m.vault_fingerprint is null then
		v_code := 'vault_not_set';
		v_message := 'No vault key has been set for this store yet.';
	elsif p_vault_fingerprint is not null and m.vault_fingerprint <> lower(p_vault_fingerprint) then
		v_code := 'vault_key_mismatch';
		v_message := 'The vault key is not the one that sealed the tokens in this store.';
	end if;
	return jsonb_build_object('code', v_code, 'message', v_message, 'contract', m.contract,
		'minContract', m.min_contract, 'storeNow', musekit_social.iso(clock_timestamp()),
		'moduleEnabled', coalesce((musekit_social.setting('module', 'enabled'))::boolean, true));
end $$;

create function public.social_vault_init(p_contract integer, p_vault_fingerprint text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare v_known text;
begin
	perform musekit_social.enter(p_contract);
	if p_vault_fingerprint !~ '^[0-9a-f]{64}$' then
		perform musekit_social.refuse(400, 'vault_fingerprint_invalid',
			'The fingerprint is not 64 lower-case hex digits.', 'Send the SHA-256 of the vault key''s text.');
	end if;
	select vault_fingerprint into v_known from musekit_social.store_meta for update;
	if v_known is null then
		update musekit_social.store_meta set vault_fingerprint = p_vault_fingerprint;
		return jsonb_build_object('set', true);
	elsif v_known <> p_vault_fingerprint then
		perform musekit_social.refuse(409, 'vault_key_mismatch',
			'The vault key is not the one that sealed the tokens in this store. Nothing was changed.',
			'Use the vault key that this store was set up with.');
	end if;
	return jsonb_build_object('set', false);
end $$;

-- A live account may only name the platform's own hosts by https; a sandbox one only this machine.
create function musekit_social.check_account_url(a_platform text, a_mode text, a_url text) returns void
language plpgsql stable set search_path = '' as $$
declare v_host text := lower(substring(a_url from '^https?://([^/:?#@]+)(?::\d+)?(?:/|$)'));
begin
	if a_mode = 'live' and (
		a_url !~ '^https://[^/:?#@]+(/|$)' or v_host is null or not exists (
			select 1 from musekit_social.platform_hosts h where h.platform = a_platform and h.host = v_host)
	) then
		perform musekit_social.refuse(400, 'account_host_refused',
			format('A live %s account cannot use %s. The account was not saved.', a_platform, a_url),
			'Live accounts use the platform''s public address; mark the account as sandbox for any other.');
	elsif a_mode = 'sandbox' and (v_host is null or exists (
		select 1 from musekit_social.platform_hosts h where h.host = v_host)
	) then
		perform musekit_social.refuse(400, 'account_host_refused',
			format('A sandbox account cannot use %s. The account was not saved.', a_url),
			'Give the address of a sandbox, such as http://127.0.0.1:14402/x.');
	end if;
end $$;

create function public.social_account_save(
	p_contract integer, p_id uuid, p_owner text, p_platform text, p_mode text, p_remote_id text,
	p_handle text, p_display_name text, p_base_url text, p_auth_url text, p_scopes text[], p_token text,
	p_token_key_id text, p_profile_url text default null, p_token_expires_at timestamptz default null,
	p_settings jsonb default '{}'
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_off text;
	a musekit_social.accounts;
begin
	perform musekit_social.enter(p_contract);
	if not exists (select 1 from musekit_social.platforms where name = p_platform) then
		perform musekit_social.refuse(400, 'platform_unknown', format('There is no platform %s.', p_platform));
	end if;
	perform musekit_social.ensure_owner(p_owner);
	v_off := musekit_social.off_reason(p_owner, 'connect', p_platform);
	if v_off is not null then
		perform musekit_social.refuse(403, 'off', v_off || '. The account was not saved.',
			'Ask whoever runs MuseKit Social here to switch it on.');
	end if;
	perform musekit_social.check_account_url(p_platform, p_mode, p_base_url);
	perform musekit_social.check_account_url(p_platform, p_mode, p_auth_url);
	-- The token is sealed to the account's id, so an account that is there keeps its id.
	if exists (select 1 from musekit_social.accounts
		where owner_id = p_owner and platform = p_platform and mode = p_mode and remote_id = p_remote_id and id <> p_id) then
		perform musekit_social.refuse(409, 'account_exists',
			'This account is connected already under another id. Nothing was changed.',
			'Use the id in details to reconnect it.',
			(select jsonb_build_object('id', id) from musekit_social.accounts
				where owner_id = p_owner and platform = p_platform and mode = p_mode and remote_id = p_remote_id));
	end if;
	if exists (select 1 from musekit_social.accounts
		where id = p_id and (owner_id, platform, mode, remote_id) is distinct from (p_owner, p_platform, p_mode, p_remote_id)) then
		perform musekit_social.refuse(409, 'account_is_another',
			'The sign-in was for another account than the one to reconnect. The old connection stays as it was.',
			'Sign in at the platform as the account you want to reconnect.');
	end if;
	insert into musekit_social.accounts as t (
		id, owner_id, platform, mode, remote_id, handle, display_name, base_url, auth_url, profile_url,
		scopes, token, token_key_id, token_expires_at, settings)
	values (p_id, p_owner, p_platform, p_mode, p_remote_id, p_handle, p_display_name,
		rtrim(p_base_url, '/'), rtrim(p_auth_url, '/'), p_profile_url,
		p_scopes, p_token, p_token_key_id, p_token_expires_at, coalesce(p_settings, '{}'))
	on conflict (id) do update set
		handle = excluded.handle, display_name = excluded.display_name, base_url = excluded.base_url,
		auth_url = excluded.auth_url, profile_url = excluded.profile_url, scopes = excluded.scopes,
		token = excluded.token, token_key_id = excluded.token_key_id,
		token_version = t.token_version + 1, token_expires_at = excluded.token_expires_at,
		settings = t.settings || excluded.settings, status = 'connected', status_reason = null,
		refresh_lease_id = null, refresh_lease_until = null, updated_at = clock_timestamp()
	returning * into a;
	update musekit_social.posts set next_at = null, wait_reason = null
		where account_id = a.id and state = 'scheduled' and wait_reason = 'account_dead';
	perform musekit_social.refresh_due(a.id);
	return musekit_social.account_view(a);
end $$;

create function musekit_social.account_of(a_id uuid, a_owner text) returns musekit_social.accounts
language plpgsql stable set search_path = '' as $$
declare a musekit_social.accounts;
begin
	select * into a from musekit_social.accounts where id = a_id;
	if not found or (a_owner is not null and a.owner_id <> a_owner) then
		perform musekit_social.refuse(404, 'account_unknown',
			format('There is no account %s for this owner.', a_id),
			'Pick an account from the list, or connect it first.');
	end if;
	return a;
end $$;

create function public.social_account_get(p_contract integer, p_account_id uuid, p_owner text default null)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return musekit_social.account_view(musekit_social.account_of(p_account_id, p_owner));
end $$;

create function public.social_account_open(p_contract integer, p_account_id uuid)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return musekit_social.carried_account_view(musekit_social.account_of(p_account_id, null));
end $$;

create function public.social_account_list(
	p_contract integer, p_owner text, p_search text default null, p_platform text default null,
	p_limit integer default 50, p_cursor text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 200);
	v_like text := '%' || replace(replace(replace(lower(trim(coalesce(p_search, ''))), '\', '\\'), '%', '\%'), '_', '\_') || '%';
	v_items jsonb;
	v_last jsonb;
	v_count integer;
begin
	perform musekit_social.enter(p_contract);
	with page as (
		select a, lower(a.handle) as name from musekit_social.accounts a
		where a.owner_id = p_owner
			and (p_platform is null or a.platform = p_platform)
			and (lower(a.handle) like v_like or lower(a.display_name) like v_like or a.platform like v_like)
			and (p_cursor is null or (lower(a.handle), a.id) > (p_cursor::jsonb ->> 0, (p_cursor::jsonb ->> 1)::uuid))
		order by lower(a.handle), a.id limit v_limit + 1
	), numbered as (
		select (a).id as id, name, musekit_social.account_view(a) as view, row_number() over (order by name, (a).id) as n from page
	)
	select coalesce(jsonb_agg(view order by n) filter (where n <= v_limit), '[]'), count(*),
		(jsonb_agg(jsonb_build_array(name, id)) filter (where n = v_limit)) -> 0
	into v_items, v_count, v_last from numbered;
	return jsonb_build_object('items', v_items,
		'nextCursor', case when v_count > v_limit then v_last::text end);
end $$;

create function musekit_social.token_view(a musekit_social.accounts, a_granted boolean) returns jsonb
language sql volatile set search_path = '' as $$
	select jsonb_build_object('granted', a_granted, 'token', a.token, 'tokenVersion', a.token_version,
		'leaseMsLeft', greatest(coalesce(musekit_social.ms_until(a.refresh_lease_until), 0), 0), 'status', a.status);
$$;

create function public.social_token_lease(
	p_contract integer, p_account_id uuid, p_lease_id uuid, p_seen_version bigint, p_lease_ms integer
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare a musekit_social.accounts;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.account_of(p_account_id, null);
	select * into a from musekit_social.accounts where id = p_account_id for update;
	if a.token_version <> p_seen_version or a.status <> 'connected' then
		return musekit_social.token_view(a, false);
	end if;
	if a.refresh_lease_id is distinct from p_lease_id and a.refresh_lease_until > clock_timestamp() then
		return musekit_social.token_view(a, false);
	end if;
	update musekit_social.accounts set refresh_lease_id = p_lease_id,
		refresh_lease_until = clock_timestamp() + least(greatest(p_lease_ms, 1000), 120000) * interval '1 millisecond'
	where id = p_account_id returning * into a;
	return musekit_social.token_view(a, true);
end $$;

-- The version is the guard: of two pairs made from the same one, the first to be saved stays.
create function public.social_token_save(
	p_contract integer, p_account_id uuid, p_lease_id uuid, p_seen_version bigint, p_token text,
	p_token_key_id text, p_token_expires_at timestamptz default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare a musekit_social.accounts;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.account_of(p_account_id, null);
	select * into a from musekit_social.accounts where id = p_account_id for update;
	if a.token_version = p_seen_version then
		update musekit_social.accounts set token = p_token, token_key_id = p_token_key_id,
			token_version = token_version + 1, token_expires_at = p_token_expires_at,
			refresh_lease_id = null, refresh_lease_until = null, updated_at = clock_timestamp()
		where id = p_account_id returning * into a;
		return jsonb_build_object('saved', true, 'token', a.token, 'tokenVersion', a.token_version);
	end if;
	return jsonb_build_object('saved', a.token = p_token, 'token', a.token, 'tokenVersion', a.token_version);
end $$;

create function public.social_token_give_up(
	p_contract integer, p_account_id uuid, p_lease_id uuid, p_dead boolean, p_reason text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare a musekit_social.accounts;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.account_of(p_account_id, null);
	select * into a from musekit_social.accounts where id = p_account_id for update;
	-- Whoever lost the lease may be wrong about the token by now.
	if a.refresh_lease_id = p_lease_id then
		update musekit_social.accounts set refresh_lease_id = null, refresh_lease_until = null,
			status = case when p_dead then 'reconnect' else status end,
			status_reason = case when p_dead then p_reason else status_reason end,
			updated_at = clock_timestamp()
		where id = p_account_id returning * into a;
		perform musekit_social.refresh_due(a.id);
	end if;
	return musekit_social.account_view(a);
end $$;

create function public.social_media_register(
	p_contract integer, p_owner text, p_hash text, p_mime text, p_bytes integer, p_width integer, p_height integer
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare m musekit_social.media;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.ensure_owner(p_owner);
	insert into musekit_social.media (owner_id, hash, mime, bytes, width, height)
		values (p_owner, p_hash, p_mime, p_bytes, p_width, p_height)
		on conflict (owner_id, hash) do nothing;
	select * into m from musekit_social.media where owner_id = p_owner and hash = p_hash;
	return musekit_social.media_view(m);
end $$;

create function public.social_media_known(p_contract integer, p_owner text, p_hashes text[])
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return coalesce((select jsonb_agg(musekit_social.media_view(m)) from musekit_social.media m
		where m.owner_id = p_owner and m.hash = any (p_hashes)), '[]');
end $$;
