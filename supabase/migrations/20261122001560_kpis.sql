-- Key figures. Events are counted, not states: a post that failed and went out later is one failure
-- and one publication. They are rolled up by upkeep, beside the publishing path: creations are read by
-- the time in their ids, publications by the index below, and only ends that are rare leave a row.

create index posts_published on musekit_social.posts (owner_id, published_at desc, id)
	where published_at is not null;

-- Ends that are rare, each when it happens. A publication stands here when no carrier had the post in
-- its hands any more: late evidence, or a person's word, whose time may lie far back.
create table musekit_social.post_events (
	id bigint generated always as identity primary key,
	post_id uuid not null,
	owner_id text not null,
	platform text not null,
	kind text not null check (kind in ('published', 'failed', 'missed', 'cancelled', 'needs_review')),
	carrier text not null check (carrier in ('n8n', 'runner', 'none')),
	at timestamptz not null,
	late interval,
	counted boolean not null default false
);
create index post_events_new on musekit_social.post_events (id) where not counted;
create index post_events_of_owner on musekit_social.post_events (owner_id, at);
create index post_events_published on musekit_social.post_events (post_id) where kind = 'published';

-- Per owner and hour (45 days), day and month, in UTC. `lateness` counts publications by how late they
-- were, see lateness_step.
create table musekit_social.kpi_counts (
	owner_id text not null references musekit_social.owners,
	grain text not null check (grain in ('hour', 'day', 'month')),
	at timestamptz not null,
	platform text not null,
	-- Who published it, or had it last; none: nobody, or nobody yet.
	carrier text not null,
	tier text not null,
	created integer not null,
	published integer not null,
	failed integer not null,
	missed integer not null,
	cancelled integer not null,
	needs_review integer not null,
	lateness integer[],
	primary key (owner_id, grain, at, platform, carrier, tier)
);
create index kpi_counts_by_time on musekit_social.kpi_counts (grain, at);

-- What may be said about all owners together: sums over at least five owners each, for days that are
-- over. Null: what was folded together because it had fewer. Every answer is a sum of such rows, so no
-- difference of two answers says anything about fewer than five.
create table musekit_social.kpi_all (
	at timestamptz not null,
	platform text,
	carrier text,
	tier text,
	created integer not null,
	published integer not null,
	failed integer not null,
	missed integer not null,
	cancelled integer not null,
	needs_review integer not null,
	lateness integer[],
	unique nulls not distinct (at, platform, carrier, tier)
);

create table musekit_social.kpi_days (
	at timestamptz primary key,
	-- Counted since its rows in kpi_all were made.
	changed boolean not null default true,
	-- Something of this day had fewer than five owners even when folded, and is left out.
	withheld boolean not null default false
);

create table musekit_social.kpi_state (
	one boolean primary key default true check (one),
	-- Everything created or published before is counted.
	until timestamptz not null default '-infinity'
);
insert into musekit_social.kpi_state default values;

-- Steps of a fifth from 0.1 s on: the first is everything below, the 96th everything from 38 days on.
-- A value read from a step's middle is off by at most 10 %.
create function musekit_social.lateness_step(a_late interval) returns integer
language sql immutable set search_path = '' as $$
	select case when a_late < interval '100 milliseconds' then 1
		else least(96, 2 + floor(ln(extract(epoch from a_late) * 10) / ln(1.2)))::integer end;
$$;

create function musekit_social.lateness_ms(a_step bigint) returns bigint language sql immutable
return round(case when a_step <= 1 then 50 else 100 * power(1.2, a_step - 1.5) end)::bigint;

-- How many of the given steps there are of each.
create function musekit_social.lateness_counts(a_steps integer[]) returns integer[]
language sql immutable set search_path = '' as $$
	select case when a_steps is not null then array(
		select count(s.step)::integer from generate_series(1, 96) i
		left join unnest(a_steps) s(step) on s.step = i group by i order by i) end;
$$;

create function musekit_social.add_counts(a_left integer[], a_right integer[]) returns integer[]
language sql immutable set search_path = '' as $$
	select case when a_left is null then a_right when a_right is null then a_left else array(
		select l + r from unnest(a_left, a_right) with ordinality x(l, r, i) order by i) end;
$$;

