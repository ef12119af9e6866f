-- What can be switched on and off, how much each tier may do, who owns what, and keys for n8n.

-- Display names, for sentences that people read.
alter table musekit_social.platforms add column label text;
update musekit_social.platforms p set label = l.label from (values
	('x', 'X'), ('linkedin', 'LinkedIn'), ('instagram', 'Instagram'), ('bluesky', 'Bluesky')) l(name, label)
	where l.name = p.name;
alter table musekit_social.platforms alter column label set not null;

-- Features with a switch for each tier. Absent in the setting means on.
create table musekit_social.features (
	name text primary key,
	-- Beginning of "… switched off for the Universal tier".
	words text not null
);
insert into musekit_social.features values
	('connect', 'Connecting accounts is'),
	('publish', 'Publishing is'),
	('schedule', 'Scheduling is'),
	('media', 'Posting images is'),
	('recurrence', 'Recurring posts are');

insert into musekit_social.settings (key, value) values
	-- What an owner of the tier may have at most; null: as many as wanted.
	('caps', '{"universal": {"accounts": null, "scheduled": null, "postsPerDay": null}, "power": {"accounts": null, "scheduled": null, "postsPerDay": null}}'),
	-- Time zone of owners that have none of their own, and how far the wizard came.
	('panel', '{"timeZone": null, "wizard": {}}');
-- How long a runner leaves a due post to a healthy n8n; null: n8n's own interval and 15 s.
update musekit_social.settings set value = value || '{"graceMs": null}' where key = 'timing';

alter table musekit_social.owners add column time_zone text references musekit_social.time_zones;

-- The fields that a setting may have. `*` in front stands for a tier.
create table musekit_social.setting_rules (
	key text not null,
	field text not null,
	kind text not null check (kind in ('boolean', 'number', 'zone', 'url', 'object')),
	low bigint,
	high bigint,
	-- May be null, which means "not set".
	empty boolean not null default false,
	primary key (key, field)
);
insert into musekit_social.setting_rules values
	('module', 'enabled', 'boolean', null, null, false),
	('caps', '*accounts', 'number', 1, 1000000, true),
	('caps', '*scheduled', 'number', 1, 1000000, true),
	('caps', '*postsPerDay', 'number', 1, 1000000, true),
	-- A lease that ends before an upload does gives the post to somebody else; ten minutes of waiting
	-- for a dead carrier are enough.
	('timing', 'leaseMs', 'number', 1000, 600000, false),
	('timing', 'marginMs', 'number', 100, 60000, false),
	('timing', 'maxLatenessMs', 'number', 60000, 31536000000, false),
	('timing', 'graceMs', 'number', 1000, 3600000, true),
	('timing', 'dedupeMs', 'number', 0, 31536000000, false),
	('timing', 'equalTextMs', 'number', 0, 31536000000, false),
	('timing', 'barrenClaims', 'number', 1, 100, false),
	('burst', 'lateMs', 'number', 0, 86400000, false),
	('burst', 'gapMs', 'number', 0, 86400000, false),
	('outage', 'failures', 'number', 1, 1000000, false),
	('outage', 'windowMs', 'number', 1000, 86400000, false),
	('outage', 'pauseMs', 'number', 1000, 86400000, false),
	('tokens', 'accounts', 'number', 1, 1000000, false),
	('tokens', 'windowMs', 'number', 1000, 86400000, false),
	('tokens', 'refusalMs', 'number', 0, 86400000, false),
	('risks', 'aheadMs', 'number', 60000, 2678400000, false),
	('media', 'publicUrl', 'url', null, null, true),
	('panel', 'timeZone', 'zone', null, null, true),
	('panel', 'wizard', 'object', null, null, false);
insert into musekit_social.setting_rules (key, field, kind)
	select 'features', '*' || name, 'boolean' from musekit_social.features;
insert into musekit_social.setting_rules (key, field, kind)
	select 'platforms', name, 'boolean' from musekit_social.platforms;

create function musekit_social.refuse_setting(a_key text, a_sentence text, a_hint text) returns void
language sql set search_path = '' as $$
	select musekit_social.refuse(400, 'setting_invalid', a_sentence || ' Nothing was changed.', a_hint,
		jsonb_build_object('key', a_key));
