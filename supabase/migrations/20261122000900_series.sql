-- Posts that come again: a rule in wall time and zone, and the one function that makes occurrences.

create table musekit_social.series (
	id uuid primary key,
	owner_id text not null references musekit_social.owners,
	account_id uuid not null references musekit_social.accounts,
	content jsonb not null,
	frequency text not null check (frequency in ('daily', 'weekly', 'monthly')),
	-- Every how many days, weeks or months.
	every integer not null default 1 check (every between 1 and 366),
	-- Weekly: ISO days, 1 is Monday.
	weekdays integer[] not null default '{}' check (weekdays <@ array[1, 2, 3, 4, 5, 6, 7]),
	-- Monthly: the day; in shorter months their last one.
	month_day integer check (month_day between 1 and 31),
	local_time time not null,
	time_zone text not null references musekit_social.time_zones,
	starts_on date not null,
	ends_on date,
	max_lateness_ms bigint not null check (max_lateness_ms between 0 and 31536000000),
	protocol integer not null,
	active boolean not null default true,
	filled_through date not null,
	created_at timestamptz not null default clock_timestamp(),
	updated_at timestamptz not null default clock_timestamp(),
	check (frequency <> 'weekly' or weekdays <> '{}'),
	check (frequency <> 'monthly' or month_day is not null)
);
create index series_to_fill on musekit_social.series (filled_through) where active;
alter table musekit_social.series enable row level security;
revoke all on table musekit_social.series from public;

alter table musekit_social.posts add constraint posts_series foreign key (series_id) references musekit_social.series;
create unique index posts_one_per_occurrence on musekit_social.posts (series_id, wall_time, time_zone)
	where series_id is not null;

create function musekit_social.occurs_on(s musekit_social.series, d date) returns boolean
language sql immutable set search_path = '' as $$
	select case s.frequency
		when 'daily' then (d - s.starts_on) % s.every = 0
		when 'weekly' then extract(isodow from d)::integer = any (s.weekdays)
			and ((date_trunc('week', d)::date - date_trunc('week', s.starts_on)::date) / 7) % s.every = 0
		when 'monthly' then
			extract(day from d)::integer = least(s.month_day,
				extract(day from (date_trunc('month', d) + interval '1 month - 1 day'))::integer)
			and ((extract(year from d) - extract(year from s.starts_on)) * 12
				+ extract(month from d) - extract(month from s.starts_on))::integer % s.every = 0
	end;
$$;

-- Makes the occurrences of every active series up to a time. The unique index makes a repeat, or
-- two callers at once, harmless. Answers how many were made.
create function musekit_social.fill_series(a_until timestamptz, a_limit integer) returns integer
language plpgsql set search_path = '' as $$
declare
	s musekit_social.series;
	a musekit_social.accounts;
	v_day date;
	v_last date;
	v_wall timestamp;
	v_at timestamptz;
	v_made integer := 0;
	v_rows integer;
	v_id uuid;
begin
	for v_id in select id from musekit_social.series
		where active and filled_through < (a_until at time zone time_zone)::date order by filled_through limit a_limit
	loop
		-- Account before series before post, as everywhere.
		select x.* into a from musekit_social.accounts x
			where x.id = (select account_id from musekit_social.series where id = v_id) for update skip locked;
		continue when not found;
		select * into s from musekit_social.series where id = v_id for update;
		v_last := least((a_until at time zone s.time_zone)::date, coalesce(s.ends_on, 'infinity'::date));
		v_day := s.filled_through;
		while v_day < v_last loop
			v_day := v_day + 1;
			continue when not musekit_social.occurs_on(s, v_day);
			v_wall := v_day + s.local_time;
			v_at := musekit_social.instant_of(v_wall, s.time_zone);
			-- What passed before the rule was made or changed is nobody's wish; what passed in an outage
			-- goes out while it is not too late.
			continue when v_at < greatest(s.updated_at, clock_timestamp() - s.max_lateness_ms * interval '1 millisecond');
			insert into musekit_social.posts (
				owner_id, account_id, platform, remote_account, call_key, call_ordinal, fingerprint, source, content,
				content_hash, text_hash, state, scheduled_at, wall_time, time_zone, max_lateness_ms, protocol, series_id)
			values (s.owner_id, a.id, a.platform, a.remote_account, 'series:' || s.id || ':' || v_wall || ':' || s.time_zone, 0,
				musekit_social.content_hash(s.content), 'series', s.content, musekit_social.content_hash(s.content),
				musekit_social.hash_of(coalesce(s.content ->> 'text', '')), 'scheduled', v_at, v_wall, s.time_zone,
				s.max_lateness_ms, s.protocol, s.id)
			on conflict do nothing;
			get diagnostics v_rows = row_count;
			v_made := v_made + v_rows;
		end loop;
		update musekit_social.series set filled_through = greatest(filled_through, (a_until at time zone s.time_zone)::date),
			active = active and (ends_on is null or ends_on > (a_until at time zone s.time_zone)::date)
		where id = s.id;
		perform musekit_social.refresh_due(a.id);
	end loop;
	return v_made;
end $$;

create function musekit_social.series_view(s musekit_social.series) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', s.id, 'owner', s.owner_id, 'accountId', s.account_id, 'content', s.content,
		'frequency', s.frequency, 'every', s.every, 'weekdays', to_jsonb(s.weekdays), 'monthDay', s.month_day,
		'localTime', to_char(s.local_time, 'HH24:MI'), 'timeZone', s.time_zone, 'startsOn', s.starts_on,
		'endsOn', s.ends_on, 'maxLatenessMs', s.max_lateness_ms, 'active', s.active,
		'next', coalesce((select jsonb_agg(musekit_social.iso(p.scheduled_at) order by p.scheduled_at) from (
			select scheduled_at from musekit_social.posts where series_id = s.id and state = 'scheduled'
			order by scheduled_at limit 5) p), '[]'));
