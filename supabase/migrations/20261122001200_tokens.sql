-- Tokens that stay alive: platform-wide trouble told apart from one revoked account, refreshes that
-- were cut off, keys of the vault rotated while everything runs, and warnings ahead of time.

insert into musekit_social.settings (key, value) values
	-- So many accounts in trouble within windowMs, and more than work: the platform, not the accounts.
	-- Refusals alone prove an account dead only after refusalMs without a success: X's incident of
	-- 2026-06-30 refused everybody's tokens; a quarter of an hour outlasts most of them.
	('tokens', '{"accounts": 3, "windowMs": 900000, "refusalMs": 900000}'),
	('risks', '{"aheadMs": 86400000}');

alter table musekit_social.store_meta
	-- Set while keys are rotated: the key that seals from now on.
	add column vault_next_fingerprint text;

alter table musekit_social.accounts
	-- When the stored pair came from the platform.
	add column token_refreshed_at timestamptz not null default clock_timestamp(),
	-- A refresh with the stored pair ended without a word: the platform may have answered it.
	add column refresh_interrupted_at timestamptz,
	-- A refresh has just failed: nobody tries again before, so that fifty carriers that need the same
	-- token do not ask fifty times.
	add column refresh_not_before timestamptz,
	-- Key of the envelope that the holder of the lease was given.
	add column refresh_lease_key text,
	-- When upkeep last took it up.
	add column token_asked_at timestamptz;

alter table musekit_social.platforms
	-- Upkeep refreshes an idle account's pair when it is that old …
	add column keep_alive interval,
	-- … or ends that soon.
	add column refresh_ahead interval;
-- X: refresh tokens last about six months by field reports. Bluesky: 90 days. A month is early enough
-- for both and seldom enough for the limits of either.
update musekit_social.platforms set keep_alive = interval '21 days' where name in ('x', 'bluesky');
-- 60 days: two weeks ahead leave upkeep hundreds of tries.
update musekit_social.platforms set refresh_ahead = interval '10 days' where name in ('linkedin', 'instagram');

-- What went wrong with an account's access since it last worked: calls of the platform, or refreshes.
create table musekit_social.token_troubles (
	account_id uuid not null references musekit_social.accounts on delete cascade,
	kind text not null check (kind in ('call', 'refresh')),
	first_at timestamptz not null default clock_timestamp(),
	last_at timestamptz not null default clock_timestamp(),
	times integer not null default 1,
	-- When the account was marked for reconnect because of it.
	marked_at timestamptz,
	primary key (account_id, kind)
);
create index token_troubles_recent on musekit_social.token_troubles (last_at);

-- A new pair ends what was wrong with the old one.
create function musekit_social.note_new_token() returns trigger
language plpgsql set search_path = '' as $$
begin
	new.token_refreshed_at := clock_timestamp();
	new.refresh_interrupted_at := null;
	new.refresh_not_before := null;
	-- A refreshed pair may still be refused by calls; a connected one begins anew.
	delete from musekit_social.token_troubles
		where account_id = new.id and (kind = 'refresh' or old.status <> 'connected');
	return new;
end $$;
create trigger note_new_token before update on musekit_social.accounts
	for each row when (new.token_version <> old.token_version)
	execute function musekit_social.note_new_token();

create function musekit_social.token_setting(a_field text) returns interval
language sql stable set search_path = '' as $$
	select (value ->> a_field)::bigint * interval '1 millisecond' from musekit_social.settings where key = 'tokens';
$$;

-- True while a platform refuses so many accounts, and more than it serves, that it proves nothing
-- about any of them.
create function musekit_social.refuses_many(a_platform text, a_mode text, a_kind text) returns boolean
language plpgsql volatile set search_path = '' as $$
declare
	v_since timestamptz := clock_timestamp() - musekit_social.token_setting('windowMs');
	v_troubled integer;
	v_healthy integer;
begin
	select count(distinct a.remote_account) into v_troubled
	from musekit_social.token_troubles t join musekit_social.accounts a on a.id = t.account_id
	where t.kind = a_kind and t.last_at > v_since and a.platform = a_platform and a.mode = a_mode;
	if v_troubled < (musekit_social.setting('tokens', 'accounts'))::integer then
		return false;
	end if;
	select count(distinct a.remote_account) into v_healthy from musekit_social.accounts a
	where a.platform = a_platform and a.mode = a_mode
		and case a_kind when 'refresh' then a.token_version > 1 and a.token_refreshed_at > v_since
			else a.last_success_at > v_since end
		and not exists (select 1 from musekit_social.token_troubles t
			where t.account_id = a.id and t.kind = a_kind and t.last_at > v_since);
	return v_troubled > v_healthy;