$$;

-- Refuses a value that a carrier or a page could stumble over. `a_prefix` is `*` inside a tier.
create function musekit_social.check_setting(a_key text, a_value jsonb, a_prefix text default '') returns void
language plpgsql set search_path = '' as $$
declare
	v_field text;
	v jsonb;
	r musekit_social.setting_rules;
	v_tiers boolean := a_prefix = '' and exists (
		select 1 from musekit_social.setting_rules where key = a_key and field like '*%');
begin
	if jsonb_typeof(a_value) is distinct from 'object' then
		perform musekit_social.refuse(400, 'setting_invalid', 'A setting is a JSON object. Nothing was changed.');
	end if;
	for v_field, v in select * from jsonb_each(a_value) loop
		if v_tiers then
			if v_field not in ('universal', 'power') then
				perform musekit_social.refuse_setting(a_key, format('There is no tier "%s".', left(v_field, 60)),
					'The tiers are universal and power.');
			end if;
			perform musekit_social.check_setting(a_key, v, '*');
			continue;
		end if;
		select * into r from musekit_social.setting_rules where key = a_key and field = a_prefix || v_field;
		if not found then
			perform musekit_social.refuse_setting(a_key, format('The setting %s has no "%s".', a_key, left(v_field, 60)),
				format('It has %s.', (select string_agg(ltrim(field, '*'), ', ' order by field)
					from musekit_social.setting_rules where key = a_key and field like a_prefix || '%')));
		end if;
		continue when r.empty and v = 'null';
		if r.kind in ('boolean', 'object') and jsonb_typeof(v) <> r.kind then
			perform musekit_social.refuse_setting(a_key, format('%s.%s is not a %s.', a_key, v_field,
					case r.kind when 'boolean' then 'yes or no' else 'JSON object' end),
				case r.kind when 'boolean' then 'Use true or false.' else 'Use an object such as {}.' end);
		elsif r.kind = 'object' and length(v::text) > 4000 then
			perform musekit_social.refuse_setting(a_key, format('%s.%s is too large.', a_key, v_field), 'Keep it below 4,000 characters.');
		elsif r.kind = 'number' and (jsonb_typeof(v) <> 'number' or v::text !~ '^\d{1,15}$'
			or v::text::bigint not between r.low and r.high) then
			perform musekit_social.refuse_setting(a_key, format('%s.%s is %s.', a_key, v_field, left(v::text, 40)),
				format('Use a whole number from %s to %s%s.', r.low, r.high, case when r.empty then ', or null for none' else '' end));
		elsif r.kind = 'zone' and not exists (select 1 from musekit_social.time_zones where name = v #>> '{}') then
			perform musekit_social.refuse_setting(a_key, format('%s is not a time zone.', left(v::text, 60)),
				'Use an IANA name such as Europe/Berlin or America/New_York.');
		elsif r.kind = 'url' and (jsonb_typeof(v) <> 'string' or v #>> '{}' !~ '^https?://[^/?#@\s]+(/[^\s]*)?$') then
			perform musekit_social.refuse_setting(a_key, format('%s.%s is not a web address.', a_key, v_field),
				'Use an address such as https://media.example.com, or null for none.');
		end if;
	end loop;
end $$;

-- The same answer in words that a person can act on.
create or replace function musekit_social.off_reason(a_owner text, a_feature text, a_platform text) returns text
language plpgsql stable set search_path = '' as $$
declare
	v_tier text;
	v_module boolean;
	v_feature boolean;
	v_platform boolean;
begin
	select o.tier,
		(select (value ->> 'enabled')::boolean from musekit_social.settings where key = 'module'),
		(select (value -> o.tier ->> a_feature)::boolean from musekit_social.settings where key = 'features'),
		(select (value ->> a_platform)::boolean from musekit_social.settings where key = 'platforms')
		into v_tier, v_module, v_feature, v_platform
		from (select 1) one left join musekit_social.owners o on o.id = a_owner;
	if not coalesce(v_module, true) then
		return 'MuseKit Social is switched off';
	end if;
	if not coalesce(v_feature, true) then
		return format('%s switched off for the %s tier',
			(select words from musekit_social.features where name = a_feature), initcap(v_tier));
	end if;
	if a_platform is not null and not coalesce(v_platform, true) then
		return format('%s is switched off', (select label from musekit_social.platforms where name = a_platform));
	end if;
	return null;
end $$;

-- What of the features a post uses. A post that was tried already is on its way, whatever its time.
-- A body that is read when it is made may be inlined into a claim.
create function musekit_social.features_of(p musekit_social.posts) returns text[] language sql stable
return array_remove(array['publish',
	case when p.series_id is null and p.attempts = 0 and p.scheduled_at > p.created_at + interval '1 minute' then 'schedule' end,
	case when jsonb_typeof(p.content -> 'media') = 'array' and p.content -> 'media' <> '[]' then 'media' end,
	case when p.series_id is not null then 'recurrence' end], null);

-- Why a post has to wait because something that it uses is switched off; null when nothing is.
create function musekit_social.post_off_reason(p musekit_social.posts) returns text
language plpgsql stable set search_path = '' as $$
declare
	v_tier text;
	v_module boolean;
	v_features jsonb;
	v_platform boolean;
	v_feature text;
begin
	select o.tier,
		(select (value ->> 'enabled')::boolean from musekit_social.settings where key = 'module'),
		(select value -> o.tier from musekit_social.settings where key = 'features'),
		(select (value ->> p.platform)::boolean from musekit_social.settings where key = 'platforms')
		into v_tier, v_module, v_features, v_platform
		from musekit_social.owners o where o.id = p.owner_id;
	if not coalesce(v_module, true) or not coalesce(v_platform, true) then
		return musekit_social.off_reason(p.owner_id, 'publish', p.platform);
	end if;
	foreach v_feature in array musekit_social.features_of(p) loop
		if not coalesce((v_features ->> v_feature)::boolean, true) then
			return musekit_social.off_reason(p.owner_id, v_feature, p.platform);
		end if;
	end loop;
	return null;
end $$;

-- A claim asks that of the post instead of publishing alone. Of take_post only this question changes,
-- so it is taken in whatever form it has by now.
do $$
declare
	v_old text := pg_get_functiondef('musekit_social.take_post(uuid, jsonb)'::regprocedure);
	v_new text := replace(v_old, 'musekit_social.off_reason(p.owner_id, ''publish'', p.platform)', 'musekit_social.post_off_reason(p)');
begin
	if v_new = v_old then
		raise exception 'take_post asks in another way what is switched off: let it ask musekit_social.post_off_reason(p)';
	end if;
	execute v_new;
end $$;

-- When each switch was off. Not forgiven: that time counts as lateness like any other.
create table musekit_social.off_times (
	id uuid primary key default musekit_social.uuid_v7(),
	-- module, feature:universal:publish, platform:x
	toggle text not null,
	off_at timestamptz not null,
	on_at timestamptz,
	forgiven boolean not null default true
);
create unique index off_times_open on musekit_social.off_times (toggle) where on_at is null;
create index off_times_ended on musekit_social.off_times (on_at);

-- Every switch with whether it is on.
create function musekit_social.toggles(a_module jsonb, a_features jsonb, a_platforms jsonb)
returns table (toggle text, is_on boolean) language sql stable set search_path = '' as $$
	select 'module', coalesce((a_module ->> 'enabled')::boolean, true)
	union all
	select 'feature:' || t || ':' || f.name, coalesce((a_features -> t ->> f.name)::boolean, true)
	from unnest(array['universal', 'power']) t, musekit_social.features f
	union all
	select 'platform:' || p.name, coalesce((a_platforms ->> p.name)::boolean, true) from musekit_social.platforms p;
$$;

create function musekit_social.setting_value(a_key text) returns jsonb
language sql stable set search_path = '' as $$
	select value from musekit_social.settings where key = a_key;
$$;

-- Whoever changes a switch by whatever way: the store keeps since when it is off.
create function musekit_social.note_switch() returns trigger
language plpgsql set search_path = '' as $$
begin
	insert into musekit_social.off_times (toggle, off_at)
	select t.toggle, clock_timestamp() from musekit_social.toggles(musekit_social.setting_value('module'),
		musekit_social.setting_value('features'), musekit_social.setting_value('platforms')) t
	where not t.is_on on conflict do nothing;
	update musekit_social.off_times o set on_at = clock_timestamp()
	where o.on_at is null and exists (
		select 1 from musekit_social.toggles(musekit_social.setting_value('module'),
			musekit_social.setting_value('features'), musekit_social.setting_value('platforms')) t
		where t.toggle = o.toggle and t.is_on);
	return null;
end $$;
create trigger note_switch after update of value on musekit_social.settings
	for each row when (new.key in ('module', 'features', 'platforms') and new.value is distinct from old.value)
	execute function musekit_social.note_switch();

alter table musekit_social.posts drop constraint posts_wait_reason_check,
	add constraint posts_wait_reason_check check (wait_reason in
		('retry', 'container', 'lookup', 'rate_limit', 'account_dead', 'handed_back', 'not_sent', 'platform_down', 'off')),
	-- How much of the time that a switch was off has been added to the maximum lateness.
	add column off_credit_ms bigint not null default 0;

-- A post is not missed because of a switch: while it is off the post waits, and the time for which it
-- was off is added to the post's maximum lateness. Nothing is written when a switch changes; it shows
-- when a post would be missed. (The name comes before guard_post: triggers fire in that order.)
create function musekit_social.defer_missed() returns trigger
language plpgsql set search_path = '' as $$
declare
	v_now timestamptz := clock_timestamp();
	v_toggles text[];
	v_off_ms bigint;
begin
	if musekit_social.post_off_reason(old) is not null then
		new := old;
		new.wait_reason := 'off';
		-- A minute: as many of these posts as there are must not keep the carriers busy.
		new.next_at := v_now + interval '1 minute';
		return new;
	end if;
	select array['module', 'platform:' || old.platform] || array_agg('feature:' || o.tier || ':' || f)
		into v_toggles from musekit_social.owners o, unnest(musekit_social.features_of(old)) f
		where o.id = old.owner_id group by o.id;
	select coalesce(sum(floor(extract(epoch from upper(r) - lower(r)) * 1000)), 0) into v_off_ms from (
		select unnest(range_agg(tstzrange(greatest(o.off_at, old.scheduled_at), least(o.on_at, v_now)))) as r
		from musekit_social.off_times o
		where o.toggle = any (v_toggles) and o.forgiven and o.on_at > old.scheduled_at) x;
	if v_off_ms > old.off_credit_ms
		and v_now <= old.scheduled_at + (old.max_lateness_ms + v_off_ms - old.off_credit_ms) * interval '1 millisecond' then
		new := old;
		new.wait_reason := null;
		new.next_at := null;
		-- A year is the most that the column takes.
		new.max_lateness_ms := least(old.max_lateness_ms + v_off_ms - old.off_credit_ms, 31536000000);
		new.off_credit_ms := v_off_ms;
	end if;
	return new;
end $$;
create trigger defer_missed before update of state on musekit_social.posts
	for each row when (new.state = 'missed' and old.state = 'scheduled')
	execute function musekit_social.defer_missed();

-- Posts whose time is over although no carrier could take them (dead account). What waits for a switch
-- is asked about once a minute.
create or replace function musekit_social.mark_missed(a_limit integer) returns integer
language plpgsql set search_path = '' as $$
declare
	v_post uuid;
	v_count integer := 0;
	v_state text;
	p musekit_social.posts;
begin
	for v_post in
		select id from musekit_social.posts
		where state = 'scheduled' and open_intents = 0
			and scheduled_at < clock_timestamp() - max_lateness_ms * interval '1 millisecond'
			and not (wait_reason is not distinct from 'off' and next_at > clock_timestamp())
		order by scheduled_at limit a_limit
	loop
		p := musekit_social.lock_post(v_post);
		if p.state = 'scheduled' and p.open_intents = 0
			and p.scheduled_at < clock_timestamp() - p.max_lateness_ms * interval '1 millisecond' then
			update musekit_social.posts set state = 'missed', error = coalesce(p.error, musekit_social.post_error('missed',
				'The post was not published within its maximum lateness, and nothing of it was sent.',
				'Retry it to publish it now, or schedule it anew.')) where id = p.id returning state into v_state;
			perform musekit_social.refresh_due(p.account_id);
			v_count := v_count + (v_state = 'missed')::integer;
		end if;
	end loop;
	return v_count;
end $$;

-- Posts that wait because something was off go on at once; more than a portion follows within a minute.
create function musekit_social.release_off() returns void
language plpgsql set search_path = '' as $$
declare
	v_account uuid;
	v_posts uuid[];
begin
	for v_account, v_posts in
		select account_id, array_agg(id) from (
			select id, account_id from musekit_social.posts
			where state = 'scheduled' and scheduled_at <= clock_timestamp() and next_at > clock_timestamp()
				and (wait_reason = 'off' or error ->> 'code' = 'publish_off')
			order by scheduled_at limit 1000) x
		group by account_id order by account_id
	loop
		-- An account that somebody holds just now is left to its own time.
		perform 1 from musekit_social.accounts where id = v_account for update skip locked;
		continue when not found;
		update musekit_social.posts set next_at = null, wait_reason = null
			where id = any (v_posts) and state = 'scheduled' and next_at is not null;
		perform musekit_social.refresh_due(v_account);
	end loop;
end $$;

create or replace function public.social_settings_set(p_contract integer, p_key text, p_value jsonb)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v jsonb;
	v_old jsonb;
begin
	perform musekit_social.enter(p_contract);
	if jsonb_typeof(p_value) <> 'object' then
		perform musekit_social.refuse(400, 'setting_invalid', 'A setting is a JSON object. Nothing was changed.');
	end if;
	select value into v_old from musekit_social.settings where key = p_key for update;
	if not found then
		perform musekit_social.refuse(404, 'setting_unknown', format('There is no setting %s.', p_key),
			'Use module, features, platforms, caps, timing, burst, outage, tokens, risks, media or panel.');
	end if;
	perform musekit_social.check_setting(p_key, p_value);
	-- Of a tier only what is named changes.
	if exists (select 1 from musekit_social.setting_rules where key = p_key and field like '*%') then
		select coalesce(jsonb_object_agg(t, coalesce(v_old -> t, '{}') || v_tier), '{}') into p_value
			from jsonb_each(p_value) x(t, v_tier);
	end if;
	update musekit_social.settings set value = value || p_value, updated_at = clock_timestamp()
		where key = p_key returning value into v;
	if p_key in ('module', 'features', 'platforms') and v is distinct from v_old then
		perform musekit_social.release_off();
	end if;
	return v;
end $$;

-- A switch by its name: module, feature:<tier>:<feature> or platform:<name>.
create function musekit_social.check_toggle(a_toggle text) returns void
language plpgsql set search_path = '' as $$
begin
	if not exists (select 1 from musekit_social.toggles('{}', '{}', '{}') t where t.toggle = a_toggle) then
		perform musekit_social.refuse(404, 'toggle_unknown', format('There is no switch "%s". Nothing was changed.', left(a_toggle, 60)),
			'Use module, feature:universal:publish, feature:power:schedule, platform:x and so on.');
	end if;
end $$;

-- Accounts and waiting posts that a switch is about; of one owner, or of all.
create function musekit_social.reach_of(a_toggle text, a_owner text) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
	v_platform text := case when a_toggle like 'platform:%' then split_part(a_toggle, ':', 2) end;
	v_tier text := case when a_toggle like 'feature:%' then split_part(a_toggle, ':', 2) end;
	v_feature text := case when a_toggle like 'feature:%' then split_part(a_toggle, ':', 3) end;
	v_answer jsonb;
begin
	select jsonb_build_object(
		'scheduled', count(*),
		'due', count(*) filter (where p.scheduled_at <= clock_timestamp()),
		'late', count(*) filter (where p.scheduled_at < clock_timestamp() - p.max_lateness_ms * interval '1 millisecond'),
		'next', musekit_social.iso(min(p.scheduled_at)))
	into v_answer
	from musekit_social.posts p join musekit_social.owners o on o.id = p.owner_id
	where p.state = 'scheduled' and (a_owner is null or p.owner_id = a_owner)
		and (v_platform is null or p.platform = v_platform)
		and (v_tier is null or (o.tier = v_tier and v_feature = any (musekit_social.features_of(p))));
	return v_answer || jsonb_build_object(
		'accounts', (select count(*) from musekit_social.accounts a join musekit_social.owners o on o.id = a.owner_id
			where a.status <> 'disconnected' and (a_owner is null or a.owner_id = a_owner)
				and (v_platform is null or a.platform = v_platform) and (v_tier is null or o.tier = v_tier)),
		'owners', (select count(*) from musekit_social.owners o
			where (a_owner is null or o.id = a_owner) and (v_tier is null or o.tier = v_tier)),
		'series', (select count(*) from musekit_social.series s
			join musekit_social.owners o on o.id = s.owner_id join musekit_social.accounts a on a.id = s.account_id
			where s.active and (a_owner is null or s.owner_id = a_owner)
				and (v_platform is null or a.platform = v_platform) and (v_tier is null or o.tier = v_tier)));
end $$;

create function public.social_features(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object('toggles', (select jsonb_agg(jsonb_build_object('toggle', t.toggle, 'on', t.is_on,
			'since', (select musekit_social.iso(o.off_at) from musekit_social.off_times o
				where o.toggle = t.toggle and o.on_at is null)) order by t.toggle)
		from musekit_social.toggles(musekit_social.setting_value('module'), musekit_social.setting_value('features'),
			musekit_social.setting_value('platforms')) t));
end $$;

create function public.social_feature_reach(p_contract integer, p_toggle text, p_owner text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.check_toggle(p_toggle);
	return musekit_social.reach_of(p_toggle, p_owner);
end $$;

-- `p_late` false: posts that are past their maximum lateness by now are missed instead of going out.
create function public.social_feature_set(p_contract integer, p_toggle text, p_on boolean, p_late boolean default true)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_parts text[] := string_to_array(p_toggle, ':');
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.check_toggle(p_toggle);
	perform public.social_settings_set(p_contract,
		case v_parts[1] when 'module' then 'module' when 'feature' then 'features' else 'platforms' end,
		case v_parts[1]
			when 'module' then jsonb_build_object('enabled', p_on)
			when 'feature' then jsonb_build_object(v_parts[2], jsonb_build_object(v_parts[3], p_on))
			else jsonb_build_object(v_parts[2], p_on) end);
	if p_on and not p_late then
		update musekit_social.off_times set forgiven = false
			where toggle = p_toggle and on_at = (select max(on_at) from musekit_social.off_times where toggle = p_toggle);
	end if;
	return public.social_features(p_contract);
end $$;

-- How long a runner leaves a due post to n8n: while n8n's heartbeat is fresh, the setting, or else its
-- interval and a little more, so that a healthy n8n stays the main carrier; none when n8n is silent.
create or replace function musekit_social.grace_ms(a_kind text) returns bigint
language sql volatile set search_path = '' as $$
	select case when a_kind = 'runner' then coalesce((
		select max(coalesce((musekit_social.setting('timing', 'graceMs') #>> '{}')::bigint, h.interval_ms + 15000))
		from musekit_social.heartbeats h
		where h.kind = 'n8n' and h.last_at > clock_timestamp() - (h.interval_ms + 15000) * interval '1 millisecond'), 0)
	else 0 end;
$$;

-- Postgres lets PUBLIC run every new function. Every migration from here on ends with this, which closes
-- what it has made: our functions to all but the server's role, the pieces behind them and the tables to
-- all but their owner. A table with row security is left alone, so that no old one is locked.
create function musekit_social.restrict_access() returns void
language plpgsql set search_path = '' as $$
declare
	f regprocedure;
	t text;
begin
	for t in select tablename from pg_catalog.pg_tables where schemaname = 'musekit_social' and not rowsecurity loop
		execute format('alter table musekit_social.%I enable row level security', t);
		execute format('revoke all on table musekit_social.%I from public', t);
	end loop;
	for f in select p.oid::regprocedure from pg_catalog.pg_proc p
		where p.pronamespace = 'public'::regnamespace and p.proname like 'social\_%'
			-- A project may have functions of its own whose names begin so.
			and p.proargnames[1] = 'p_contract' loop
		execute format('revoke all on function %s from public, anon, authenticated', f);
		execute format('grant execute on function %s to service_role', f);
	end loop;
	for f in select p.oid::regprocedure from pg_catalog.pg_proc p
		where p.pronamespace = 'musekit_social'::regnamespace loop
		execute format('revoke all on function %s from public', f);
	end loop;
end $$;

select musekit_social.restrict_access();
