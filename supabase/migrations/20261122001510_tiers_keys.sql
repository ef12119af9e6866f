-- Tiers and their caps, owners, what the wizard and status pages ask, and keys for n8n.

-- Calls that could pass the same cap together wait for each other; without a cap nobody waits.
create function musekit_social.one_by_one(a_owner text) returns void
language sql volatile set search_path = '' as $$
	select pg_advisory_xact_lock(hashtextextended('musekit_social.cap:' || a_owner, 0));
$$;

create function musekit_social.tier_words(a_owner text) returns text
language sql stable set search_path = '' as $$
	select 'The ' || initcap(tier) || ' tier' from musekit_social.owners where id = a_owner;
$$;

-- A new account over the tier's cap; one that is there is connected again as often as needed.
create function musekit_social.cap_accounts() returns trigger
language plpgsql set search_path = '' as $$
declare
	v_cap integer;
	v_used integer;
begin
	select (s.value -> o.tier ->> 'accounts')::integer into v_cap
		from musekit_social.owners o, musekit_social.settings s where o.id = new.owner_id and s.key = 'caps';
	if v_cap is null or exists (select 1 from musekit_social.accounts where id = new.id) then
		return new;
	end if;
	perform musekit_social.one_by_one(new.owner_id);
	select count(*) into v_used from musekit_social.accounts where owner_id = new.owner_id and status <> 'disconnected';
	if v_used >= v_cap then
		perform musekit_social.refuse(403, 'cap_accounts',
			format('%s allows %s connected %s, and %s has %s. The account was not saved.',
				musekit_social.tier_words(new.owner_id), v_cap, case v_cap when 1 then 'account' else 'accounts' end,
				new.owner_id, v_used),
			'Disconnect an account, or ask whoever runs MuseKit Social here for a higher cap or another tier (Settings in the panel).');
	end if;
	return new;
end $$;
create trigger cap_accounts before insert on musekit_social.accounts
	for each row execute function musekit_social.cap_accounts();

