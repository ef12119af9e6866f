-- Upkeep: what carriers look at to see how far behind they are, and what removes old rows.

create index tombstones_of_post on musekit_social.tombstones (post_id);

-- Evidence is never changed. It may go only together with its post, after a purge has put the
-- post's tombstone in place in the same transaction.
create or replace function musekit_social.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
	if tg_op = 'DELETE' and exists (select 1 from musekit_social.tombstones t where t.post_id = old.post_id) then
		return old;
	end if;
	perform musekit_social.refuse(409, 'append_only', 'Evidence is never changed or removed.');
	return null;
end $$;

-- Removes posts that ended long ago with everything of them, and leaves a tombstone for each, so
-- that a repeated create call cannot make one of them again. Drafts, waiting posts, posts for
-- review and posts with an open intent stay.
create function public.social_purge(p_contract integer, p_older_than_ms bigint, p_limit integer default 500)
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

-- Forgets pictures that no post and no series names and that are older than the given time, and
-- answers their paths, so that the caller can delete the bytes.
create function public.social_media_forget(p_contract integer, p_older_than_ms bigint, p_limit integer default 500)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare v_paths jsonb;
begin
	perform musekit_social.enter(p_contract);
	-- A picture is there before the post that names it: an hour is far longer than that takes.
	if p_older_than_ms is null or p_older_than_ms < 3600000 then
		perform musekit_social.refuse(400, 'media_too_young',
			'Pictures are kept for at least an hour. Nothing was removed.', 'Give an age of 3600000 ms or more.');
	end if;
	with used as (
		select p.owner_id, r.ref ->> 'hash' as hash from musekit_social.posts p,
			jsonb_array_elements(case jsonb_typeof(p.content -> 'media') when 'array' then p.content -> 'media' else '[]' end) r(ref)
		union
		select s.owner_id, r.ref ->> 'hash' from musekit_social.series s,
			jsonb_array_elements(case jsonb_typeof(s.content -> 'media') when 'array' then s.content -> 'media' else '[]' end) r(ref)
	), gone as (
		delete from musekit_social.media m using (
			select c.owner_id, c.hash from musekit_social.media c
			where c.created_at < clock_timestamp() - p_older_than_ms * interval '1 millisecond'
				and not exists (select 1 from used u where u.owner_id = c.owner_id and u.hash = c.hash)
			order by c.created_at limit least(greatest(p_limit, 1), 1000) for update skip locked
		) x where m.owner_id = x.owner_id and m.hash = x.hash
		returning m.owner_id, m.hash
	)
	select coalesce(jsonb_agg(jsonb_build_object('owner', owner_id, 'hash', hash)), '[]') into v_paths from gone;
	return jsonb_build_object('media', v_paths);
end $$;

-- Marks what is past its time and makes the occurrences of series; also done with every heartbeat,
-- in smaller portions.
create function public.social_maintain(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
	v_missed integer;
	v_made integer;
begin
	perform musekit_social.enter(p_contract);
	v_missed := musekit_social.mark_missed(1000);
	v_made := musekit_social.fill_series(clock_timestamp() + interval '14 days', 500);
	delete from musekit_social.heartbeats where last_at < clock_timestamp() - interval '30 days';
	return jsonb_build_object('missed', v_missed, 'made', v_made);
end $$;

-- How the work stands, by the store's clock. `lagMs` is how long the longest-waiting account could
-- have been served already; posts that have to wait (paused, spread, dead account) do not count.
create function public.social_carrier_view(p_contract integer, p_carrier text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object(
		'storeNow', musekit_social.iso(clock_timestamp()),
		'due', (select count(*) from musekit_social.posts
			where state = 'scheduled' and scheduled_at <= clock_timestamp() and due_at <= clock_timestamp()),
		'oldestDueAt', (select musekit_social.iso(min(due_at)) from musekit_social.posts
			where state = 'scheduled' and scheduled_at <= clock_timestamp() and due_at <= clock_timestamp()),
		'lagMs', coalesce((select -musekit_social.ms_until(min(next_due_at)) from musekit_social.accounts
			where next_due_at <= clock_timestamp()), 0),
		'inFlight', (select count(*) from musekit_social.posts where state = 'publishing'),
		'carrying', (select count(*) from musekit_social.posts where state = 'publishing' and carrier = p_carrier),
		'n8n', (select jsonb_build_object('lastAt', musekit_social.iso(h.last_at), 'intervalMs', h.interval_ms,
				'fresh', musekit_social.grace_ms('runner') > 0)
			from musekit_social.heartbeats h where h.kind = 'n8n' order by h.last_at desc limit 1),
		'outages', coalesce((select jsonb_agg(jsonb_build_object('platform', o.platform, 'mode', o.mode,
				'reason', o.reason, 'pausedUntil', musekit_social.iso(o.paused_until)) order by o.platform, o.mode)
			from musekit_social.outages o where o.ended_at is null and o.paused_until > clock_timestamp()), '[]'));
end $$;

do $$
declare f regprocedure;
begin
	for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace
		and p.proname in ('social_purge', 'social_media_forget', 'social_maintain', 'social_carrier_view') loop
		execute format('revoke all on function %s from public, anon, authenticated', f);
		execute format('grant execute on function %s to service_role', f);
	end loop;
end $$;
