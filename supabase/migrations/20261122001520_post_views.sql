-- What people look at: lists with filters, the calendar, one post's whole story.

-- What a post is found by. It stands beside the posts and not in indexes on them: a publish writes its
-- post's row several times, and every index of that table is written each time. Nothing here changes
-- while a post is published.
create table musekit_social.post_finder (
	post_id uuid primary key references musekit_social.posts on delete cascade,
	owner_id text not null,
	account_id uuid not null,
	-- The post's time, also a draft's; null: a draft without one.
	at timestamptz,
	-- Words of the text and, as one more, the owner: a word that all owners use is cut by it.
	words tsvector not null
);
create index post_finder_by_time on musekit_social.post_finder (owner_id, at, post_id) where at is not null;
create index post_finder_by_account on musekit_social.post_finder (account_id, post_id desc);
create index post_finder_by_word on musekit_social.post_finder using gin (words);

-- Plain Postgres may lack pg_trgm, so words are found and not any part of them. `simple` knows no
-- language and no stop words.
create function musekit_social.words_of(a_owner text, a_content jsonb) returns tsvector
language sql immutable set search_path = '' as $$
	select to_tsvector('pg_catalog.simple', coalesce(a_content ->> 'text', ''))
		|| array_to_tsvector(array['owner/' || a_owner]);
$$;

create function musekit_social.keep_findable() returns trigger
language plpgsql set search_path = '' as $$
begin
	insert into musekit_social.post_finder (post_id, owner_id, account_id, at, words)
	values (new.id, new.owner_id, new.account_id, new.scheduled_at, musekit_social.words_of(new.owner_id, new.content))
	on conflict (post_id) do update set at = excluded.at, words = excluded.words;
	return null;
end $$;
create trigger keep_findable after insert or update of content, scheduled_at on musekit_social.posts
	for each row execute function musekit_social.keep_findable();

insert into musekit_social.post_finder (post_id, owner_id, account_id, at, words)
select id, owner_id, account_id, scheduled_at, musekit_social.words_of(owner_id, content) from musekit_social.posts;

-- What people and clocks did to a post, outside of a carrier's attempts. A publish writes none.
create table musekit_social.post_changes (
	id bigint generated always as identity primary key,
	post_id uuid not null references musekit_social.posts on delete cascade,
	at timestamptz not null default clock_timestamp(),
	kind text not null check (kind in
		('edited', 'rescheduled', 'scheduled', 'taken_back', 'retried', 'cancelled', 'cancel_asked', 'missed', 'deleted')),
	facts jsonb not null default '{}'
);
create index post_changes_of_post on musekit_social.post_changes (post_id, id);

create function musekit_social.note_change() returns trigger
language plpgsql set search_path = '' as $$
declare
	v_kinds text[] := '{}';
	v_kind text;
begin
	if new.state <> old.state then
		v_kinds := v_kinds || case
			when new.state = 'missed' then 'missed'
			when new.state = 'cancelled' then 'cancelled'
			when new.state = 'draft' then 'taken_back'
			when old.state = 'draft' then 'scheduled'
			else 'retried' end;
	elsif new.state = 'scheduled' and old.wait_reason <> 'off' and new.wait_reason is null and new.version = old.version then
		v_kinds := v_kinds || 'retried'::text;
	elsif new.scheduled_at is distinct from old.scheduled_at then
		v_kinds := v_kinds || 'rescheduled'::text;
	end if;
	if new.content is distinct from old.content then
		v_kinds := v_kinds || 'edited'::text;
	end if;
	if new.cancel_requested and not old.cancel_requested then
		v_kinds := v_kinds || 'cancel_asked'::text;
	end if;
	if new.deleted_at is not null and old.deleted_at is null then
		v_kinds := v_kinds || 'deleted'::text;
	end if;
	foreach v_kind in array v_kinds loop
		insert into musekit_social.post_changes (post_id, kind, facts) values (new.id, v_kind, jsonb_strip_nulls(
			jsonb_build_object('from', musekit_social.iso(old.scheduled_at), 'to', musekit_social.iso(new.scheduled_at))));
	end loop;
	return null;