end $$;

-- Accounts that were marked while their platform refused everybody are connected again. An account
-- that somebody holds right now is left to the next call.
create function musekit_social.unmark_accounts(a_platform text, a_mode text) returns integer
language plpgsql set search_path = '' as $$
declare
	v_account uuid;
	v_count integer := 0;
begin
	for v_account in
		select a.id from musekit_social.accounts a
		where a.platform = a_platform and a.mode = a_mode and a.status = 'reconnect'
			and exists (select 1 from musekit_social.token_troubles t where t.account_id = a.id
				and t.marked_at > clock_timestamp() - musekit_social.token_setting('windowMs'))
		order by a.id for update skip locked
	loop
		update musekit_social.accounts set status = 'connected', status_reason = null,
			updated_at = clock_timestamp() where id = v_account;
		update musekit_social.token_troubles set marked_at = null where account_id = v_account;
		update musekit_social.posts set next_at = null, wait_reason = null
			where account_id = v_account and state = 'scheduled' and wait_reason = 'account_dead';
		perform musekit_social.refresh_due(v_account);
		v_count := v_count + 1;
	end loop;
	return v_count;
end $$;

-- Writes a trouble down and says whether the platform as a whole is in it. The caller holds the
-- account's row lock.
create function musekit_social.note_token_trouble(a musekit_social.accounts, a_kind text) returns boolean
language plpgsql set search_path = '' as $$
begin
	insert into musekit_social.token_troubles as t (account_id, kind) values (a.id, a_kind)
	on conflict (account_id, kind) do update set
		-- A call that worked in between, or an hour of silence, begins a new series.
		first_at = case when a.last_success_at > t.last_at or t.last_at < clock_timestamp() - interval '1 hour'
			then clock_timestamp() else t.first_at end,
		times = case when a.last_success_at > t.last_at or t.last_at < clock_timestamp() - interval '1 hour'
			then 1 else t.times + 1 end,
		last_at = clock_timestamp();
	if not musekit_social.refuses_many(a.platform, a.mode, a_kind) then
		return false;
	end if;
	perform musekit_social.unmark_accounts(a.platform, a.mode);
	perform musekit_social.pause_platform(a.platform, a.mode, 'refuses the access of several accounts at once',
		(musekit_social.setting('outage', 'pauseMs'))::bigint);
	return true;
end $$;