create function musekit_social.zone_of(a_owner text) returns text
language sql stable set search_path = '' as $$
	select coalesce((select time_zone from musekit_social.owners where id = a_owner),
		musekit_social.setting('panel', 'timeZone') #>> '{}', 'UTC');
$$;

-- Days are the owner's own: a cap a day that ended at another midnight would surprise.
create function musekit_social.posts_of_day(a_owner text, a_at timestamptz) returns integer
language plpgsql stable set search_path = '' as $$
declare
	v_zone text := musekit_social.zone_of(a_owner);
	v_day timestamp := date_trunc('day', a_at at time zone v_zone);
	v_count integer;
begin
	-- By what the calendar is read from, which has the index.
	select count(*) into v_count
	from musekit_social.post_finder f join musekit_social.posts p on p.id = f.post_id
	where f.owner_id = a_owner and f.at >= v_day at time zone v_zone
		and f.at < (v_day + interval '1 day') at time zone v_zone
		and p.state in ('scheduled', 'publishing', 'published', 'needs_review');
	return v_count;
end $$;

-- Why one more post at that time is over a cap of the owner's tier; null when it is not.
create function musekit_social.cap_error(a_owner text, a_at timestamptz) returns jsonb
language plpgsql set search_path = '' as $$
declare
	v_scheduled integer;
	v_day integer;
	v_remedy text := 'Ask whoever runs MuseKit Social here for a higher cap or another tier (Settings in the panel).';
begin
	select (s.value -> o.tier ->> 'scheduled')::integer, (s.value -> o.tier ->> 'postsPerDay')::integer
		into v_scheduled, v_day
		from musekit_social.owners o, musekit_social.settings s where o.id = a_owner and s.key = 'caps';
	if v_scheduled is null and v_day is null then
		return null;
	end if;
	perform musekit_social.one_by_one(a_owner);
	if v_scheduled is not null and (select count(*) from (select 1 from musekit_social.posts
			where owner_id = a_owner and state = 'scheduled' limit v_scheduled) x) >= v_scheduled then
		return musekit_social.post_error('cap_scheduled',
			format('%s allows %s scheduled %s at a time.', musekit_social.tier_words(a_owner), v_scheduled,
				case v_scheduled when 1 then 'post' else 'posts' end),
			'Wait until some are out, or cancel some. ' || v_remedy, 'scheduledAt');
	end if;
	if v_day is not null and musekit_social.posts_of_day(a_owner, a_at) >= v_day then
		return musekit_social.post_error('cap_posts_per_day',
			format('%s allows %s %s a day, and %s is full.', musekit_social.tier_words(a_owner), v_day,
				case v_day when 1 then 'post' else 'posts' end, (a_at at time zone musekit_social.zone_of(a_owner))::date),
			'Choose another day. ' || v_remedy, 'scheduledAt');
	end if;
	return null;
end $$;

-- A draft that is put on its way is one more post, by whatever call.
create function musekit_social.cap_draft() returns trigger
language plpgsql set search_path = '' as $$
declare v_error jsonb := musekit_social.cap_error(new.owner_id, new.scheduled_at);
begin
	if v_error is not null then
		perform musekit_social.refuse(403, v_error ->> 'code', (v_error ->> 'message') || ' The post is still a draft.',
			v_error ->> 'remedy');
	end if;
	return new;
end $$;
create trigger cap_draft before update of state on musekit_social.posts
	for each row when (old.state = 'draft' and new.state = 'scheduled')
	execute function musekit_social.cap_draft();

-- Everything the store itself can find wrong with an entry; an empty array when it may be stored. An
-- entry with `as` is new, and so counts against the caps.
create or replace function musekit_social.entry_errors(
	a_owner text, a_entry jsonb, a_account musekit_social.accounts, a_at timestamptz, a_lateness_ms bigint
) returns jsonb language plpgsql set search_path = '' as $$
declare
	v_errors jsonb := '[]';
	v_platform musekit_social.platforms;
	v_media jsonb := coalesce(a_entry -> 'content' -> 'media', '[]');
	v_ref jsonb;
	v_off text;
	v_cap jsonb;
begin
	if a_entry ->> 'accountId' is null then
		return jsonb_build_array(musekit_social.post_error('account_missing', 'No account was chosen.',
			'Choose the account to post to.', 'account'));
	end if;
	if a_account.id is null or a_account.owner_id <> a_owner then
		return jsonb_build_array(musekit_social.post_error('account_unknown',
			format('There is no account %s for this owner.', a_entry ->> 'accountId'),
			'Pick an account from the list, or connect it first.', 'account'));
	end if;
	select * into v_platform from musekit_social.platforms where name = a_account.platform;
	v_off := coalesce(
		musekit_social.off_reason(a_owner, 'publish', a_account.platform),
		case when a_at > clock_timestamp() + interval '1 minute'
			then musekit_social.off_reason(a_owner, 'schedule', a_account.platform) end,
		case when v_media <> '[]' then musekit_social.off_reason(a_owner, 'media', a_account.platform) end);
	if v_off is not null then
		v_errors := v_errors || musekit_social.post_error('off', v_off || '.', 'Ask whoever runs MuseKit Social here to switch it on.');
	end if;
	if a_account.status = 'disconnected' or (a_account.status = 'reconnect' and a_at <= clock_timestamp()) then
		v_errors := v_errors || musekit_social.post_error('account_not_connected',
			format('@%s on %s is not connected%s.', a_account.handle, a_account.platform,
				coalesce(': ' || a_account.status_reason, '')),
			'Connect the account again, then post.', 'account');
	end if;
	if coalesce(trim(a_entry -> 'content' ->> 'text'), '') = '' and jsonb_array_length(v_media) = 0 then
		v_errors := v_errors || musekit_social.post_error('content_empty', 'The post has neither text nor image.',
			'Write a text or add an image.', 'text');
	end if;
	if v_platform.needs_media and jsonb_array_length(v_media) = 0 then
		v_errors := v_errors || musekit_social.post_error('media_missing', format('A post on %s needs an image.', v_platform.name),
			'Add an image.', 'media');
	end if;
	if jsonb_array_length(v_media) > v_platform.max_media then
		v_errors := v_errors || musekit_social.post_error('media_too_many',
			format('The post has %s images; %s takes %s.', jsonb_array_length(v_media), v_platform.name, v_platform.max_media),
			'Remove images.', 'media');
	end if;
	for v_ref in select * from jsonb_array_elements(v_media) loop
		if not exists (select 1 from musekit_social.media m where m.owner_id = a_owner and m.hash = v_ref ->> 'hash') then
			v_errors := v_errors || musekit_social.post_error('media_not_stored',
				'The image is not in the store, so nobody could publish it later.', 'Upload the image again.', 'media');
		end if;
	end loop;
	if v_platform.fetches_media and a_account.mode = 'live' and musekit_social.setting('media', 'publicUrl') #>> '{}' is null then
		v_errors := v_errors || musekit_social.post_error('media_public_url_missing',
			format('%s fetches images from a public address, and this store has none.', v_platform.name),
			'Set the public media address in the settings, or use a Supabase project.', 'media');
	end if;
	if a_at < clock_timestamp() - a_lateness_ms * interval '1 millisecond' then
		v_errors := v_errors || musekit_social.post_error('time_past',
			format('%s lies further back than the maximum lateness allows.', musekit_social.iso(a_at)),
			'Choose a time in the future, or a larger maximum lateness.', 'scheduledAt');
	end if;
	if a_entry ->> 'as' = 'scheduled' then
		v_cap := musekit_social.cap_error(a_owner, a_at);
		if v_cap is not null then
			v_errors := v_errors || v_cap;
		end if;
	end if;
	return v_errors;
end $$;

-- How much of a cap is used; `cap` null: there is none.
create function musekit_social.caps_view(a_owner text) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object(
		'accounts', jsonb_build_object('cap', (s.value -> o.tier ->> 'accounts')::integer,
			'used', (select count(*) from musekit_social.accounts where owner_id = o.id and status <> 'disconnected')),
		'scheduled', jsonb_build_object('cap', (s.value -> o.tier ->> 'scheduled')::integer,
			'used', (select count(*) from musekit_social.posts where owner_id = o.id and state = 'scheduled')),
		'postsPerDay', jsonb_build_object('cap', (s.value -> o.tier ->> 'postsPerDay')::integer,
			'used', musekit_social.posts_of_day(o.id, clock_timestamp())))
	from musekit_social.owners o, musekit_social.settings s where o.id = a_owner and s.key = 'caps';
$$;

create function musekit_social.owner_view(o musekit_social.owners) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', o.id, 'tier', o.tier, 'timeZone', o.time_zone,
		'createdAt', musekit_social.iso(o.created_at),
		'accounts', (select count(*) from musekit_social.accounts where owner_id = o.id and status <> 'disconnected'),
		'scheduled', (select count(*) from musekit_social.posts where owner_id = o.id and state = 'scheduled'));