end $$;
create trigger note_change after update on musekit_social.posts
	for each row when (
		old.version <> new.version
		or (new.cancel_requested and not old.cancel_requested)
		or (new.state in ('cancelled', 'missed') and old.state <> new.state)
		or (new.deleted_at is not null and old.deleted_at is null)
		-- 'off' ends when it is switched on again, which nobody did to this post.
		or (old.state = 'scheduled' and new.state = 'scheduled' and old.wait_reason <> 'off' and new.wait_reason is null)
	) execute function musekit_social.note_change();

-- The post as a list shows it: with what decides which actions fit.
create function musekit_social.post_row_view(p musekit_social.posts) returns jsonb
language sql stable set search_path = '' as $$
	select musekit_social.post_view(p) || jsonb_build_object(
		'started', exists (select 1 from musekit_social.intents i where i.post_id = p.id),
		'cancelRequested', p.cancel_requested, 'held', p.held);
$$;

-- Every word of a search by its beginning; null when there is none in it.
create function musekit_social.search_query(a_owner text, a_search text) returns tsquery
language sql stable set search_path = '' as $$
	select (quote_literal('owner/' || a_owner) || ' & ' || string_agg(quote_literal(lexeme) || ':*', ' & '))::tsquery
	from unnest(to_tsvector('pg_catalog.simple', left(a_search, 200)));
$$;

-- The smallest id that a post made at this time can have: ids begin with their time.
create function musekit_social.id_floor(a_at timestamptz) returns uuid
language sql immutable set search_path = '' as $$
	select (lpad(to_hex(greatest(floor(extract(epoch from a_at) * 1000), 0)::bigint), 12, '0') || repeat('0', 20))::uuid;
$$;

-- One page of an owner's posts. `by` names the order and the time that `from` and `to` bound:
-- created (newest first), due (latest time first), published (latest first), next (what goes out next).
-- A page looks at a bounded number of posts, however many there are: where few of them fit, it may
-- hold less than asked for and still have a cursor, with `partial` true.
create function public.social_post_find(
	p_contract integer, p_owner text, p_filter jsonb default '{}', p_limit integer default 50, p_cursor text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 200);
	v_filter jsonb := coalesce(p_filter, '{}');
	v_by text := coalesce(v_filter ->> 'by', 'created');
	v_states text[];
	v_accounts uuid[];
	v_all uuid[];
	v_query tsquery;
	v_from timestamptz;
	v_to timestamptz;
	v_key timestamptz;
	v_id uuid;
	-- Rows of one stream that are looked at for a page, where not each of them fits; words are looked up
	-- where that is not enough.
	v_look integer := 2000;
	v_each text := '(select null::uuid as account_id, null::text as remote_account, null::text as state) d';
	v_base text;
	v_at text;
	-- One by one, in the order of the finder, and so only as many as the page takes.
	v_post text := 'cross join lateral (select * from musekit_social.posts p where p.id = f.post_id offset 0) p';
	v_fits text := 'true';
	v_down boolean := v_by <> 'next';
	v_order text;
	v_after text;
	v_ids jsonb;
	v_edge jsonb;
	v_items jsonb;
	v_last jsonb;