$$;

-- Occurrences that nobody touched yet make room for the new rule.
create function musekit_social.drop_untouched(a_series uuid) returns void
language sql set search_path = '' as $$
	delete from musekit_social.posts where series_id = a_series and state = 'scheduled' and attempts = 0 and version = 1;
$$;

create function public.social_series_save(p_contract integer, p_id uuid, p_owner text, p_series jsonb)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	s musekit_social.series;
	a musekit_social.accounts;
	v_errors jsonb;
	v_off text;
begin
	perform musekit_social.enter(p_contract);
	a := musekit_social.account_of((p_series ->> 'accountId')::uuid, p_owner);
	perform 1 from musekit_social.accounts where id = a.id for update;
	v_off := musekit_social.off_reason(p_owner, 'recurrence', a.platform);
	if v_off is not null then
		perform musekit_social.refuse(403, 'off', v_off || '. Nothing was saved.', 'Ask whoever runs MuseKit Social here to switch it on.');
	end if;
	if not exists (select 1 from musekit_social.time_zones where name = p_series ->> 'timeZone') then
		perform musekit_social.refuse(400, 'time_zone_unknown',
			format('"%s" is not a time zone. Nothing was saved.', p_series ->> 'timeZone'),
			'Use an IANA name such as Europe/Berlin or America/New_York.');
	end if;
	v_errors := musekit_social.entry_errors(p_owner, p_series, a, clock_timestamp(), 1000);
	if jsonb_array_length(v_errors) > 0 then
		perform musekit_social.refuse(400, v_errors -> 0 ->> 'code', (v_errors -> 0 ->> 'message') || ' Nothing was saved.',
			v_errors -> 0 ->> 'remedy');
	end if;
	select * into s from musekit_social.series where id = p_id;
	if found and (s.owner_id, s.account_id) is distinct from (p_owner, a.id) then
		perform musekit_social.refuse(409, 'series_is_another', 'This series belongs to another account. Nothing was saved.');
	end if;
	insert into musekit_social.series as t (id, owner_id, account_id, content, frequency, every, weekdays, month_day,
		local_time, time_zone, starts_on, ends_on, max_lateness_ms, protocol, filled_through)
	values (p_id, p_owner, a.id, p_series -> 'content', p_series ->> 'frequency', coalesce((p_series ->> 'every')::integer, 1),
		coalesce((select array_agg(d::integer) from jsonb_array_elements_text(p_series -> 'weekdays') d), '{}'),
		(p_series ->> 'monthDay')::integer, (p_series ->> 'localTime')::time, p_series ->> 'timeZone',
		coalesce((p_series ->> 'startsOn')::date, (clock_timestamp() at time zone (p_series ->> 'timeZone'))::date),
		(p_series ->> 'endsOn')::date,
		coalesce((p_series ->> 'maxLatenessMs')::bigint, (musekit_social.setting('timing', 'maxLatenessMs'))::bigint),
		coalesce((p_series ->> 'protocol')::integer, 1),
		greatest(coalesce((p_series ->> 'startsOn')::date, '-infinity'::date),
			(clock_timestamp() at time zone (p_series ->> 'timeZone'))::date) - 1)
	on conflict (id) do update set content = excluded.content, frequency = excluded.frequency, every = excluded.every,
		weekdays = excluded.weekdays, month_day = excluded.month_day, local_time = excluded.local_time,
		time_zone = excluded.time_zone,
		starts_on = coalesce((p_series ->> 'startsOn')::date, t.starts_on), ends_on = excluded.ends_on,
		max_lateness_ms = excluded.max_lateness_ms, active = true, filled_through = excluded.filled_through,
		updated_at = clock_timestamp()
	returning * into s;
	perform musekit_social.drop_untouched(s.id);
	perform musekit_social.fill_series(clock_timestamp() + interval '14 days', 50);
	perform musekit_social.refresh_due(a.id);
	select * into s from musekit_social.series where id = p_id;
	return musekit_social.series_view(s) || jsonb_build_object('warnings', (
		select coalesce(jsonb_agg(distinct w), '[]') from musekit_social.posts p,
			jsonb_array_elements(musekit_social.equal_text_warnings(p)) w
		where p.series_id = s.id and p.state = 'scheduled'
			and p.id = (select min(id::text)::uuid from musekit_social.posts where series_id = s.id and state = 'scheduled')));
exception
	when check_violation or invalid_text_representation or datetime_field_overflow or invalid_datetime_format or not_null_violation then
		perform musekit_social.refuse(400, 'series_invalid',
			'The rule is not complete: it takes frequency (daily, weekly with weekdays, monthly with monthDay), localTime and timeZone. Nothing was saved.');
		return null;
end $$;

create function public.social_series_stop(p_contract integer, p_id uuid, p_owner text)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare s musekit_social.series;
begin
	perform musekit_social.enter(p_contract);
	select * into s from musekit_social.series where id = p_id and owner_id = p_owner;
	if not found then
		perform musekit_social.refuse(404, 'series_unknown', format('There is no series %s for this owner.', p_id));
	end if;
	perform 1 from musekit_social.accounts where id = s.account_id for update;
	update musekit_social.series set active = false, updated_at = clock_timestamp() where id = p_id returning * into s;
	perform musekit_social.drop_untouched(s.id);
	perform musekit_social.refresh_due(s.account_id);
	return musekit_social.series_view(s);
end $$;

create function public.social_series_list(p_contract integer, p_owner text)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return coalesce((select jsonb_agg(musekit_social.series_view(s) order by s.id)
		from musekit_social.series s where s.owner_id = p_owner), '[]');
end $$;