-- The smallest id that uuid_v7() can have given at this instant.
create function musekit_social.first_id(a_at timestamptz) returns uuid
language sql immutable set search_path = '' as $$
	select (case when a_at <= 'epoch' then repeat('0', 32) when a_at = 'infinity' then repeat('f', 32)
		else lpad(to_hex((extract(epoch from a_at) * 1000)::bigint), 12, '0') || repeat('0', 20) end)::uuid;
$$;

create function musekit_social.carrier_of(a_post uuid) returns text
language sql stable set search_path = '' as $$
	select coalesce((select t.carrier_kind from musekit_social.attempts t
		where t.post_id = a_post order by t.fence desc limit 1), 'none');
$$;

create function musekit_social.note_end() returns trigger
language plpgsql set search_path = '' as $$
begin
	insert into musekit_social.post_events (post_id, owner_id, platform, kind, carrier, at, late)
	values (new.id, new.owner_id, new.platform, new.state, musekit_social.carrier_of(new.id),
		case when new.state = 'published' then coalesce(new.published_at, clock_timestamp()) else clock_timestamp() end,
		case when new.state = 'published' then new.published_at - new.scheduled_at end);
	return null;
end $$;
create trigger note_end after update of state on musekit_social.posts
	for each row when (old.state <> new.state and (new.state in ('failed', 'missed', 'cancelled', 'needs_review')
		or (new.state = 'published' and old.state <> 'publishing')))
	execute function musekit_social.note_end();

-- What the posts say of [a_from, a_to): creations and publications, of one owner or of all.
create function musekit_social.kpi_events(a_from timestamptz, a_to timestamptz, a_owner text default null)
returns table (owner_id text, at timestamptz, platform text, carrier text, kind text, late interval)
language sql stable set search_path = '' as $$
	select p.owner_id, p.created_at, p.platform, 'none', 'created', null::interval
	from musekit_social.posts p
	where p.id >= musekit_social.first_id(a_from)
		and p.id < musekit_social.first_id(a_to)
		and (a_owner is null or p.owner_id = a_owner)
	union all
	select p.owner_id, p.published_at, p.platform, musekit_social.carrier_of(p.id), 'published',
		p.published_at - p.scheduled_at
	from musekit_social.owners o join musekit_social.posts p on p.owner_id = o.id
	where (a_owner is null or o.id = a_owner) and p.published_at >= a_from and p.published_at < a_to
		and not exists (select 1 from musekit_social.post_events e where e.post_id = p.id and e.kind = 'published');
$$;

create type musekit_social.kpi_event as (
	owner_id text, at timestamptz, platform text, carrier text, kind text, late interval
);

-- Adds events to the counts of their hour, day and month.
create function musekit_social.count_events(a_events musekit_social.kpi_event[]) returns void
language sql set search_path = '' as $$
	with added as (
		insert into musekit_social.kpi_counts as k
		select e.owner_id, g.grain, date_trunc(g.grain, e.at, 'UTC'), e.platform, e.carrier, o.tier,
			count(*) filter (where e.kind = 'created'), count(*) filter (where e.kind = 'published'),
			count(*) filter (where e.kind = 'failed'), count(*) filter (where e.kind = 'missed'),
			count(*) filter (where e.kind = 'cancelled'), count(*) filter (where e.kind = 'needs_review'),
			musekit_social.lateness_counts(array_agg(musekit_social.lateness_step(e.late)) filter (where e.late is not null))
		from unnest(a_events) e
		join musekit_social.owners o on o.id = e.owner_id
		join (values ('hour', interval '45 days'), ('day', null), ('month', null)) g(grain, kept)
			on g.kept is null or e.at > clock_timestamp() - g.kept
		group by 1, 2, 3, 4, 5, 6
		on conflict (owner_id, grain, at, platform, carrier, tier) do update set
			created = k.created + excluded.created, published = k.published + excluded.published,
			failed = k.failed + excluded.failed, missed = k.missed + excluded.missed,
			cancelled = k.cancelled + excluded.cancelled, needs_review = k.needs_review + excluded.needs_review,
			lateness = musekit_social.add_counts(k.lateness, excluded.lateness)
		returning k.grain, k.at
	)
	insert into musekit_social.kpi_days (at) select distinct at from added where grain = 'day'
	on conflict (at) do update set changed = true;
$$;

