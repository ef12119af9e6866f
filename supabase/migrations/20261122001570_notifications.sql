-- What people are told by the bell, and what the overview shows. Notices are made by what happens: ends
-- of posts that are rare, accounts, warnings, and heartbeats. Nothing here is on the way of a post that
-- goes out.

-- A repeat of the same kind about the same subject within a day is counted in the row that is there.
create table musekit_social.notices (
	id uuid primary key default musekit_social.uuid_v7(),
	-- Null: about the whole installation.
	owner_id text references musekit_social.owners,
	kind text not null check (kind in ('needs_review', 'missed', 'failed', 'account_at_risk',
		'account_disconnected', 'carrier_took_over', 'carrier_back')),
	-- What repeats are told by: a post, an account, or the carriers.
	subject text not null,
	post_id uuid,
	account_id uuid,
	facts jsonb not null default '{}',
	count integer not null default 1,
	first_at timestamptz not null default clock_timestamp(),
	last_at timestamptz not null default clock_timestamp(),
	-- When it was settled: decided, published after all, connected again.
	over_at timestamptz,
	-- Repeats still go here.
	open boolean not null default true,
	-- The transaction that wrote it last: what a watcher has not seen yet.
	written_by xid8 not null default pg_current_xact_id()
);
create unique index notices_open on musekit_social.notices (kind, subject) where open;
create index notices_newest on musekit_social.notices (last_at desc, id desc);
create index notices_written on musekit_social.notices (written_by);

create table musekit_social.notice_reads (
	user_id text not null,
	notice_id uuid not null references musekit_social.notices on delete cascade,
	read_at timestamptz not null default clock_timestamp(),
	primary key (user_id, notice_id)
);
create index notice_reads_of on musekit_social.notice_reads (notice_id);

-- Whether a runner stands in for n8n, so that each change is told once.
create table musekit_social.standing_in (
	one boolean primary key default true check (one),
	since timestamptz
);
insert into musekit_social.standing_in default values;

create function musekit_social.add_notice(
	a_kind text, a_owner text, a_subject text, a_post uuid, a_account uuid, a_facts jsonb
) returns void language plpgsql set search_path = '' as $$
begin
	update musekit_social.notices set open = false
		where kind = a_kind and subject = a_subject and open and last_at < clock_timestamp() - interval '1 day';
	insert into musekit_social.notices as n (kind, owner_id, subject, post_id, account_id, facts)
		values (a_kind, a_owner, a_subject, a_post, a_account, a_facts)
	on conflict (kind, subject) where open do update set
		post_id = excluded.post_id, facts = excluded.facts, count = n.count + 1, over_at = null,
		last_at = clock_timestamp(), written_by = pg_current_xact_id();
end $$;

-- What it was about is settled; with an account or a post gone on, nobody has to look at it any more.
create function musekit_social.settle_notice(a_kinds text[], a_subject text) returns void
language sql set search_path = '' as $$
	update musekit_social.notices set over_at = clock_timestamp(), open = false, written_by = pg_current_xact_id()
		where kind = any (a_kinds) and subject = a_subject and open and over_at is null;
$$;

create function musekit_social.account_facts(a_account uuid) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('platform', platform, 'handle', handle, 'mode', mode)
	from musekit_social.accounts where id = a_account;
$$;

-- A post for review is a subject of its own, because each wants a decision; missed and failed posts are
-- told by account: when an account stops working, its posts do so one after another.
create function musekit_social.notice_post() returns trigger
language plpgsql set search_path = '' as $$
declare v_facts jsonb := musekit_social.account_facts(new.account_id);
begin
	if old.state = 'needs_review' then
		perform musekit_social.settle_notice(array['needs_review'], new.id::text);
	else
		perform musekit_social.add_notice(new.state, new.owner_id,
			case new.state when 'needs_review' then new.id else new.account_id end::text, new.id, new.account_id,
			v_facts || jsonb_strip_nulls(jsonb_build_object('text', left(new.content ->> 'text', 120),
				'reason', new.error ->> 'message')));
	end if;
	return null;