-- A platform refused an account's token. Answers whether it does so to many: then neither a refresh
-- nor a reconnect would help.
create function public.social_token_trouble(p_contract integer, p_account_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
	a musekit_social.accounts;
	v_wide boolean;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.account_of(p_account_id, null);
	select * into a from musekit_social.accounts where id = p_account_id for update;
	v_wide := musekit_social.note_token_trouble(a, 'call');
	return jsonb_build_object('platformWide', v_wide, 'waitMs', coalesce((
		select greatest(musekit_social.ms_until(o.paused_until), 0) from musekit_social.outages o
		where o.platform = a.platform and o.mode = a.mode and o.ended_at is null), 0));
end $$;

-- Also says which key seals, and whether an earlier refresh with this pair was cut off.
create or replace function musekit_social.token_view(a musekit_social.accounts, a_granted boolean) returns jsonb
language sql volatile set search_path = '' as $$
	select jsonb_build_object('granted', a_granted, 'token', a.token, 'tokenVersion', a.token_version,
		'leaseMsLeft', greatest(coalesce(musekit_social.ms_until(a.refresh_lease_until), 0), 0), 'status', a.status,
		'interrupted', a.refresh_interrupted_at is not null,
		'retryMs', greatest(coalesce(musekit_social.ms_until(a.refresh_not_before), 0), 0),
		'sealWith', (select substr(coalesce(m.vault_next_fingerprint, m.vault_fingerprint), 1, 8)
			from musekit_social.store_meta m));
$$;

create or replace function public.social_token_lease(
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
	if a.refresh_lease_id is distinct from p_lease_id and a.refresh_lease_until > clock_timestamp()
		or a.refresh_not_before > clock_timestamp() then
		return musekit_social.token_view(a, false);
	end if;
	update musekit_social.accounts set refresh_lease_id = p_lease_id,
		refresh_lease_key = split_part(token, '.', 2),
		refresh_lease_until = clock_timestamp() + least(greatest(p_lease_ms, 1000), 120000) * interval '1 millisecond',
		-- Whoever held it before neither saved nor gave up.
		refresh_interrupted_at = case when refresh_lease_id is not null and refresh_lease_id <> p_lease_id
			then clock_timestamp() else refresh_interrupted_at end
	where id = p_account_id returning * into a;
	return musekit_social.token_view(a, true);
end $$;

-- Frees the lease. `p_dead` asks for the mark: by the platform's own word about this account
-- (`word`) it is made at once, by refusals alone (`refusal`) after a quarter of an hour of them, and
-- never while the platform refuses many. `p_trouble`: `refused` (the token endpoint said no) or
-- `lost` (it may have answered, and nobody knows what).
drop function public.social_token_give_up(integer, uuid, uuid, boolean, text);
create function public.social_token_give_up(
	p_contract integer, p_account_id uuid, p_lease_id uuid, p_dead boolean, p_reason text default null,
	p_proof text default 'word', p_trouble text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	a musekit_social.accounts;
	v_kind text := case when p_trouble = 'refused' then 'refresh' else 'call' end;
	v_wide boolean := false;
	v_mark boolean := false;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.account_of(p_account_id, null);
	select * into a from musekit_social.accounts where id = p_account_id for update;
	-- Whoever lost the lease may be wrong about the token by now.
	if a.refresh_lease_id is distinct from p_lease_id then
		return musekit_social.account_view(a);
	end if;
	if p_dead or p_trouble = 'refused' then
		v_wide := musekit_social.note_token_trouble(a, v_kind);
	end if;
	v_mark := p_dead and not v_wide and (p_proof = 'word' or exists (
		select 1 from musekit_social.token_troubles t where t.account_id = a.id
			and t.times > 2 and t.first_at < clock_timestamp() - musekit_social.token_setting('refusalMs')));
	update musekit_social.accounts set refresh_lease_id = null, refresh_lease_until = null,
		refresh_interrupted_at = case when p_trouble = 'lost' then clock_timestamp() else refresh_interrupted_at end,
		refresh_not_before = case when p_trouble is null then refresh_not_before
			else clock_timestamp() + interval '10 seconds' end,
		status = case when v_mark then 'reconnect' else status end,
		status_reason = case when v_mark then p_reason else status_reason end,
		updated_at = clock_timestamp()
	where id = p_account_id returning * into a;
	if v_mark then
		update musekit_social.token_troubles set marked_at = clock_timestamp() where account_id = a.id;
	end if;
	perform musekit_social.refresh_due(a.id);
	return musekit_social.account_view(a);
end $$;

-- 0 to 1, always the same for an account, so that a thousand of them do not refresh at once.
create function musekit_social.jitter_of(a_id uuid) returns double precision
language sql immutable set search_path = '' as $$
	select ('x' || right(replace(a_id::text, '-', ''), 8))::bit(32)::bigint / 4294967296.0;
$$;

-- Accounts whose pair upkeep should renew now, each handed out once an hour at most.
create function public.social_tokens_due(p_contract integer, p_limit integer default 20) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare v_items jsonb;
begin
	perform musekit_social.enter(p_contract);
	with picked as (
		select a.id from musekit_social.accounts a join musekit_social.platforms p on p.name = a.platform
		where a.status = 'connected'
			and (a.token_asked_at is null or a.token_asked_at < clock_timestamp() - interval '1 hour')
			and (a.refresh_lease_until is null or a.refresh_lease_until < clock_timestamp())
			and musekit_social.off_reason(a.owner_id, 'connect', a.platform) is null
			and (
				a.token_refreshed_at < clock_timestamp() - p.keep_alive * (1 + musekit_social.jitter_of(a.id) / 2)
				or a.token_expires_at < clock_timestamp() + p.refresh_ahead * (1 + musekit_social.jitter_of(a.id) / 2))
			and not exists (select 1 from musekit_social.outages o
				where o.platform = a.platform and o.mode = a.mode and o.ended_at is null
					and o.paused_until > clock_timestamp())
		order by a.token_expires_at nulls last, a.token_refreshed_at
		limit least(greatest(p_limit, 1), 200) for update of a skip locked
	), taken as (
		update musekit_social.accounts a set token_asked_at = clock_timestamp() from picked
		where a.id = picked.id returning a
	)
	select coalesce(jsonb_agg(musekit_social.carried_account_view(a)), '[]') into v_items from taken;
	return jsonb_build_object('items', v_items);
end $$;

-- Every column that holds envelopes of the vault, so that a rotation finds them all. `owner_sql` is
-- the second half of the binding. Filled by migrations only.
create table musekit_social.sealed_columns (
	source text primary key,
	relation text not null,
	id_column text not null,
	id_type text not null check (id_type in ('uuid', 'text')),
	owner_sql text not null,
	envelope_column text not null,
	key_id_column text
);
insert into musekit_social.sealed_columns values
	('accounts.token', 'musekit_social.accounts', 'id', 'uuid', 'owner_id', 'token', 'token_key_id');

-- Envelopes by the key that sealed them.
create function musekit_social.envelope_counts() returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
	s musekit_social.sealed_columns;
	v_all jsonb := '{}';
	v_key text;
	v_count integer;
begin
	for s in select * from musekit_social.sealed_columns order by source loop
		for v_key, v_count in execute format(
			'select split_part(%1$I, ''.'', 2), count(*)::integer from %2$s where %1$I like ''v1.%%'' group by 1',
			s.envelope_column, s.relation)
		loop
			v_all := v_all || jsonb_build_object(v_key, coalesce((v_all ->> v_key)::integer, 0) + v_count);
		end loop;
	end loop;
	return v_all;
end $$;

create function public.social_vault_status(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare m musekit_social.store_meta;
begin
	perform musekit_social.enter(p_contract);
	select * into m from musekit_social.store_meta;
	return jsonb_build_object('fingerprint', m.vault_fingerprint, 'nextFingerprint', m.vault_next_fingerprint,
		'envelopes', musekit_social.envelope_counts(),
		'carriers', coalesce((select jsonb_agg(jsonb_build_object('carrier', h.carrier, 'kind', h.kind,
				'keyIds', h.info -> 'vaultKeys') order by h.carrier)
			from musekit_social.heartbeats h
			where h.last_at > clock_timestamp() - h.interval_ms * interval '1 millisecond' - interval '2 minutes'), '[]'));
end $$;

-- From here on everybody seals with the next key and the store takes both. Nothing is sealed anew yet.
create function public.social_vault_begin(p_contract integer, p_current text, p_next text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare m musekit_social.store_meta;
begin
	perform musekit_social.enter(p_contract);
	if p_next !~ '^[0-9a-f]{64}$' or p_current = p_next then
		perform musekit_social.refuse(400, 'vault_fingerprint_invalid',
			'The fingerprint of the next key is not 64 lower-case hex digits, or it is the current one. Nothing was changed.',
			'Send the SHA-256 of the new vault key''s text.');
	end if;
	select * into m from musekit_social.store_meta for update;
	if m.vault_fingerprint = p_next and m.vault_next_fingerprint is null then
		return jsonb_build_object('state', 'done');
	elsif m.vault_fingerprint is distinct from p_current then
		perform musekit_social.refuse(409, 'vault_key_mismatch',
			'The vault key is not the one that sealed the tokens in this store. Nothing was changed.',
			'Rotate with the vault key that this store uses now.');
	elsif m.vault_next_fingerprint is not null and m.vault_next_fingerprint <> p_next then
		perform musekit_social.refuse(409, 'vault_rotation_running',
			'Another rotation to another key has begun and has not ended. Nothing was changed.',
			'Run npm run vault:rotate again with the key that rotation began with; it goes on.');
	end if;
	update musekit_social.store_meta set vault_next_fingerprint = p_next;
	return jsonb_build_object('state', 'running');
end $$;

-- A page of envelopes that another key sealed, in the order of source and id.
create function public.social_vault_next(
	p_contract integer, p_key_id text, p_limit integer default 100, p_cursor text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	s musekit_social.sealed_columns;
	v_left integer := least(greatest(p_limit, 1), 500);
	v_items jsonb := '[]';
	v_page jsonb;
	v_after text;
begin
	perform musekit_social.enter(p_contract);
	for s in select * from musekit_social.sealed_columns
		where p_cursor is null or source >= p_cursor::jsonb ->> 0 order by source
	loop
		exit when v_left = 0;
		v_after := case when p_cursor is not null and s.source = p_cursor::jsonb ->> 0 then p_cursor::jsonb ->> 1 end;
		execute format(
			'select coalesce(jsonb_agg(x.item), ''[]'') from (
				select jsonb_build_object(''source'', %1$L, ''id'', %2$I::text, ''owner'', (%3$s)::text, ''envelope'', %4$I) as item
				from %5$s where %4$I like ''v1.%%'' and split_part(%4$I, ''.'', 2) <> $1
					and ($2::text is null or %2$I > $2::%6$s)
				order by %2$I limit $3) x',
			s.source, s.id_column, s.owner_sql, s.envelope_column, s.relation, s.id_type)
		into v_page using p_key_id, v_after, v_left;
		v_items := v_items || v_page;
		v_left := v_left - jsonb_array_length(v_page);
	end loop;
	return jsonb_build_object('items', v_items, 'nextCursor', case when v_left = 0 then
		jsonb_build_array(v_items -> -1 ->> 'source', v_items -> -1 ->> 'id')::text end);
end $$;

-- Puts envelopes in the place of those they were made from. One that has changed since (a refresh,
-- a reconnect) stays as it is and comes with a later page.
create function public.social_vault_reseal(p_contract integer, p_items jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
	s musekit_social.sealed_columns;
	v_item jsonb;
	v_done integer := 0;
	v_count integer;
begin
	perform musekit_social.enter(p_contract);
	for v_item in select value from jsonb_array_elements(p_items) loop
		select * into s from musekit_social.sealed_columns where source = v_item ->> 'source';
		continue when not found or (v_item ->> 'new') !~ '^v1\.[^.]+\.[^.]+\.[^.]+$';
		execute format('update %1$s set %2$I = $1%3$s where %4$I = $2::%5$s and %2$I = $3',
			s.relation, s.envelope_column,
			case when s.key_id_column is null then '' else format(', %I = split_part($1, ''.'', 2)', s.key_id_column) end,
			s.id_column, s.id_type)
		using v_item ->> 'new', v_item ->> 'id', v_item ->> 'old';
		get diagnostics v_count = row_count;
		v_done := v_done + v_count;
	end loop;
	return jsonb_build_object('resealed', v_done);
end $$;

-- Retires the old key when nothing is left that it opens, but for envelopes that no key opens, and
-- when no refresh is under way that could still save with it.
create function public.social_vault_finish(p_contract integer, p_next text, p_unreadable integer default 0)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	m musekit_social.store_meta;
	v_left integer;
	v_until timestamptz;
begin
	perform musekit_social.enter(p_contract);
	select * into m from musekit_social.store_meta for update;
	if m.vault_fingerprint = p_next and m.vault_next_fingerprint is null then
		return jsonb_build_object('done', true, 'left', 0, 'waitMs', 0);
	elsif m.vault_next_fingerprint is distinct from p_next then
		perform musekit_social.refuse(409, 'vault_key_mismatch',
			'This is not the key that the rotation leads to. Nothing was changed.',
			'Run npm run vault:rotate with the key that the rotation began with.');
	end if;
	select coalesce(sum(value::integer), 0) into v_left
		from jsonb_each_text(musekit_social.envelope_counts()) where key <> substr(p_next, 1, 8);
	-- A carrier saves a refreshed pair for up to ten minutes, with the old key if it was given the old
	-- envelope.
	select max(refresh_lease_until) + interval '10 minutes' into v_until from musekit_social.accounts
		where refresh_lease_id is not null and refresh_lease_key <> substr(p_next, 1, 8);
	if v_left > p_unreadable or v_until > clock_timestamp() then
		return jsonb_build_object('done', false, 'left', greatest(v_left - p_unreadable, 0),
			'waitMs', greatest(coalesce(musekit_social.ms_until(v_until), 0), 0));
	end if;
	update musekit_social.store_meta set vault_fingerprint = p_next, vault_next_fingerprint = null;
	return jsonb_build_object('done', true, 'left', 0, 'waitMs', 0);
end $$;

create or replace function public.social_ping(p_contract integer, p_vault_fingerprint text default null) returns jsonb
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
	-- While keys are rotated either of them fits.
	elsif p_vault_fingerprint is not null
		and lower(p_vault_fingerprint) not in (m.vault_fingerprint, coalesce(m.vault_next_fingerprint, m.vault_fingerprint)) then
		v_code := 'vault_key_mismatch';
		v_message := 'The vault key is not the one that sealed the tokens in this store.';
	end if;
	return jsonb_build_object('code', v_code, 'message', v_message, 'contract', m.contract,
		'minContract', m.min_contract, 'storeNow', musekit_social.iso(clock_timestamp()),
		'moduleEnabled', coalesce((musekit_social.setting('module', 'enabled'))::boolean, true));
end $$;

create or replace function public.social_vault_init(p_contract integer, p_vault_fingerprint text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare m musekit_social.store_meta;
begin
	perform musekit_social.enter(p_contract);
	if p_vault_fingerprint !~ '^[0-9a-f]{64}$' then
		perform musekit_social.refuse(400, 'vault_fingerprint_invalid',
			'The fingerprint is not 64 lower-case hex digits.', 'Send the SHA-256 of the vault key''s text.');
	end if;
	select * into m from musekit_social.store_meta for update;
	if m.vault_fingerprint is null then
		update musekit_social.store_meta set vault_fingerprint = p_vault_fingerprint;
		return jsonb_build_object('set', true);
	elsif p_vault_fingerprint not in (m.vault_fingerprint, coalesce(m.vault_next_fingerprint, m.vault_fingerprint)) then
		perform musekit_social.refuse(409, 'vault_key_mismatch',
			'The vault key is not the one that sealed the tokens in this store. Nothing was changed.',
			'Use the vault key that this store was set up with.');
	end if;
	return jsonb_build_object('set', false);
end $$;

-- Warnings: what will make a scheduled post fail unless somebody acts.
create table musekit_social.risks (
	id uuid primary key default musekit_social.uuid_v7(),
	account_id uuid not null references musekit_social.accounts on delete cascade,
	post_id uuid references musekit_social.posts on delete cascade,
	code text not null,
	-- When it bites; null: with the next post.
	at timestamptz,
	message text not null,
	remedy text not null,
	found_at timestamptz not null default clock_timestamp(),
	unique nulls not distinct (account_id, post_id, code)
);

-- What upkeep looks at, account by account: those with a post in the time ahead, and those with a
-- warning that may be over. A disconnected account keeps its scheduled posts, which will be missed.
create function public.social_risk_view(
	p_contract integer, p_ahead_ms bigint default null, p_limit integer default 50, p_cursor uuid default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_until timestamptz := clock_timestamp() + coalesce(p_ahead_ms, (musekit_social.setting('risks', 'aheadMs'))::bigint)
		* interval '1 millisecond';
	v_limit integer := least(greatest(p_limit, 1), 200);
	v_items jsonb;
begin
	perform musekit_social.enter(p_contract);
	select coalesce(jsonb_agg(x.view order by x.id), '[]') into v_items from (
		select a.id, jsonb_build_object(
			'account', musekit_social.carried_account_view(a),
			'storeNow', musekit_social.iso(clock_timestamp()),
			'published24h', (select count(*) from musekit_social.posts p
				where p.remote_account = a.remote_account and p.remote_id is not null
					and p.published_at > clock_timestamp() - interval '24 hours'),
			'publishedTimes', coalesce((select jsonb_agg(t.at order by t.at) from (
				select musekit_social.iso(p.published_at) as at from musekit_social.posts p
				where p.remote_account = a.remote_account and p.remote_id is not null
					and p.published_at > clock_timestamp() - interval '24 hours'
				order by p.published_at desc limit 500) t), '[]'),
			'posts', coalesce((select jsonb_agg(s.view) from (
				select jsonb_build_object('id', p.id, 'at', musekit_social.iso(greatest(p.scheduled_at, p.next_at)),
					'pictures', case jsonb_typeof(p.content -> 'media') when 'array'
						then jsonb_array_length(p.content -> 'media') else 0 end) as view
				from musekit_social.posts p
				where p.account_id = a.id and p.state = 'scheduled' and p.scheduled_at < v_until
				order by p.scheduled_at, p.id limit 500) s), '[]'),
			'refusals', coalesce((select jsonb_agg(distinct e.error ->> 'code') from musekit_social.evidence e
				join musekit_social.posts p on p.id = e.post_id
				where p.account_id = a.id and e.outcome = 'rejected' and e.error ? 'code'
					and e.at > clock_timestamp() - interval '24 hours'
					and (a.last_success_at is null or e.at > a.last_success_at)), '[]')) as view
		from musekit_social.accounts a
		where (p_cursor is null or a.id > p_cursor) and (
			exists (select 1 from musekit_social.posts p where p.account_id = a.id and p.state = 'scheduled'
				and p.scheduled_at < v_until)
			or exists (select 1 from musekit_social.risks r where r.account_id = a.id))
		order by a.id limit v_limit) x;
	return jsonb_build_object('items', v_items, 'nextCursor', case when jsonb_array_length(v_items) = v_limit
		then v_items -> -1 -> 'account' ->> 'id' end);
end $$;

-- An account's warnings as they are now; those that are not named any more are over.
create function public.social_risks_save(p_contract integer, p_account_id uuid, p_risks jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.account_of(p_account_id, null);
	perform 1 from musekit_social.accounts where id = p_account_id for update;
	delete from musekit_social.risks r where r.account_id = p_account_id and not exists (
		select 1 from jsonb_array_elements(p_risks) x
		where x ->> 'code' = r.code and (x ->> 'postId')::uuid is not distinct from r.post_id);
	insert into musekit_social.risks as r (account_id, post_id, code, at, message, remedy)
		select distinct on (x ->> 'postId', x ->> 'code')
			p_account_id, (x ->> 'postId')::uuid, x ->> 'code', (x ->> 'at')::timestamptz, x ->> 'message', x ->> 'remedy'
		from jsonb_array_elements(p_risks) x
		where x ->> 'postId' is null or exists (
			select 1 from musekit_social.posts p where p.id = (x ->> 'postId')::uuid and p.account_id = p_account_id)
	on conflict (account_id, post_id, code) do update set
		at = excluded.at, message = excluded.message, remedy = excluded.remedy;
	return jsonb_build_object('risks', (select count(*) from musekit_social.risks where account_id = p_account_id));
end $$;

-- Warnings that still hold: their post waits, or one of their account does.
create function public.social_risks(
	p_contract integer, p_owner text default null, p_account_id uuid default null, p_post_id uuid default null,
	p_limit integer default 200
) returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object('items', coalesce((select jsonb_agg(x.view) from (
		select jsonb_build_object('code', r.code, 'accountId', r.account_id, 'postId', r.post_id,
			'at', musekit_social.iso(r.at), 'message', r.message, 'remedy', r.remedy) as view
		from musekit_social.risks r
		join musekit_social.accounts a on a.id = r.account_id
		left join musekit_social.posts p on p.id = r.post_id
		where (p_owner is null or a.owner_id = p_owner)
			and (p_account_id is null or r.account_id = p_account_id)
			and (p_post_id is null or r.post_id = p_post_id or (r.post_id is null
				and r.account_id = (select account_id from musekit_social.posts where id = p_post_id)))
			and case when r.post_id is not null then p.state in ('scheduled', 'publishing')
				else exists (select 1 from musekit_social.posts w
					where w.account_id = r.account_id and w.state in ('scheduled', 'publishing')) end
		order by r.at nulls first, r.id limit least(greatest(p_limit, 1), 1000)) x), '[]'));
end $$;

do $$
declare
	f regprocedure;
	t text;
begin
	foreach t in array array['token_troubles', 'sealed_columns', 'risks'] loop
		execute format('alter table musekit_social.%I enable row level security', t);
		execute format('revoke all on table musekit_social.%I from public', t);
	end loop;
	for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace
		and p.proname in ('social_token_trouble', 'social_token_give_up', 'social_tokens_due', 'social_vault_status',
			'social_vault_begin', 'social_vault_next', 'social_vault_reseal', 'social_vault_finish', 'social_ping',
			'social_vault_init', 'social_token_lease', 'social_risk_view', 'social_risks_save', 'social_risks') loop
		execute format('revoke all on function %s from public, anon, authenticated', f);
		execute format('grant execute on function %s to service_role', f);
	end loop;
	for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'musekit_social'::regnamespace loop
		execute format('revoke all on function %s from public', f);
	end loop;
end $$;