-- What may be said about all owners for one day: cells of platform, carrier and tier with five owners
-- or more, and the rest of the day together when that has five.
create function musekit_social.fold_day(a_day timestamptz) returns void
language plpgsql set search_path = '' as $$
declare v_rest integer;
begin
	delete from musekit_social.kpi_all where at = a_day;
	select count(distinct k.owner_id) into v_rest from musekit_social.kpi_counts k
	where k.grain = 'day' and k.at = a_day and (
		select count(*) from musekit_social.kpi_counts o where o.grain = 'day' and o.at = a_day
			and (o.platform, o.carrier, o.tier) = (k.platform, k.carrier, k.tier)) < 5;
	insert into musekit_social.kpi_all
	with cells as (
		select k.*, count(*) over (partition by k.platform, k.carrier, k.tier) >= 5 as enough
		from musekit_social.kpi_counts k where k.grain = 'day' and k.at = a_day
	), folded as (
		select case when enough then platform end as p, case when enough then carrier end as c,
			case when enough then tier end as t, cells.*
		from cells where enough or v_rest >= 5
	), steps as (
		select f.p, f.c, f.t, l.i, sum(l.n)::integer as n
		from folded f, unnest(f.lateness) with ordinality l(n, i) group by 1, 2, 3, 4
	), lateness as (
		select p, c, t, array_agg(n order by i) as counts from steps group by 1, 2, 3
	)
	select a_day, g.*, l.counts from (
		select f.p, f.c, f.t, sum(f.created), sum(f.published), sum(f.failed), sum(f.missed), sum(f.cancelled),
			sum(f.needs_review)
		from folded f group by 1, 2, 3) g
	left join lateness l on (l.p, l.c, l.t) is not distinct from (g.p, g.c, g.t);
	update musekit_social.kpi_days set changed = false, withheld = v_rest between 1 and 4 where at = a_day;
end $$;

-- Counts what has come since the last time, for about as long as it may; true when nothing is left.
-- One at a time; another caller goes away at once. Events are counted only when every transaction that
-- could still bring an older one has ended; whoever reads adds the newest from the posts themselves.
create function musekit_social.roll_up(a_budget interval) returns boolean
language plpgsql set search_path = '' as $$
declare
	v_stop timestamptz := clock_timestamp() + a_budget;
	v_horizon timestamptz;
	v_from timestamptz;
	v_to timestamptz;
	v_step interval := interval '1 hour';
	v_events musekit_social.kpi_event[];
	v_ids bigint[];
	v_day timestamptz;
begin
	if not pg_try_advisory_xact_lock(hashtextextended('musekit_social.roll_up', 0)) then
		return false;
	end if;
	v_horizon := least(clock_timestamp() - interval '1 minute', (
		select min(s.xact_start) from pg_catalog.pg_stat_activity s
		where s.backend_xid is not null and s.datname = current_database() and s.pid <> pg_backend_pid()));
	select until into v_from from musekit_social.kpi_state;
	if v_from = '-infinity' then
		v_from := date_trunc('hour', least(
			(select to_timestamp((('x' || left(replace(p.id::text, '-', ''), 12))::bit(48)::bigint) / 1000.0)
				from musekit_social.posts p order by p.id limit 1),
			(select min(first.at) from musekit_social.owners o, lateral (
				select min(p.published_at) as at from musekit_social.posts p where p.owner_id = o.id) first),
			v_horizon));
	end if;
	while v_from < v_horizon and clock_timestamp() < v_stop loop
		v_to := least(v_from + v_step, v_horizon);
		select array_agg(row (e.*)::musekit_social.kpi_event) into v_events
			from musekit_social.kpi_events(v_from, v_to) e;
		if v_events is not null then
			perform musekit_social.count_events(v_events);
		end if;
		-- Quiet times are passed by in large steps.
		v_step := case when coalesce(cardinality(v_events), 0) < 2000 then least(v_step * 2, interval '30 days')
			else greatest(v_step / 2, interval '1 minute') end;
		v_from := v_to;
	end loop;
	update musekit_social.kpi_state set until = v_from;
	while clock_timestamp() < v_stop loop
		with taken as (
			update musekit_social.post_events e set counted = true
			where e.id in (select n.id from musekit_social.post_events n where not n.counted order by n.id limit 2000)
			returning e.*
		)
		select array_agg(row (s.owner_id, s.at, s.platform, s.carrier, s.kind, s.late)::musekit_social.kpi_event)
			into v_events from taken s;
		exit when v_events is null;
		perform musekit_social.count_events(v_events);
	end loop;
	for v_day in
		select d.at from musekit_social.kpi_days d
		where d.changed and d.at + interval '1 day' <= v_from order by d.at
	loop
		exit when clock_timestamp() >= v_stop;
		perform musekit_social.fold_day(v_day);
	end loop;
	return v_from >= v_horizon and clock_timestamp() < v_stop;
