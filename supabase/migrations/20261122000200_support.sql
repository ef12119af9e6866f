-- Pieces that the functions share. None of them can be called from outside.

-- Refuses a call the way PostgREST shows it: HTTP status, our code as message, a JSON text with
-- the sentence as details, what to do as hint.
create function musekit_social.refuse(
	a_status integer, a_code text, a_sentence text, a_hint text default null, a_facts jsonb default '{}'
) returns void language plpgsql set search_path = '' as $$
begin
	raise exception using
		errcode = 'PT' || a_status,
		message = a_code,
		detail = (jsonb_build_object('sentence', a_sentence) || a_facts)::text,
		hint = coalesce(a_hint, '');
end $$;

-- First line of every function that the API reaches. Writes are durable whatever the database's
-- default is; a SET clause would be undone before the commit, so it is set for the transaction.
create function musekit_social.enter(p_contract integer) returns void
language plpgsql set search_path = '' as $$
declare m musekit_social.store_meta;
begin
	perform set_config('synchronous_commit', 'on', true);
	select * into m from musekit_social.store_meta;
	if p_contract is null or p_contract < m.min_contract or p_contract > m.contract then
		perform musekit_social.refuse(400, 'contract_mismatch',
			format('The store speaks contract %s to %s and was asked for %s. Nothing was changed.',
				m.min_contract, m.contract, coalesce(p_contract::text, 'none')),
			case when p_contract > m.contract
				then 'Run the migrations of this version on the store (npm run migrate).'
				else 'Update the n8n-nodes-musekit-social package, the runner or the panel.' end,
			jsonb_build_object('contract', m.contract, 'minContract', m.min_contract));
	end if;
end $$;

-- Owners appear when something of theirs is saved first.
create function musekit_social.ensure_owner(a_owner text) returns void
language plpgsql set search_path = '' as $$
begin
	if a_owner is null or a_owner !~ '^[A-Za-z0-9_.@:+=-]{1,200}$' then
		perform musekit_social.refuse(400, 'owner_invalid',
			'An owner is named by 1 to 200 letters, digits or . _ @ : + = - . Nothing was changed.',
			'Use default, a user id or an e-mail address.');
	end if;
	insert into musekit_social.owners (id) values (a_owner) on conflict do nothing;
end $$;

create function musekit_social.setting(a_key text, a_field text) returns jsonb
language sql stable set search_path = '' as $$
	select value -> a_field from musekit_social.settings where key = a_key;
$$;

create function musekit_social.timing(a_field text) returns interval
language sql stable set search_path = '' as $$
	select ((value ->> a_field)::bigint) * interval '1 millisecond'
	from musekit_social.settings where key = 'timing';
$$;

create function musekit_social.iso(t timestamptz) returns text
language sql stable set search_path = '' as $$
	select to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
$$;

-- Whole ms from now; negative in the past.
create function musekit_social.ms_until(t timestamptz) returns bigint
language sql volatile set search_path = '' as $$
	select floor(extract(epoch from (t - clock_timestamp())) * 1000)::bigint;
$$;

create function musekit_social.hash_of(a_text text) returns text
language sql immutable set search_path = '' as $$
	select encode(sha256(convert_to(a_text, 'UTF8')), 'hex');
$$;

-- Why a feature is off for this owner on this platform; null when it is on.
create function musekit_social.off_reason(a_owner text, a_feature text, a_platform text) returns text
language plpgsql stable set search_path = '' as $$
declare v_tier text;
begin
	if not coalesce((musekit_social.setting('module', 'enabled'))::boolean, true) then
		return 'MuseKit Social is switched off';
	end if;
	select tier into v_tier from musekit_social.owners where id = a_owner;
	if not coalesce((musekit_social.setting('features', v_tier) ->> a_feature)::boolean, true) then
		return format('%s is switched off for the %s tier', a_feature, v_tier);
	end if;
	if a_platform is not null
		and not coalesce((select (value ->> a_platform)::boolean from musekit_social.settings where key = 'platforms'), true) then
		return format('%s is switched off', a_platform);
	end if;
	return null;
end $$;

-- The one place where a wall time becomes an instant. In the hour that a clock change skips, the
-- time is read with the offset before the change (02:30 becomes 03:30); in the hour that comes
-- twice, the second one (standard time) is meant: what Postgres documents for AT TIME ZONE.
create function musekit_social.instant_of(a_wall timestamp, a_zone text) returns timestamptz
language sql stable set search_path = '' as $$
	select a_wall at time zone a_zone;
$$;

create function musekit_social.post_error(a_code text, a_message text, a_remedy text, a_field text default null)
returns jsonb language sql immutable set search_path = '' as $$
	select jsonb_strip_nulls(jsonb_build_object(
		'code', a_code, 'message', a_message, 'remedy', a_remedy, 'field', a_field));
$$;

create function musekit_social.media_view(m musekit_social.media) returns jsonb
language sql immutable set search_path = '' as $$
	select jsonb_build_object('hash', m.hash, 'mime', m.mime, 'bytes', m.bytes, 'width', m.width, 'height', m.height);
$$;

create function musekit_social.account_view(a musekit_social.accounts) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object(
		'id', a.id, 'owner', a.owner_id, 'platform', a.platform, 'mode', a.mode,
		'remoteId', a.remote_id, 'handle', a.handle, 'displayName', a.display_name,
		'status', a.status, 'statusReason', a.status_reason, 'scopes', to_jsonb(a.scopes),
		'tokenExpiresAt', musekit_social.iso(a.token_expires_at),
		'lastSuccessAt', musekit_social.iso(a.last_success_at),
		'profileUrl', a.profile_url);