begin
	perform musekit_social.enter(p_contract);
	begin
		v_from := (v_filter ->> 'from')::timestamptz;
		v_to := (v_filter ->> 'to')::timestamptz;
		if p_cursor is not null then
			v_key := split_part(p_cursor, '_', 1)::timestamptz;
			v_id := split_part(p_cursor, '_', 2)::uuid;
		end if;
		select array_agg(a.id) into v_all from musekit_social.accounts a where a.owner_id = p_owner;
		if v_filter ?| array['accountIds', 'platforms'] then
			select coalesce(array_agg(a.id), '{}') into v_accounts from musekit_social.accounts a
			where a.owner_id = p_owner
				and (v_filter -> 'platforms' is null or v_filter -> 'platforms' ? a.platform)
				and (v_filter -> 'accountIds' is null or v_filter -> 'accountIds' ? a.id::text);
		end if;
	exception when data_exception then
		perform musekit_social.refuse(400, 'filter_invalid', 'The list was asked for with a time or a page that cannot be read.',
			'Go back to the list of all posts.');
	end;
	if v_by not in ('created', 'due', 'published', 'next') then
		perform musekit_social.refuse(400, 'filter_invalid', 'Posts are listed by created, due, published or next.');
	end if;
	if v_filter -> 'states' is not null then
		select coalesce(array_agg(s), '{}') into v_states from jsonb_array_elements_text(v_filter -> 'states') s;
		if v_by <> 'created' or v_accounts is not null then
			v_fits := v_fits || ' and p.state = any ($3)';
		end if;
	end if;
	if v_accounts is not null and v_by = 'due' then
		v_fits := v_fits || ' and p.account_id = any ($4)';
	end if;
	if coalesce(v_filter ->> 'search', '') <> '' then
		v_query := musekit_social.search_query(p_owner, v_filter ->> 'search');
		if v_query is null then
			return jsonb_build_object('items', '[]'::jsonb, 'nextCursor', null, 'partial', false);
		end if;
		-- A scalar is asked row by row; an EXISTS would be answered from all posts that hold the word.
		v_fits := v_fits || ' and (select w.words @@ $5 from musekit_social.post_finder w where w.post_id = p.id)';
		v_look := 500;
	end if;

	if v_fits = 'true' then
		v_look := v_limit + 1;
	end if;

	v_at := case v_by when 'created' then '''epoch''::timestamptz' when 'due' then 'p.scheduled_at'
		when 'published' then 'p.published_at' else 'p.due_at' end;
	-- The stream: rows in order by one index, from one place or from one place for each account or state.
	if v_by = 'created' and v_accounts is not null then
		v_each := 'unnest($4) as d(account_id)';
		v_base := format('select p.* from (select f.post_id from musekit_social.post_finder f where f.account_id = d.account_id%s
			order by f.post_id desc limit $10) f %s order by f.post_id desc', case when v_id is not null then ' and f.post_id < $7' else '' end
			|| case when v_from is not null then ' and f.post_id >= musekit_social.id_floor($8)' else '' end
			|| case when v_to is not null then ' and f.post_id < musekit_social.id_floor($9)' else '' end, v_post);
	elsif v_by = 'created' then
		if v_states is not null then
			v_each := 'unnest($3) as d(state)';
		end if;
		v_base := 'select p.* from musekit_social.posts p where p.owner_id = $1'
			|| case when v_states is not null then ' and p.state = d.state' else '' end
			|| case when v_id is not null then ' and p.id < $7' else '' end
			|| case when v_from is not null then ' and p.id >= musekit_social.id_floor($8)' else '' end
			|| case when v_to is not null then ' and p.id < musekit_social.id_floor($9)' else '' end
			|| ' order by p.id desc limit $10';
	elsif v_by = 'due' then
		v_base := 'select p.* from (select f.post_id, f.at from musekit_social.post_finder f
				where f.owner_id = $1 and f.at is not null'
			|| case when v_id is not null then ' and (f.at, f.post_id) < ($6, $7)' else '' end
			|| case when v_from is not null then ' and f.at >= $8' else '' end
			|| case when v_to is not null then ' and f.at < $9' else '' end
			|| ' order by f.at desc, f.post_id desc limit $10) f ' || v_post || ' order by f.at desc, f.post_id desc';
	elsif v_by = 'published' then
		v_each := '(select a.id as account_id, a.remote_account from musekit_social.accounts a where a.id = any (coalesce($4, $11))) d';
		v_base := 'select p.* from musekit_social.posts p
			where p.remote_account = d.remote_account and p.remote_id is not null and p.account_id = d.account_id'
			|| case when v_id is not null then ' and p.published_at <= $6 and (p.published_at, p.id) < ($6, $7)' else '' end
			|| case when v_from is not null then ' and p.published_at >= $8' else '' end
			|| case when v_to is not null then ' and p.published_at < $9' else '' end
			|| ' order by p.published_at desc, p.id desc limit $10';
	else
		v_each := 'unnest(coalesce($4, $11)) as d(account_id)';
		v_base := 'select p.* from musekit_social.posts p where p.account_id = d.account_id and p.due_at is not null'
			|| case when v_id is not null then ' and (p.due_at, p.id) > ($6, $7)' else '' end
			|| case when v_from is not null then ' and p.due_at >= $8' else '' end
			|| case when v_to is not null then ' and p.due_at < $9' else '' end
			|| ' order by p.due_at, p.id limit $10';
	end if;
	v_order := case when v_down then 'key desc, id desc' else 'key, id' end;
	v_after := case when v_down then '<' else '>' end;

	-- The streams are in order already. Where the planner takes an account for small, it would rather read
	-- and sort all of its posts.
	perform set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true);
	execute format('
		with found as (
			select b.* from %1$s cross join lateral (
				select x.* from (select p.id, %2$s as key, row_number() over () as n, (%3$s) as fits from (%4$s) p) x
				where x.fits or x.n = $10 limit $2
			) b
		), edge as (select key, id from found where n = $10 order by %5$s limit 1),
		page as (select f.key, f.id from found f
			where f.fits and not exists (select 1 from edge e where (f.key, f.id) %6$s (e.key, e.id))
			order by %5$s limit $2)
		select (select coalesce(jsonb_agg(jsonb_build_array(key, id) order by %5$s), ''[]'') from page),
			(select jsonb_build_array(key, id) from edge)',
		v_each, v_at, v_fits, v_base, v_order, v_after)
	into v_ids, v_edge
	using p_owner, v_limit + 1, v_states, v_accounts, v_query, v_key, v_id, v_from, v_to, v_look, v_all;
	perform set_config('enable_sort', 'on', true), set_config('enable_bitmapscan', 'on', true);

	if v_query is not null and v_edge is not null and jsonb_array_length(v_ids) <= v_limit then
		-- The word is rare among the first ones, so it is looked up, and its few posts are put in order.
		execute format('
			select coalesce(jsonb_agg(jsonb_build_array(key, id) order by %1$s), ''[]'') from (
				select p.id, %2$s as key from musekit_social.post_finder f join musekit_social.posts p on p.id = f.post_id
				where f.words @@ $5 and f.owner_id = $1 and (%3$s)%4$s order by %1$s limit $2) x',
			v_order, v_at,
			'true' || case when v_states is not null then ' and p.state = any ($3)' else '' end
				|| case when v_accounts is not null then ' and p.account_id = any ($4)' else '' end,
			case when v_by = 'created' then '' else ' and ' || v_at || ' is not null' end
			|| case when v_id is not null then format(' and (%s, p.id) %s (%s, $7)', v_at, v_after,
				case when v_by = 'created' then '''epoch''::timestamptz' else '$6' end) else '' end
			|| case when v_from is not null then
				case when v_by = 'created' then ' and p.id >= musekit_social.id_floor($8)' else format(' and %s >= $8', v_at) end else '' end
			|| case when v_to is not null then
				case when v_by = 'created' then ' and p.id < musekit_social.id_floor($9)' else format(' and %s < $9', v_at) end else '' end)
		into v_ids
		using p_owner, v_limit + 1, v_states, v_accounts, v_query, v_key, v_id, v_from, v_to;
		v_edge := null;
	end if;

	select coalesce(jsonb_agg(musekit_social.post_row_view(p) order by i.n), '[]') into v_items
		from jsonb_array_elements(v_ids) with ordinality i(entry, n)
		join musekit_social.posts p on p.id = (i.entry ->> 1)::uuid where i.n <= v_limit;
	v_last := case when jsonb_array_length(v_ids) > v_limit then v_ids -> (v_limit - 1) else v_edge end;
	return jsonb_build_object('items', v_items,
		'nextCursor', (v_last ->> 0) || '_' || (v_last ->> 1),
		'partial', jsonb_array_length(v_ids) <= v_limit and v_edge is not null);