end $$;
create trigger notice_post after update of state on musekit_social.posts
	for each row when (old.state <> new.state
		and (new.state in ('needs_review', 'missed', 'failed') or old.state = 'needs_review'))
	execute function musekit_social.notice_post();

create function musekit_social.notice_account() returns trigger
language plpgsql set search_path = '' as $$
begin
	if new.status = 'connected' then
		perform musekit_social.settle_notice(array['account_disconnected'], new.id::text);
	else
		perform musekit_social.add_notice('account_disconnected', new.owner_id, new.id::text, null, new.id,
			musekit_social.account_facts(new.id) || jsonb_strip_nulls(jsonb_build_object('status', new.status,
				'reason', new.status_reason)));
	end if;
	return null;
end $$;
create trigger notice_account after update of status on musekit_social.accounts
	for each row when (old.status <> new.status) execute function musekit_social.notice_account();

create function musekit_social.notice_risk() returns trigger
language plpgsql set search_path = '' as $$
declare a musekit_social.accounts;
begin
	if tg_op = 'DELETE' then
		if not exists (select 1 from musekit_social.risks where account_id = old.account_id and code = old.code) then
			perform musekit_social.settle_notice(array['account_at_risk'], old.account_id || ':' || old.code);
		end if;
		return null;
	end if;
	select * into a from musekit_social.accounts where id = new.account_id;
	perform musekit_social.add_notice('account_at_risk', a.owner_id, new.account_id || ':' || new.code, new.post_id,
		new.account_id, musekit_social.account_facts(a.id) || jsonb_build_object('reason', new.message));
	return null;
end $$;
create trigger notice_risk after insert or delete on musekit_social.risks
	for each row execute function musekit_social.notice_risk();

-- n8n is silent and a runner is there: it takes over. n8n is heard again: it is back.
create function musekit_social.notice_carriers() returns trigger
language plpgsql set search_path = '' as $$
declare
	v_since timestamptz := (select since from musekit_social.standing_in);
	v_n8n musekit_social.heartbeats;
	v_fresh boolean;
begin
	select * into v_n8n from musekit_social.heartbeats where kind = 'n8n'
		order by last_at + interval_ms * interval '1 millisecond' desc limit 1;
	if v_n8n.carrier is null then
		return null;
	end if;
	v_fresh := v_n8n.last_at > clock_timestamp() - v_n8n.interval_ms * interval '1 millisecond' - interval '15 seconds';
	if v_since is null and not v_fresh and new.kind = 'runner' then
		update musekit_social.standing_in set since = v_n8n.last_at where since is null;
		if found then
			perform musekit_social.add_notice('carrier_took_over', null, 'carriers', null, null,
				jsonb_build_object('carrier', new.carrier, 'silent', v_n8n.carrier, 'lastAt', musekit_social.iso(v_n8n.last_at)));
		end if;
	elsif v_since is not null and v_fresh then
		update musekit_social.standing_in set since = null where since is not null;
		if found then
			perform musekit_social.settle_notice(array['carrier_took_over'], 'carriers');
			perform musekit_social.add_notice('carrier_back', null, 'carriers', null, null,
				jsonb_build_object('carrier', v_n8n.carrier, 'since', musekit_social.iso(v_since)));
		end if;
	end if;
	return null;
end $$;
create trigger notice_carriers after insert or update on musekit_social.heartbeats
	for each row execute function musekit_social.notice_carriers();

create function musekit_social.notice_view(n musekit_social.notices, a_read_at timestamptz) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', n.id, 'owner', n.owner_id, 'kind', n.kind, 'postId', n.post_id,
		'accountId', n.account_id, 'facts', n.facts, 'count', n.count,
		'firstAt', musekit_social.iso(n.first_at), 'lastAt', musekit_social.iso(n.last_at),
		'overAt', musekit_social.iso(n.over_at), 'unread', n.over_at is null and (a_read_at is null or a_read_at < n.last_at));
$$;

-- One person's bell, newest first, with what is unread (counted to 100). With an owner: theirs and what
-- concerns everybody. A repeat makes a read notice unread again; a settled one asks for nobody.
create function public.social_notices(
	p_contract integer, p_user text, p_owner text default null, p_limit integer default 20, p_cursor text default null
) returns jsonb language plpgsql stable security definer set search_path = '' as $$
declare
	v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 100);
	v_at timestamptz;
	v_id uuid;
	v_items jsonb;
	v_unread integer;