$$;

-- With what a carrier needs; only for the service role's functions.
create function musekit_social.carried_account_view(a musekit_social.accounts) returns jsonb
language sql stable set search_path = '' as $$
	select musekit_social.account_view(a) || jsonb_build_object(
		'baseUrl', a.base_url, 'authUrl', a.auth_url, 'token', a.token,
		'tokenVersion', a.token_version, 'settings', a.settings);
$$;

create function musekit_social.post_view(p musekit_social.posts) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object(
		'id', p.id, 'owner', p.owner_id, 'accountId', p.account_id, 'platform', p.platform,
		'mode', a.mode, 'account', '@' || a.handle,
		'state', p.state, 'waitReason', p.wait_reason, 'error', p.error, 'content', p.content,
		'media', coalesce((
			select jsonb_agg(musekit_social.media_view(m) order by r.place)
			from jsonb_array_elements(p.content -> 'media') with ordinality r(ref, place)
			join musekit_social.media m on m.owner_id = p.owner_id and m.hash = r.ref ->> 'hash'), '[]'),
		'scheduledAt', musekit_social.iso(p.scheduled_at),
		'wallTime', to_char(p.wall_time, 'YYYY-MM-DD"T"HH24:MI:SS'),
		'timeZone', p.time_zone,
		'nextAt', musekit_social.iso(p.next_at),
		'publishedAt', musekit_social.iso(p.published_at),
		'remoteId', p.remote_id, 'url', p.url, 'confirmedBy', p.confirmed_by,
		'carrier', p.carrier, 'attempts', p.attempts, 'version', p.version,
		'deletedAt', musekit_social.iso(p.deleted_at),
		'maxLatenessMs', p.max_lateness_ms,
		'createdAt', musekit_social.iso(p.created_at), 'updatedAt', musekit_social.iso(p.updated_at))
	from musekit_social.accounts a where a.id = p.account_id;
$$;

create function musekit_social.post_view(a_id uuid) returns jsonb
language sql stable set search_path = '' as $$
	select musekit_social.post_view(p) from musekit_social.posts p where p.id = a_id;
$$;

-- Keeps `due_at` true and refuses a change of state that the transition table does not list.
create function musekit_social.guard_post() returns trigger
language plpgsql set search_path = '' as $$
begin
	if tg_op = 'UPDATE' and new.state <> old.state and not exists (
		select 1 from musekit_social.transitions t where t.from_state = old.state and t.to_state = new.state
	) then
		perform musekit_social.refuse(409, 'transition_refused',
			format('A post that is %s cannot become %s. It stays as it is.', old.state, new.state),
			'Look at the post again and choose an operation that fits its state.',
			jsonb_build_object('from', old.state, 'to', new.state));
	end if;
	if new.state <> 'publishing' then
		new.lease_until := null;
	end if;
	if new.state <> 'scheduled' then
		new.wait_reason := null;
		new.next_at := null;
	end if;
	new.due_at := case new.state
		when 'scheduled' then case when not new.held then greatest(new.scheduled_at, new.next_at) end
		when 'publishing' then new.lease_until
	end;
	new.updated_at := clock_timestamp();
	return new;
end $$;
create trigger guard_post before insert or update on musekit_social.posts
	for each row execute function musekit_social.guard_post();

create function musekit_social.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
	perform musekit_social.refuse(409, 'append_only', 'Evidence is never changed or removed.');
	return null;
end $$;
create trigger evidence_append_only before update or delete on musekit_social.evidence
	for each row execute function musekit_social.refuse_change();

-- Says in the account's row when a carrier should look at it again. While one of its posts is in
-- flight that is the end of the lease. The caller holds the account's row lock.
create function musekit_social.refresh_due(a_account uuid) returns void
language sql set search_path = '' as $$
	update musekit_social.accounts a set next_due_at = case when a.status = 'connected' then coalesce(
		(select p.lease_until from musekit_social.posts p
			where p.remote_account = a.remote_account and p.state = 'publishing'),
		(select case when p.due_at > clock_timestamp() then p.due_at else greatest(p.due_at, a.hold_until) end
			from musekit_social.posts p
			where p.account_id = a.id and p.due_at is not null order by p.due_at, p.id limit 1)) end
	where a.id = a_account;
$$;

-- Locks account, then post: the one order in which rows are locked.
create function musekit_social.lock_post(a_post uuid, a_owner text default null) returns musekit_social.posts
language plpgsql set search_path = '' as $$
declare p musekit_social.posts;
begin
	perform 1 from musekit_social.accounts a
		where a.id = (select account_id from musekit_social.posts where id = a_post) for update;
	select * into p from musekit_social.posts where id = a_post for update;
	if not found or (a_owner is not null and p.owner_id <> a_owner) then
		perform musekit_social.refuse(404, 'post_unknown',
			format('There is no post %s for this owner.', a_post),
			'Check the post id; Get Many lists the posts that exist.');
	end if;
	return p;
end $$;

create function musekit_social.open_incident(
	a_kind text, a_post musekit_social.posts, a_message text, a_facts jsonb default '{}'
) returns void language sql set search_path = '' as $$
	insert into musekit_social.incidents (kind, owner_id, account_id, post_id, message, facts)
	values (a_kind, a_post.owner_id, a_post.account_id, a_post.id, a_message, a_facts);
$$;