end $$;

-- For upkeep and for whoever is about to read key figures.
create function public.social_rollup(p_contract integer, p_budget_ms integer default 2000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare v_done boolean;
begin
	perform musekit_social.enter(p_contract);
	v_done := musekit_social.roll_up(least(greatest(p_budget_ms, 1), 60000) * interval '1 millisecond');
	return jsonb_build_object('upToDate', v_done,
		'until', (select musekit_social.iso(nullif(until, '-infinity')) from musekit_social.kpi_state));
end $$;

-- Hours are for looking closely at what is recent; an event is kept a day longer than it could be read twice.
create function musekit_social.forget_counted() returns void
language sql set search_path = '' as $$
	delete from musekit_social.kpi_counts
		where grain = 'hour' and at < clock_timestamp() - interval '46 days';
	delete from musekit_social.post_events e using musekit_social.kpi_state s
		where e.counted and e.at < s.until - interval '1 day';
$$;

-- Nothing is purged before it is counted.
create or replace function public.social_purge(p_contract integer, p_older_than_ms bigint, p_limit integer default 500)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_before timestamptz := clock_timestamp() - p_older_than_ms * interval '1 millisecond';
	v_post uuid;
	v_purged integer := 0;
	p musekit_social.posts;
begin
	perform musekit_social.enter(p_contract);
	-- Look-ups compare with our own posts of the last week; the 8th day is for clocks and queues.
	if p_older_than_ms is null or p_older_than_ms < 691200000 then
		perform musekit_social.refuse(400, 'purge_too_young',
			'Posts are kept for at least 8 days after their end, because look-ups need them. Nothing was removed.',
			'Give an age of 8 days (691200000 ms) or more.');
	end if;
	perform musekit_social.roll_up(interval '2 seconds');
	v_before := least(v_before, (select until from musekit_social.kpi_state));
	for v_post in
		select id from musekit_social.posts
		where state in ('published', 'failed', 'missed', 'cancelled') and open_intents = 0 and updated_at < v_before
		order by updated_at limit least(greatest(p_limit, 1), 5000)
	loop
		p := musekit_social.lock_post(v_post);
		continue when p.state not in ('published', 'failed', 'missed', 'cancelled') or p.open_intents > 0
			or p.updated_at >= v_before;
		insert into musekit_social.tombstones (owner_id, call_key, call_ordinal, fingerprint, post_id)
			values (p.owner_id, p.call_key, p.call_ordinal, p.fingerprint, p.id)
			on conflict (owner_id, call_key, call_ordinal) do nothing;
		delete from musekit_social.server_failures where post_id = p.id;
		delete from musekit_social.resolutions where post_id = p.id;
		delete from musekit_social.step_results where post_id = p.id;
		delete from musekit_social.evidence where post_id = p.id;
		delete from musekit_social.intents where post_id = p.id;
		delete from musekit_social.attempts where post_id = p.id;
		delete from musekit_social.posts where id = p.id;
		v_purged := v_purged + 1;
	end loop;
	return jsonb_build_object('purged', v_purged);
end $$;

-- Aggregates over a range, by bucket and by platform, carrier and tier. With an owner: theirs, to the
-- second. Without: all owners together as kpi_all has it. One look, so that nothing is counted twice.
create function public.social_kpis(
	p_contract integer, p_from timestamptz, p_to timestamptz, p_bucket text default 'day',
	p_filters jsonb default '{}', p_owner text default null
) returns jsonb language plpgsql stable security definer set search_path = '' as $$
declare
	v_grain text := case p_bucket when 'week' then 'day' else p_bucket end;
	v_from timestamptz := date_trunc(v_grain, p_from, 'UTC');
	v_most interval := case p_bucket when 'hour' then interval '14 days' when 'month' then interval '10 years'
		else interval '400 days' end;
	v_until timestamptz := (select until from musekit_social.kpi_state);
	v_platforms jsonb := p_filters -> 'platforms';
	v_carriers jsonb := p_filters -> 'carriers';
	v_tiers jsonb := p_filters -> 'tiers';
	v_sums jsonb;
begin
	perform musekit_social.enter(p_contract);
	if coalesce(p_bucket, '') not in ('hour', 'day', 'week', 'month') or p_from is null or p_to is null
		or p_to <= p_from or p_to - p_from > v_most or (p_owner is null and p_bucket = 'hour') then
		perform musekit_social.refuse(400, 'kpi_range_invalid',
			'Key figures are given by the hour (one owner, up to 14 days), by day or week (up to 400 days) or by month (up to 10 years).',
			'Choose a shorter range or larger steps.');
	end if;
	with counts as materialized (
		select k.at, k.platform, k.carrier, k.tier, k.created, k.published, k.failed, k.missed, k.cancelled,
			k.needs_review, k.lateness
		from musekit_social.kpi_counts k
		where p_owner is not null and k.owner_id = p_owner and k.grain = v_grain and k.at >= v_from and k.at < p_to
		union all
		select date_trunc(v_grain, e.at, 'UTC'), e.platform, e.carrier, o.tier,
			count(*) filter (where e.kind = 'created'), count(*) filter (where e.kind = 'published'),
			count(*) filter (where e.kind = 'failed'), count(*) filter (where e.kind = 'missed'),
			count(*) filter (where e.kind = 'cancelled'), count(*) filter (where e.kind = 'needs_review'),
			musekit_social.lateness_counts(array_agg(musekit_social.lateness_step(e.late)) filter (where e.late is not null))
		from (
			select * from musekit_social.kpi_events(v_until, 'infinity', p_owner)
			union all
			select n.owner_id, n.at, n.platform, n.carrier, n.kind, n.late from musekit_social.post_events n
			where not n.counted and n.owner_id = p_owner
		) e join musekit_social.owners o on o.id = e.owner_id
		where p_owner is not null and e.at >= v_from and e.at < p_to
		group by 1, 2, 3, 4
		union all
		select a.at, coalesce(a.platform, 'other'), coalesce(a.carrier, 'other'), coalesce(a.tier, 'other'), a.created,
			a.published, a.failed, a.missed, a.cancelled, a.needs_review, a.lateness
		from musekit_social.kpi_all a
		where p_owner is null and a.at >= v_from and a.at < date_trunc('day', p_to, 'UTC')
	), chosen as materialized (
		select c.*, date_trunc(p_bucket, c.at, 'UTC') as bucket from counts c
		where (v_platforms is null or v_platforms ? c.platform) and (v_carriers is null or v_carriers ? c.carrier)
			and (v_tiers is null or v_tiers ? c.tier)
	), sums as (
		select case when grouping(c.bucket) = 0 then 'series' when grouping(c.platform) = 0 then 'platform'
				when grouping(c.carrier) = 0 then 'carrier' when grouping(c.tier) = 0 then 'tier' else 'total' end as of,
			coalesce(musekit_social.iso(c.bucket), c.platform, c.carrier, c.tier, '') as key,
			coalesce(sum(c.created), 0) as created, coalesce(sum(c.published), 0) as published,
			coalesce(sum(c.failed), 0) as failed, coalesce(sum(c.missed), 0) as missed,
			coalesce(sum(c.cancelled), 0) as cancelled, coalesce(sum(c.needs_review), 0) as needs_review
		from chosen c group by grouping sets ((), (c.bucket), (c.platform), (c.carrier), (c.tier))
	), sums_of as materialized (
		-- Each step by itself: taking every array apart costs more, the fuller the arrays are.
		select bucket, platform, carrier, tier, array[
			sum(lateness[1]), sum(lateness[2]), sum(lateness[3]), sum(lateness[4]), sum(lateness[5]), sum(lateness[6]),
			sum(lateness[7]), sum(lateness[8]), sum(lateness[9]), sum(lateness[10]), sum(lateness[11]), sum(lateness[12]),
			sum(lateness[13]), sum(lateness[14]), sum(lateness[15]), sum(lateness[16]), sum(lateness[17]), sum(lateness[18]),
			sum(lateness[19]), sum(lateness[20]), sum(lateness[21]), sum(lateness[22]), sum(lateness[23]), sum(lateness[24]),
			sum(lateness[25]), sum(lateness[26]), sum(lateness[27]), sum(lateness[28]), sum(lateness[29]), sum(lateness[30]),
			sum(lateness[31]), sum(lateness[32]), sum(lateness[33]), sum(lateness[34]), sum(lateness[35]), sum(lateness[36]),
			sum(lateness[37]), sum(lateness[38]), sum(lateness[39]), sum(lateness[40]), sum(lateness[41]), sum(lateness[42]),
			sum(lateness[43]), sum(lateness[44]), sum(lateness[45]), sum(lateness[46]), sum(lateness[47]), sum(lateness[48]),
			sum(lateness[49]), sum(lateness[50]), sum(lateness[51]), sum(lateness[52]), sum(lateness[53]), sum(lateness[54]),
			sum(lateness[55]), sum(lateness[56]), sum(lateness[57]), sum(lateness[58]), sum(lateness[59]), sum(lateness[60]),
			sum(lateness[61]), sum(lateness[62]), sum(lateness[63]), sum(lateness[64]), sum(lateness[65]), sum(lateness[66]),
			sum(lateness[67]), sum(lateness[68]), sum(lateness[69]), sum(lateness[70]), sum(lateness[71]), sum(lateness[72]),
			sum(lateness[73]), sum(lateness[74]), sum(lateness[75]), sum(lateness[76]), sum(lateness[77]), sum(lateness[78]),
			sum(lateness[79]), sum(lateness[80]), sum(lateness[81]), sum(lateness[82]), sum(lateness[83]), sum(lateness[84]),
			sum(lateness[85]), sum(lateness[86]), sum(lateness[87]), sum(lateness[88]), sum(lateness[89]), sum(lateness[90]),
			sum(lateness[91]), sum(lateness[92]), sum(lateness[93]), sum(lateness[94]), sum(lateness[95]), sum(lateness[96])
		] as lateness from chosen where lateness is not null group by grouping sets ((bucket), (platform, carrier, tier))
	), summed as materialized (
		select c.bucket, c.platform, c.carrier, c.tier, l.i, l.n
		from sums_of c, unnest(c.lateness) with ordinality l(n, i) where l.n > 0
	), spread as (
		select 'series' as of, bucket, '' as key, i, n from summed where bucket is not null
		union all
		select case when grouping(platform) = 0 then 'platform' when grouping(carrier) = 0 then 'carrier'
				when grouping(tier) = 0 then 'tier' else 'total' end,
			null, coalesce(platform, carrier, tier, ''), i, sum(n)
		from summed where bucket is null group by grouping sets ((i), (platform, i), (carrier, i), (tier, i))
	), ranks as (
		-- By time first: comparing texts, and times written as texts, is most of the work otherwise.
		select of, bucket, key, i, sum(n) over (partition by bucket, key, of order by i) as upto,
			sum(n) over (partition by bucket, key, of) as of_all
		from spread
	), lateness as (
		select of, coalesce(musekit_social.iso(bucket), key) as key, jsonb_build_object(
			'p50', musekit_social.lateness_ms(min(i) filter (where upto * 2 >= of_all)),
			'p95', musekit_social.lateness_ms(min(i) filter (where upto * 20 >= of_all * 19))) as late
		from ranks group by bucket, ranks.key, of
	)
	select jsonb_object_agg(x.of, x.list) into v_sums from (
		select s.of, jsonb_agg(jsonb_build_object('key', s.key, 'created', s.created, 'published', s.published,
			'failed', s.failed, 'missed', s.missed, 'cancelled', s.cancelled, 'needsReview', s.needs_review,
			'lateness', l.late) order by s.key) as list
		from sums s left join lateness l on l.of = s.of and l.key = s.key group by s.of) x;
	return jsonb_build_object('from', musekit_social.iso(v_from), 'to', musekit_social.iso(p_to), 'bucket', p_bucket,
		'totals', (v_sums -> 'total' -> 0) - 'key',
		'series', coalesce(v_sums -> 'series', '[]'), 'platforms', coalesce(v_sums -> 'platform', '[]'),
		'carriers', coalesce(v_sums -> 'carrier', '[]'), 'tiers', coalesce(v_sums -> 'tier', '[]'),
		'withheld', p_owner is null and exists (select 1 from musekit_social.kpi_days d
			where d.withheld and d.at >= v_from and d.at < p_to),
		'enoughOwners', (select count(*) >= 5 from (select 1 from musekit_social.owners limit 5) o));
end $$;

select musekit_social.restrict_access();