begin
	perform musekit_social.enter(p_contract);
	if p_cursor is not null then
		begin
			v_at := split_part(p_cursor, '/', 1)::timestamptz;
			v_id := split_part(p_cursor, '/', 2)::uuid;
		exception when others then
			perform musekit_social.refuse(400, 'cursor_invalid', 'This page of the list does not exist.', 'Go back to its beginning.');
		end;
	end if;
	select coalesce(jsonb_agg(x.view || jsonb_build_object('cursor', x.last_at || '/' || x.id) order by x.last_at desc, x.id desc), '[]')
		into v_items
	from (
		select n.id, n.last_at, musekit_social.notice_view(n, r.read_at) as view from musekit_social.notices n
		left join musekit_social.notice_reads r on r.notice_id = n.id and r.user_id = p_user
		where (p_owner is null or n.owner_id is null or n.owner_id = p_owner)
			and (v_at is null or (n.last_at, n.id) < (v_at, v_id))
		order by n.last_at desc, n.id desc limit v_limit + 1) x;
	select count(*) into v_unread from (
		select 1 from musekit_social.notices n
		left join musekit_social.notice_reads r on r.notice_id = n.id and r.user_id = p_user
		where (p_owner is null or n.owner_id is null or n.owner_id = p_owner) and n.over_at is null
			and (r.read_at is null or r.read_at < n.last_at)
		limit 100) u;
	return jsonb_build_object('unread', v_unread,
		'items', coalesce((select jsonb_agg(i - 'cursor' order by n) from jsonb_array_elements(v_items) with ordinality e(i, n)
			where n <= v_limit), '[]'),
		'nextCursor', case when jsonb_array_length(v_items) > v_limit then v_items -> (v_limit - 1) ->> 'cursor' end);
end $$;