$$;

create function public.social_owner_list(
	p_contract integer, p_search text default null, p_limit integer default 50, p_cursor text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 200);
	v_like text := '%' || replace(replace(replace(lower(trim(coalesce(p_search, ''))), '\', '\\'), '%', '\%'), '_', '\_') || '%';
	v_items jsonb;
	v_count integer;
	v_last text;
begin
	perform musekit_social.enter(p_contract);
	with page as (
		select o, row_number() over (order by o.id) as n from musekit_social.owners o
		where lower(o.id) like v_like and (p_cursor is null or o.id > p_cursor)
		order by o.id limit v_limit + 1
	)
	select coalesce(jsonb_agg(musekit_social.owner_view(o) order by n) filter (where n <= v_limit), '[]'), count(*),
		max((o).id) filter (where n = v_limit)
	into v_items, v_count, v_last from page;
	return jsonb_build_object('items', v_items, 'nextCursor', case when v_count > v_limit then v_last end);
end $$;

-- Makes an owner or changes one. Posts that are made already keep their times.
create function public.social_owner_save(p_contract integer, p_owner text, p_tier text, p_time_zone text default null)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare o musekit_social.owners;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.ensure_owner(p_owner);
	if p_tier is null or p_tier not in ('universal', 'power') then
		perform musekit_social.refuse(400, 'tier_unknown', format('There is no tier "%s". Nothing was changed.', left(p_tier, 60)),
			'The tiers are universal and power.');
	end if;
	if p_time_zone is not null and not exists (select 1 from musekit_social.time_zones where name = p_time_zone) then
		perform musekit_social.refuse(400, 'time_zone_unknown',
			format('"%s" is not a time zone. Nothing was changed.', left(p_time_zone, 60)),
			'Use an IANA name such as Europe/Berlin or America/New_York.');
	end if;
	update musekit_social.owners set tier = p_tier, time_zone = p_time_zone where id = p_owner returning * into o;
	perform musekit_social.release_off();
	return musekit_social.owner_view(o);
end $$;

-- What one owner may do right now, and what pages need to know of them.
create function public.social_owner_get(p_contract integer, p_owner text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare o musekit_social.owners;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.ensure_owner(p_owner);
	select * into o from musekit_social.owners where id = p_owner;
	return musekit_social.owner_view(o) || jsonb_build_object(
		'zone', musekit_social.zone_of(o.id),
		'zoneChosen', coalesce(o.time_zone, musekit_social.setting('panel', 'timeZone') #>> '{}') is not null,
		'caps', musekit_social.caps_view(o.id),
		'off', (select jsonb_object_agg(f.name, musekit_social.off_reason(o.id, f.name, null)) from musekit_social.features f),
		'platformsOff', (select jsonb_object_agg(p.name, musekit_social.off_reason(o.id, 'connect', p.name))
			from musekit_social.platforms p));
end $$;

-- How each platform does: accounts by state, outcomes of the last day, and whether it is paused.
create function public.social_platform_states(p_contract integer, p_owner text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object('items', (select jsonb_agg(jsonb_build_object('platform', f.name, 'label', f.label,
			'connected', (select count(*) from musekit_social.accounts a where a.platform = f.name and a.status = 'connected'
				and (p_owner is null or a.owner_id = p_owner)),
			'reconnect', (select count(*) from musekit_social.accounts a where a.platform = f.name and a.status = 'reconnect'
				and (p_owner is null or a.owner_id = p_owner)),
			'pausedUntil', (select musekit_social.iso(max(o.paused_until)) from musekit_social.outages o
				where o.platform = f.name and o.ended_at is null and o.paused_until > clock_timestamp()),
			'pauseReason', (select o.reason from musekit_social.outages o
				where o.platform = f.name and o.ended_at is null and o.paused_until > clock_timestamp() limit 1)) order by f.label)
		from musekit_social.platforms f));
end $$;

-- Versions of the migrations that were applied; null where their history cannot be read.
create function public.social_migrations(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare v jsonb;
begin
	perform musekit_social.enter(p_contract);
	if to_regclass('supabase_migrations.schema_migrations') is null then
		return jsonb_build_object('applied', null);
	end if;
	execute 'select jsonb_agg(version order by version) from supabase_migrations.schema_migrations' into v;
	return jsonb_build_object('applied', coalesce(v, '[]'));
end $$;

-- Carriers with what they say of themselves, newest sign first.
create function public.social_carriers(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object('items', coalesce((select jsonb_agg(jsonb_build_object('carrier', h.carrier, 'kind', h.kind,
			'version', h.info ->> 'version', 'lastAt', musekit_social.iso(h.last_at), 'intervalMs', h.interval_ms,
			'fresh', h.last_at > clock_timestamp() - (h.interval_ms + 15000) * interval '1 millisecond') order by h.last_at desc)
		from (select * from musekit_social.heartbeats order by last_at desc limit 50) h), '[]'));
end $$;

-- Keys for n8n at the embedded gateway. Only the SHA-256 of a key of 32 random bytes is kept. Supabase
-- makes its keys itself, so there these functions refuse.
create table musekit_social.gateway_keys (
	id uuid primary key,
	name text not null check (name = btrim(name) and length(name) between 1 and 80),
	digest text not null unique check (digest ~ '^[0-9a-f]{64}$'),
	-- Last characters of the key, to tell one from another.
	hint text not null check (length(hint) between 1 and 8),
	made_by text,
	created_at timestamptz not null default clock_timestamp(),
	last_used_at timestamptz,
	revoked_at timestamptz
);
create unique index gateway_keys_name on musekit_social.gateway_keys (lower(name)) where revoked_at is null;

create function musekit_social.key_view(k musekit_social.gateway_keys) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', k.id, 'name', k.name, 'hint', k.hint, 'madeBy', k.made_by,
		'createdAt', musekit_social.iso(k.created_at), 'lastUsedAt', musekit_social.iso(k.last_used_at),
		'revokedAt', musekit_social.iso(k.revoked_at));
$$;

-- The embedded gateway says so in the claims of its calls.
create function musekit_social.is_embedded() returns boolean
language sql stable set search_path = '' as $$
	select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'gateway' = 'musekit', false);
$$;

create function musekit_social.only_embedded() returns void
language plpgsql set search_path = '' as $$
begin
	if not musekit_social.is_embedded() then
		perform musekit_social.refuse(409, 'keys_elsewhere',
			'This store is a Supabase project, which makes and revokes its keys itself. Nothing was changed.',
			'Make one secret key for each n8n in the project''s dashboard, under API keys.');
	end if;
end $$;

create function public.social_key_issue(
	p_contract integer, p_id uuid, p_name text, p_digest text, p_hint text, p_made_by text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare k musekit_social.gateway_keys;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.only_embedded();
	if length(btrim(coalesce(p_name, ''))) not between 1 and 80 then
		perform musekit_social.refuse(400, 'key_name_invalid', 'A key''s name has 1 to 80 characters. No key was made.',
			'Name it after the n8n that will use it.');
	end if;
	-- Asked for again under the same id, it is the same key.
	insert into musekit_social.gateway_keys (id, name, digest, hint, made_by)
		values (p_id, btrim(p_name), p_digest, p_hint, p_made_by) on conflict (id) do nothing;
	select * into k from musekit_social.gateway_keys where id = p_id and digest = p_digest;
	return musekit_social.key_view(k);
exception when unique_violation then
	perform musekit_social.refuse(409, 'key_name_taken', format('There is a key named %s already. No key was made.', btrim(p_name)),
		'Choose another name, or revoke the other key first.');
	return null;
end $$;

-- Keys that work first, then the revoked ones, each newest first; the cursor is the offset.
create function public.social_key_list(p_contract integer, p_limit integer default 50, p_cursor text default null)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 200);
	v_from integer := coalesce(p_cursor::integer, 0);
	v_items jsonb;
	v_count integer;
begin
	perform musekit_social.enter(p_contract);
	with page as (
		select k, row_number() over (order by (k.revoked_at is not null), k.created_at desc, k.id) as n
		from musekit_social.gateway_keys k
		order by (k.revoked_at is not null), k.created_at desc, k.id offset v_from limit v_limit + 1
	)
	select coalesce(jsonb_agg(musekit_social.key_view(k) order by n) filter (where n <= v_from + v_limit), '[]'), count(*)
		into v_items, v_count from page;
	return jsonb_build_object('embedded', musekit_social.is_embedded(), 'items', v_items,
		'nextCursor', case when v_count > v_limit then (v_from + v_limit)::text end);
end $$;

create function public.social_key_revoke(p_contract integer, p_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare k musekit_social.gateway_keys;
begin
	perform musekit_social.enter(p_contract);
	update musekit_social.gateway_keys set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = p_id returning * into k;
	if not found then
		perform musekit_social.refuse(404, 'key_unknown', 'There is no such key. Nothing was changed.', 'Load the list again.');
	end if;
	return musekit_social.key_view(k);
end $$;

-- For the gateway: digests of the keys that work.
create function public.social_key_digests(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return coalesce((select jsonb_object_agg(digest, id) from musekit_social.gateway_keys where revoked_at is null), '{}');
end $$;

create function public.social_key_used(p_contract integer, p_ids uuid[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare v_count integer;
begin
	perform musekit_social.enter(p_contract);
	update musekit_social.gateway_keys set last_used_at = clock_timestamp() where id = any (p_ids);
	get diagnostics v_count = row_count;
	return jsonb_build_object('noted', v_count);
end $$;

select musekit_social.restrict_access();