end $$;

-- How many posts of each state, counted to 100 at most: the cost does not grow with the store.
create function public.social_post_counts(p_contract integer, p_owner text)
returns jsonb language plpgsql security definer set search_path = '' as $$
-- A clock that ticks while a statement runs cannot bound an index.
declare v_now timestamptz := clock_timestamp();
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object(
		'most', 100,
		'counts', (select jsonb_object_agg(s, (
				select count(*) from (select 1 from musekit_social.posts p
					where p.owner_id = p_owner and p.state = s limit 100) x))
			from unnest(array['draft', 'scheduled', 'publishing', 'published', 'failed', 'missed', 'needs_review', 'cancelled']) s),
		'due', (select count(*) from (
			select 1 from musekit_social.accounts a cross join lateral (
				select 1 from musekit_social.posts p
				where p.account_id = a.id and p.due_at <= v_now and p.state = 'scheduled' limit 100) x
			where a.owner_id = p_owner limit 100) y));
end $$;

-- The posts of some days, in one time zone (the one asked for, else the owner's, the panel's, the
-- device's): a few of each day and how many more there are (100 at most).
-- Cancelled posts are left out. A draft shows where it was given a time.
create function public.social_post_calendar(
	p_contract integer, p_owner text, p_from date, p_days integer, p_time_zone text default null,
	p_device_zone text default null, p_per_day integer default 5, p_filter jsonb default '{}'
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_days jsonb;
	v_accounts uuid[];
	v_zone text := coalesce(p_time_zone, (select o.time_zone from musekit_social.owners o where o.id = p_owner),
		musekit_social.setting('panel', 'timeZone') #>> '{}',
		(select z.name from musekit_social.time_zones z where z.name = p_device_zone), 'UTC');
begin
	perform musekit_social.enter(p_contract);
	if not exists (select 1 from musekit_social.time_zones where name = v_zone) then
		perform musekit_social.refuse(400, 'time_zone_unknown', format('"%s" is not a time zone.', v_zone),
			'Use an IANA name such as Europe/Berlin or America/New_York.');
	end if;
	if p_from is null or p_days is null or p_days not between 1 and 45 then
		perform musekit_social.refuse(400, 'range_invalid', 'A calendar shows 1 to 45 days.', 'Ask for fewer days.');
	end if;
	select coalesce(array_agg(a.id), '{}') into v_accounts from musekit_social.accounts a
	where a.owner_id = p_owner
		and (p_filter -> 'platforms' is null or p_filter -> 'platforms' ? a.platform)
		and (p_filter -> 'accountIds' is null or p_filter -> 'accountIds' ? a.id::text);
	select jsonb_agg(jsonb_build_object('day', to_char(d.day, 'YYYY-MM-DD'), 'posts', coalesce(x.posts, '[]'), 'more', x.more)
		order by d.day)
	into v_days
	from (select (p_from + n) as day from generate_series(0, p_days - 1) n) d
	cross join lateral (
		select jsonb_agg(jsonb_build_object('id', c.id, 'accountId', c.account_id, 'platform', c.platform,
				'account', '@' || c.handle, 'mode', c.mode, 'state', c.state, 'version', c.version,
				'text', left(c.content ->> 'text', 160),
				'media', jsonb_array_length(coalesce(c.content -> 'media', '[]')),
				'at', musekit_social.iso(c.at), 'publishedAt', musekit_social.iso(c.published_at),
				-- Whether its time may be changed: nothing of it was sent, and its time has not come.
				'movable', c.state in ('draft', 'scheduled') and c.at > clock_timestamp() and not c.held
					and not exists (select 1 from musekit_social.intents i where i.post_id = c.id))
				order by c.n) filter (where c.n <= p_per_day) as posts,
			greatest(count(*) - p_per_day, 0) as more
		from (
			select p.*, f.at, a.handle, a.mode, row_number() over (order by f.at, p.id) as n
			from (
				select f.post_id, f.at from musekit_social.post_finder f
				where f.owner_id = p_owner and f.account_id = any (v_accounts)
					and f.at >= (d.day::timestamp at time zone v_zone)
					and f.at < ((d.day + 1)::timestamp at time zone v_zone)
				order by f.at, f.post_id limit 150
			) f
			join musekit_social.posts p on p.id = f.post_id
			join musekit_social.accounts a on a.id = p.account_id
			where p.state <> 'cancelled'
				-- A draft that was made without a time has that of its making.
				and not (p.state = 'draft' and p.wall_time is null and f.at < p.created_at + interval '1 second')
				and (p_filter -> 'states' is null or p_filter -> 'states' ? p.state)
			order by f.at, p.id limit 100 + p_per_day
		) c
	) x;
	return jsonb_build_object('timeZone', v_zone, 'days', v_days, 'storeNow', musekit_social.iso(clock_timestamp()));
end $$;

-- One post with everything that happened to it, each thing with its time. Requests and answers as they
-- were on the wire are left out.
create function public.social_post_story(p_contract integer, p_post_id uuid, p_owner text)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	v_most integer := 200;
begin
	perform musekit_social.enter(p_contract);
	select * into p from musekit_social.posts where id = p_post_id and owner_id = p_owner;
	if not found then
		perform musekit_social.refuse(404, 'post_unknown', format('There is no post %s for this owner.', p_post_id),
			'Check the post id; the list shows the posts that exist.');
	end if;
	return jsonb_build_object(
		'post', musekit_social.post_row_view(p),
		'source', p.source,
		'fromSeries', p.series_id is not null,
		'sendAnyway', p.send_anyway,
		'leaseUntil', musekit_social.iso(p.lease_until),
		'attempts', coalesce((select jsonb_agg(jsonb_build_object('fence', t.fence, 'carrier', t.carrier,
				'kind', t.carrier_kind, 'startedAt', musekit_social.iso(t.started_at), 'endedAt', musekit_social.iso(t.ended_at),
				'result', t.result) order by t.fence)
			from (select * from musekit_social.attempts where post_id = p.id order by fence desc limit v_most) t), '[]'),
		'intents', coalesce((select jsonb_agg(jsonb_build_object('id', i.id, 'part', i.part, 'step', i.step, 'fence', i.fence,
				'repeatOf', i.repeat_of, 'savedAt', musekit_social.iso(i.saved_at),
				'closedBy', i.closed_by, 'closedAt', musekit_social.iso(i.closed_at),
				'byPerson', coalesce(i.proof ->> 'by', i.proof ->> 'decidedBy', '') = 'person') order by i.saved_at)
			from (select * from musekit_social.intents where post_id = p.id order by saved_at desc limit v_most) i), '[]'),
		'evidence', coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'intentId', e.intent_id, 'part', e.part,
				'step', e.step, 'fence', e.fence, 'carrier', e.carrier, 'outcome', e.outcome, 'final', e.final,
				'confirmedBy', e.confirmed_by, 'remoteId', e.remote_id, 'url', e.url, 'error', e.error,
				'lookUp', coalesce(e.payload ->> 'class' = 'look_up', false),
				'at', musekit_social.iso(e.at)) order by e.at)
			from (select * from musekit_social.evidence where post_id = p.id order by at desc limit v_most) e), '[]'),
		'steps', coalesce((select jsonb_agg(jsonb_build_object('part', s.part, 'step', s.step,
				'savedAt', musekit_social.iso(s.saved_at)) order by s.saved_at)
			from musekit_social.step_results s where s.post_id = p.id), '[]'),
		'resolutions', coalesce((select jsonb_agg(jsonb_build_object('to', r.decision ->> 'to',
				'remoteId', r.decision ->> 'remoteId', 'url', r.decision ->> 'url', 'at', musekit_social.iso(r.at)) order by r.at)
			from musekit_social.resolutions r where r.post_id = p.id), '[]'),
		'changes', coalesce((select jsonb_agg(jsonb_build_object('kind', c.kind, 'at', musekit_social.iso(c.at),
				'facts', c.facts) order by c.id)
			from (select * from musekit_social.post_changes where post_id = p.id order by id desc limit v_most) c), '[]'),
		'incidents', coalesce((select jsonb_agg(jsonb_build_object('kind', n.kind, 'message', n.message,
				'at', musekit_social.iso(n.created_at)) order by n.created_at)
			from musekit_social.incidents n where n.post_id = p.id), '[]'),
		'storeNow', musekit_social.iso(clock_timestamp()));
end $$;

select musekit_social.restrict_access();