-- Read by this person: the named ones, or with null all that are there now.
create function public.social_notices_read(
	p_contract integer, p_user text, p_owner text default null, p_ids uuid[] default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare v_read integer;
begin
	perform musekit_social.enter(p_contract);
	insert into musekit_social.notice_reads (user_id, notice_id)
		select p_user, n.id from musekit_social.notices n
		where (p_owner is null or n.owner_id is null or n.owner_id = p_owner) and (p_ids is null or n.id = any (p_ids))
	on conflict (user_id, notice_id) do update set read_at = clock_timestamp();
	get diagnostics v_read = row_count;
	return jsonb_build_object('read', v_read);
end $$;

-- For one watcher of all: what was written since `p_after`, and where to go on. The place is a
-- transaction and not a time, so nothing that commits late is passed by; a few may come twice.
create function public.social_notices_since(p_contract integer, p_after text default null)
returns jsonb language plpgsql stable security definer set search_path = '' as $$
declare
	v_now xid8 := pg_snapshot_xmin(pg_current_snapshot());
	v_after xid8 := p_after::xid8;
begin
	perform musekit_social.enter(p_contract);
	-- A place ahead of us is of another database: a backup was restored.
	if v_after is null or v_after > v_now then
		return jsonb_build_object('next', v_now::text, 'items', '[]'::jsonb);
	end if;
	return jsonb_build_object('next', v_now::text, 'items', coalesce((
		select jsonb_agg(musekit_social.notice_view(n, null) order by n.last_at, n.id) from (
			select * from musekit_social.notices where written_by >= v_after order by written_by limit 200) n), '[]'));
end $$;

-- What one owner sees first: what went out, what is next, what needs a person, and how everything is.
create function public.social_home(p_contract integer, p_owner text)
returns jsonb language plpgsql stable security definer set search_path = '' as $$
declare v_now timestamptz := clock_timestamp();
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object(
		'storeNow', musekit_social.iso(v_now),
		'lately', coalesce((select jsonb_agg(musekit_social.post_view(p) order by p.published_at desc) from (
			select * from musekit_social.posts where owner_id = p_owner and published_at is not null
			order by published_at desc limit 5) p), '[]'),
		'next', coalesce((select jsonb_agg(musekit_social.post_view(p) order by p.scheduled_at, p.id) from (
			select * from musekit_social.posts where owner_id = p_owner and state = 'scheduled'
			order by scheduled_at limit 5) p), '[]'),
		'review', coalesce((select jsonb_agg(musekit_social.post_view(p) order by p.id desc) from (
			select * from musekit_social.posts where owner_id = p_owner and state = 'needs_review'
			order by id desc limit 5) p), '[]'),
		'reviewCount', (select count(*) from (select 1 from musekit_social.posts
			where owner_id = p_owner and state = 'needs_review' limit 100) c),
		'accounts', coalesce((select jsonb_agg(musekit_social.account_view(a) order by a.status = 'connected', a.handle, a.id) from (
			select * from musekit_social.accounts where owner_id = p_owner
			order by status = 'connected', handle, id limit 12) a), '[]'),
		'accountsMore', (select count(*) > 12 from (select 1 from musekit_social.accounts where owner_id = p_owner limit 13) c),
		'carriers', coalesce((select jsonb_agg(jsonb_build_object('carrier', h.carrier, 'kind', h.kind,
				'lastAt', musekit_social.iso(h.last_at),
				'fresh', h.last_at > v_now - h.interval_ms * interval '1 millisecond' - interval '15 seconds')
				order by h.kind, h.last_at desc) from (
			select * from musekit_social.heartbeats order by last_at desc limit 10) h), '[]'),
		'lagMs', coalesce((select extract(epoch from v_now - min(next_due_at)) * 1000 from musekit_social.accounts
			where next_due_at <= v_now), 0)::bigint,
		'platforms', coalesce((select jsonb_agg(jsonb_build_object('platform', f.name, 'mode', m.mode,
				'pausedUntil', musekit_social.iso(o.paused_until), 'reason', o.reason) order by f.name, m.mode)
			from musekit_social.platforms f
			join (select distinct platform, mode from musekit_social.accounts where owner_id = p_owner) m on m.platform = f.name
			left join musekit_social.outages o on o.platform = f.name and o.mode = m.mode
				and o.ended_at is null and o.paused_until > v_now), '[]'),
		'outcomes', coalesce((select jsonb_object_agg(x.platform, jsonb_build_object('published', x.published,
				'failed', x.failed, 'missed', x.missed, 'needsReview', x.needs_review)) from (
			select e.platform, count(*) filter (where e.kind = 'published') as published,
				count(*) filter (where e.kind = 'failed') as failed, count(*) filter (where e.kind = 'missed') as missed,
				count(*) filter (where e.kind = 'needs_review') as needs_review
			from (
				(select p.platform, 'published' as kind from musekit_social.posts p
					where p.owner_id = p_owner and p.published_at > v_now - interval '1 day'
					order by p.published_at desc limit 500)
				union all
				(select v.platform, v.kind from musekit_social.post_events v
					where v.owner_id = p_owner and v.at > v_now - interval '1 day' and v.kind <> 'published'
					order by v.id desc limit 500)) e
			group by e.platform) x), '{}'));
end $$;

-- Notices are for the present: what nobody needs any more goes after a month, the rest after three.
create function musekit_social.forget_notices() returns void
language sql set search_path = '' as $$
	delete from musekit_social.notices where last_at < clock_timestamp() - interval '90 days'
		or (over_at is not null and last_at < clock_timestamp() - interval '30 days');
$$;

create or replace function public.social_maintain(p_contract integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
	v_missed integer;
	v_made integer;
begin
	perform musekit_social.enter(p_contract);
	v_missed := musekit_social.mark_missed(1000);
	v_made := musekit_social.fill_series(clock_timestamp() + interval '14 days', 500);
	delete from musekit_social.heartbeats where last_at < clock_timestamp() - interval '30 days';
	perform musekit_social.roll_up(interval '2 seconds');
	perform musekit_social.forget_counted();
	perform musekit_social.forget_notices();
	return jsonb_build_object('missed', v_missed, 'made', v_made);
end $$;

select musekit_social.restrict_access();
