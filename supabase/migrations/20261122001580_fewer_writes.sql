-- What a post costs on its way out, again: Postgres reads and prepares every CHECK and every WHEN of a
-- trigger anew for each statement, and an update that changes an indexed column writes all indexes. Both
-- made up a third of a claim, an intent and an evidence (measured 2026-11). So what a write of a post has
-- to obey and brings about is asked in one trigger, and what equal posts are found by stands beside them.

drop trigger cap_draft on musekit_social.posts;
drop trigger defer_missed on musekit_social.posts;
drop trigger note_change on musekit_social.posts;
drop trigger note_end on musekit_social.posts;
drop trigger notice_post on musekit_social.posts;
drop function musekit_social.cap_draft();
drop function musekit_social.defer_missed();
drop function musekit_social.note_change();
drop function musekit_social.note_end();
drop function musekit_social.notice_post();

-- A draft that is put on its way is one more post, by whatever call.
create function musekit_social.cap_draft(a_new musekit_social.posts) returns void
language plpgsql set search_path = '' as $$
declare v_error jsonb := musekit_social.cap_error(a_new.owner_id, a_new.scheduled_at);
begin
	if v_error is not null then
		perform musekit_social.refuse(403, v_error ->> 'code', (v_error ->> 'message') || ' The post is still a draft.',
			v_error ->> 'remedy');
	end if;
end $$;

-- A post is not missed because of a switch: while it is off the post waits, and the time for which it
-- was off is added to the post's maximum lateness. Nothing is written when a switch changes; it shows
-- when a post would be missed. Answers what becomes of the post instead; null: it is missed.
create function musekit_social.defer_missed(a_old musekit_social.posts) returns musekit_social.posts
language plpgsql set search_path = '' as $$
declare
	v_now timestamptz := clock_timestamp();
	v_toggles text[];
	v_off_ms bigint;
begin
	if musekit_social.post_off_reason(a_old) is not null then
		a_old.wait_reason := 'off';
		-- A minute: as many of these posts as there are must not keep the carriers busy.
		a_old.next_at := v_now + interval '1 minute';
		return a_old;
	end if;
	select array['module', 'platform:' || a_old.platform] || array_agg('feature:' || o.tier || ':' || f)
		into v_toggles from musekit_social.owners o, unnest(musekit_social.features_of(a_old)) f
		where o.id = a_old.owner_id group by o.id;
	select coalesce(sum(floor(extract(epoch from upper(r) - lower(r)) * 1000)), 0) into v_off_ms from (
		select unnest(range_agg(tstzrange(greatest(o.off_at, a_old.scheduled_at), least(o.on_at, v_now)))) as r
		from musekit_social.off_times o
		where o.toggle = any (v_toggles) and o.forgiven and o.on_at > a_old.scheduled_at) x;
	if v_off_ms > a_old.off_credit_ms
		and v_now <= a_old.scheduled_at + (a_old.max_lateness_ms + v_off_ms - a_old.off_credit_ms) * interval '1 millisecond' then
		a_old.wait_reason := null;
		a_old.next_at := null;
		-- A year is the most that the column takes.
		a_old.max_lateness_ms := least(a_old.max_lateness_ms + v_off_ms - a_old.off_credit_ms, 31536000000);
		a_old.off_credit_ms := v_off_ms;
		return a_old;
	end if;
	return null;
end $$;

create function musekit_social.note_change(a_old musekit_social.posts, a_new musekit_social.posts) returns void
language plpgsql set search_path = '' as $$
declare
	v_kinds text[] := '{}';
	v_kind text;
begin
	if a_new.state <> a_old.state then
		v_kinds := v_kinds || case
			when a_new.state = 'missed' then 'missed'
			when a_new.state = 'cancelled' then 'cancelled'
			when a_new.state = 'draft' then 'taken_back'
			when a_old.state = 'draft' then 'scheduled'
			else 'retried' end;
	elsif a_new.state = 'scheduled' and a_old.wait_reason <> 'off' and a_new.wait_reason is null and a_new.version = a_old.version then
		v_kinds := v_kinds || 'retried'::text;
	elsif a_new.scheduled_at is distinct from a_old.scheduled_at then
		v_kinds := v_kinds || 'rescheduled'::text;
	end if;
	if a_new.content is distinct from a_old.content then
		v_kinds := v_kinds || 'edited'::text;
	end if;
	if a_new.cancel_requested and not a_old.cancel_requested then
		v_kinds := v_kinds || 'cancel_asked'::text;
	end if;
	if a_new.deleted_at is not null and a_old.deleted_at is null then
		v_kinds := v_kinds || 'deleted'::text;
	end if;
	foreach v_kind in array v_kinds loop
		insert into musekit_social.post_changes (post_id, kind, facts) values (a_new.id, v_kind, jsonb_strip_nulls(
			jsonb_build_object('from', musekit_social.iso(a_old.scheduled_at), 'to', musekit_social.iso(a_new.scheduled_at))));
	end loop;
end $$;

create function musekit_social.note_end(a_new musekit_social.posts) returns void
language sql set search_path = '' as $$
	insert into musekit_social.post_events (post_id, owner_id, platform, kind, carrier, at, late)
	values (a_new.id, a_new.owner_id, a_new.platform, a_new.state, musekit_social.carrier_of(a_new.id),
		case when a_new.state = 'published' then coalesce(a_new.published_at, clock_timestamp()) else clock_timestamp() end,
		case when a_new.state = 'published' then a_new.published_at - a_new.scheduled_at end);
$$;

-- A post for review is a subject of its own, because each wants a decision; missed and failed posts are
-- told by account: when an account stops working, its posts do so one after another.
create function musekit_social.notice_post(a_old musekit_social.posts, a_new musekit_social.posts) returns void
language plpgsql set search_path = '' as $$
begin
	if a_old.state = 'needs_review' then
		perform musekit_social.settle_notice(array['needs_review'], a_new.id::text);
	else
		perform musekit_social.add_notice(a_new.state, a_new.owner_id,
			case a_new.state when 'needs_review' then a_new.id else a_new.account_id end::text, a_new.id, a_new.account_id,
			musekit_social.account_facts(a_new.account_id) || jsonb_strip_nulls(jsonb_build_object(
				'text', left(a_new.content ->> 'text', 120), 'reason', a_new.error ->> 'message')));
	end if;
end $$;

alter table musekit_social.posts
	drop constraint posts_call_key_check,
	drop constraint posts_call_ordinal_check,
	drop constraint posts_state_check,
	drop constraint posts_wait_reason_check,
	drop constraint posts_max_lateness_ms_check,
	drop constraint posts_confirmed_by_check,
	drop constraint posts_check,
	drop constraint posts_check1,
	drop constraint posts_check2,
	drop constraint posts_check3;

-- All that a write of a post has to obey and brings about: which state follows which, `due_at`, the
-- rules of the table, the history, the key figures and the notices.
create or replace function musekit_social.guard_post() returns trigger
language plpgsql set search_path = '' as $$
declare
	v_deferred musekit_social.posts;
	v_broken text;
begin
	if tg_op = 'UPDATE' and new.state <> old.state then
		if old.state = 'draft' and new.state = 'scheduled' then
			perform musekit_social.cap_draft(new);
		elsif old.state = 'scheduled' and new.state = 'missed' then
			v_deferred := musekit_social.defer_missed(old);
			if v_deferred.id is not null then
				new := v_deferred;
			end if;
		end if;
		if new.state <> old.state and not exists (
			select 1 from musekit_social.transitions t where t.from_state = old.state and t.to_state = new.state
		) then
			perform musekit_social.refuse(409, 'transition_refused',
				format('A post that is %s cannot become %s. It stays as it is.', old.state, new.state),
				'Look at the post again and choose an operation that fits its state.',
				jsonb_build_object('from', old.state, 'to', new.state));
		end if;
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
	-- The rule of the table that this row breaks.
	v_broken := case
		when length(new.call_key) not between 1 and 300 then 'posts_call_key'
		when new.call_ordinal < 0 then 'posts_call_ordinal'
		when new.state not in
			('draft', 'scheduled', 'publishing', 'published', 'failed', 'missed', 'needs_review', 'cancelled') then 'posts_state'
		when new.wait_reason not in
			('retry', 'container', 'lookup', 'rate_limit', 'account_dead', 'handed_back', 'not_sent', 'platform_down', 'off')
			then 'posts_wait_reason'
		when new.max_lateness_ms not between 0 and 31536000000 then 'posts_max_lateness_ms'
		when new.confirmed_by not in ('answer', 'lookup', 'duplicate', 'person') then 'posts_confirmed_by'
		when new.state <> 'draft' and new.scheduled_at is null then 'posts_have_a_time'
		when new.state = 'publishing' and (new.fence is null or new.lease_until is null or new.claim_id is null) then 'posts_have_a_lease'
		when new.state = 'published' and new.remote_id is null then 'posts_published_have_an_id'
		-- An open intent may be live: nobody may call such a post failed, missed or cancelled.
		when new.open_intents <> 0 and new.state not in ('scheduled', 'publishing', 'published', 'needs_review')
			then 'posts_open_are_not_over'
		-- By this it is found when a post with the same text is claimed: see posts_waiting_text.
		when new.open_intents <> 0 and new.state = 'scheduled' and new.wait_reason is null and not new.send_anyway
			then 'posts_open_wait'
	end;
	if v_broken is not null then
		raise check_violation using message = format('The post breaks the rule %s of its table.', v_broken),
			schema = 'musekit_social', table = 'posts', constraint = v_broken;
	end if;
	if tg_op = 'INSERT' then
		return new;
	end if;
	-- What people and clocks did; a publish is none of it.
	if old.version <> new.version
		or (new.cancel_requested and not old.cancel_requested)
		or (new.state in ('cancelled', 'missed') and old.state <> new.state)
		or (new.deleted_at is not null and old.deleted_at is null)
		-- 'off' ends when it is switched on again, which nobody did to this post.
		or (old.state = 'scheduled' and new.state = 'scheduled' and old.wait_reason <> 'off' and new.wait_reason is null) then
		perform musekit_social.note_change(old, new);
	end if;
	if old.state <> new.state then
		if new.state in ('failed', 'missed', 'cancelled', 'needs_review')
			or (new.state = 'published' and old.state <> 'publishing') then
			perform musekit_social.note_end(new);
		end if;
		if new.state in ('needs_review', 'missed', 'failed') or old.state = 'needs_review' then
			perform musekit_social.notice_post(old, new);
		end if;
	end if;
	return new;
end $$;

drop trigger note_new_token on musekit_social.accounts;
create trigger note_new_token before update of token_version on musekit_social.accounts
	for each row when (new.token_version <> old.token_version)
	execute function musekit_social.note_new_token();

-- Equal posts are looked for when one is created, and a post's content hardly ever changes.
alter table musekit_social.post_finder
	add column remote_account text,
	add column content_hash text,
	add column text_hash text;
update musekit_social.post_finder f
	set remote_account = p.remote_account, content_hash = p.content_hash, text_hash = p.text_hash
	from musekit_social.posts p where p.id = f.post_id;
alter table musekit_social.post_finder
	alter column remote_account set not null,
	alter column content_hash set not null,
	alter column text_hash set not null;
create index post_finder_equal on musekit_social.post_finder (account_id, content_hash);
create index post_finder_equal_text on musekit_social.post_finder (remote_account, text_hash, at);

create or replace function musekit_social.keep_findable() returns trigger
language plpgsql set search_path = '' as $$
begin
	insert into musekit_social.post_finder (post_id, owner_id, account_id, at, words, remote_account, content_hash, text_hash)
	values (new.id, new.owner_id, new.account_id, new.scheduled_at, musekit_social.words_of(new.owner_id, new.content),
		new.remote_account, new.content_hash, new.text_hash)
	on conflict (post_id) do update set at = excluded.at, words = excluded.words,
		content_hash = excluded.content_hash, text_hash = excluded.text_hash;
	return null;
end $$;

-- Posts whose outcome is open while no carrier has them. Open intents are not named here: an intent
-- would change what the index is made of, and with it write all the others.
drop index musekit_social.posts_waiting_text, musekit_social.posts_equal, musekit_social.posts_equal_text;
create index posts_waiting_text on musekit_social.posts (account_id, text_hash)
	where state = 'scheduled' and (wait_reason is not null or send_anyway);
-- Room for what an intent changes, on the same page.
alter table musekit_social.posts set (fillfactor = 80);

do $$
declare
	v_old text := pg_get_functiondef('musekit_social.create_entry(jsonb, jsonb)'::regprocedure);
	v_new text := replace(v_old, 'select * into p from musekit_social.posts
		where account_id = a.id and content_hash = v_content_hash
			and created_at > clock_timestamp() - musekit_social.timing(''dedupeMs'')
			and state not in (''draft'', ''failed'', ''missed'', ''cancelled'')
			and call_key <> a_options ->> ''key''
		order by created_at limit 1;',
		'select o.* into p from musekit_social.post_finder f join musekit_social.posts o on o.id = f.post_id
		where f.account_id = a.id and f.content_hash = v_content_hash
			and o.created_at > clock_timestamp() - musekit_social.timing(''dedupeMs'')
			and o.state not in (''draft'', ''failed'', ''missed'', ''cancelled'')
			and o.call_key <> a_options ->> ''key''
		order by o.created_at limit 1;');
begin
	if v_new = v_old then
		raise exception 'create_entry looks for equal posts in another way';
	end if;
	execute v_new;
end $$;

create or replace function musekit_social.equal_text_warnings(a_post musekit_social.posts) returns jsonb
language sql stable set search_path = '' as $$
	select coalesce(jsonb_agg(musekit_social.post_error('equal_text',
		format('Another post of this account has the same text around %s; %s may refuse the second one.',
			musekit_social.iso(o.at), a_post.platform),
		'Change the text, or put more than two days between them.', 'text')), '[]')
	from (
		select f.at from musekit_social.platforms r, musekit_social.post_finder f
			join musekit_social.posts o on o.id = f.post_id
		where r.name = a_post.platform and r.equal_text_rule
			and f.remote_account = a_post.remote_account and f.text_hash = a_post.text_hash and f.post_id <> a_post.id
			and o.state in ('scheduled', 'publishing', 'published', 'needs_review')
			and f.at > a_post.scheduled_at - musekit_social.timing('equalTextMs')
			and f.at < a_post.scheduled_at + musekit_social.timing('equalTextMs')
		limit 1
	) o;
$$;

create or replace function public.social_post_siblings(p_contract integer, p_post_id uuid)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	v_first timestamptz;
begin
	perform musekit_social.enter(p_contract);
	select * into p from musekit_social.posts where id = p_post_id;
	if not found then
		perform musekit_social.refuse(404, 'post_unknown', format('There is no post %s.', p_post_id));
	end if;
	select coalesce(min(saved_at), clock_timestamp()) into v_first from musekit_social.intents where post_id = p.id;
	return jsonb_build_object(
		'remoteIds', coalesce((select jsonb_agg(o.remote_id) from musekit_social.posts o
			where o.remote_account = p.remote_account and o.id <> p.id and o.remote_id is not null
				and o.published_at > v_first - interval '7 days'), '[]'),
		'sameText', exists (select 1 from musekit_social.post_finder f join musekit_social.posts o on o.id = f.post_id
			where f.remote_account = p.remote_account and f.text_hash = p.text_hash and f.post_id <> p.id
				and (o.remote_id is not null or exists (select 1 from musekit_social.intents i where i.post_id = o.id))
				and coalesce(o.published_at, o.claimed_at, o.scheduled_at) between v_first - interval '48 hours' and v_first + interval '48 hours'));
end $$;

create or replace function public.social_posts_equal(p_contract integer, p_owner text, p_entries jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	if jsonb_typeof(p_entries) <> 'array' or jsonb_array_length(p_entries) > 500 then
		perform musekit_social.refuse(400, 'equal_invalid', 'This takes a list of at most 500 entries.', 'Split the call.');
	end if;
	return jsonb_build_object('items', coalesce((
		select jsonb_agg(jsonb_build_object('n', (e ->> 'n')::integer, 'at', musekit_social.iso(t.at),
				'equal', case when near.id is not null then jsonb_build_object('postId', near.id, 'state', near.state,
					'scheduledAt', musekit_social.iso(near.scheduled_at)) end)
			order by (e ->> 'n')::integer)
		from jsonb_array_elements(p_entries) e
			cross join lateral (
				select f.at from musekit_social.entry_time(e) f where e ?| array['wallTime', 'scheduledAt']
				union all select null where not e ?| array['wallTime', 'scheduledAt']
			) t
			left join musekit_social.accounts a on a.id = (e ->> 'accountId')::uuid and a.owner_id = p_owner
			left join lateral (
				select o.id, o.state, case when o.state <> 'draft' then o.scheduled_at end as scheduled_at
				from musekit_social.post_finder f join musekit_social.posts o on o.id = f.post_id
				where f.remote_account = a.remote_account and f.owner_id = p_owner
					and f.text_hash = musekit_social.hash_of(coalesce(e ->> 'text', ''))
					and o.state not in ('failed', 'missed', 'cancelled')
				order by abs(extract(epoch from o.scheduled_at - coalesce(t.at, clock_timestamp()))), o.id
				limit 1
			) near on true), '[]'));
end $$;

-- Both in one write: when a carrier should look at the account again and, with `a_success`, when something
-- of it was published last. The caller holds the account's row lock.
drop function musekit_social.refresh_due(uuid);
create function musekit_social.refresh_due(a_account uuid, a_success timestamptz default null) returns void
language plpgsql set search_path = '' as $$
declare
	a musekit_social.accounts;
	v_due timestamptz;
begin
	select * into a from musekit_social.accounts where id = a_account;
	if a.status = 'connected' then
		select p.lease_until into v_due from musekit_social.posts p
			where p.remote_account = a.remote_account and p.state = 'publishing';
		if v_due is null then
			select case when p.due_at > clock_timestamp() then p.due_at else greatest(p.due_at, a.hold_until) end
				into v_due from musekit_social.posts p
				where p.account_id = a_account and p.due_at is not null order by p.due_at, p.id limit 1;
		end if;
	end if;
	if v_due is distinct from a.next_due_at or a_success is not null then
		update musekit_social.accounts set next_due_at = v_due, last_success_at = coalesce(a_success, last_success_at)
		where id = a_account;
	end if;
end $$;

create or replace function musekit_social.settle_published(
	a_post uuid, a_remote_id text, a_url text, a_confirmed_by text, a_at timestamptz
) returns boolean language plpgsql set search_path = '' as $$
declare
	p musekit_social.posts;
	v_other uuid;
begin
	select * into p from musekit_social.posts where id = a_post;
	if p.remote_id is not null then
		if p.remote_id = a_remote_id then
			return false;
		end if;
		perform musekit_social.open_incident('second_live_entry', p,
			format('The post is live as %s and also as %s.', p.remote_id, a_remote_id),
			jsonb_build_object('first', p.remote_id, 'second', a_remote_id));
		return true;
	end if;
	select id into v_other from musekit_social.posts
		where remote_account = p.remote_account and remote_id = a_remote_id;
	if v_other is null then
		begin
			update musekit_social.posts set state = 'published', remote_id = a_remote_id, url = a_url,
				confirmed_by = a_confirmed_by, published_at = a_at, error = null,
				barren_claims = 0, open_intents = musekit_social.count_open(p.id)
			where id = p.id;
		exception when unique_violation then
			-- A post of another owner's connection took the id this very moment.
			select id into v_other from musekit_social.posts
				where remote_account = p.remote_account and remote_id = a_remote_id;
		end;
	end if;
	if v_other is not null then
		perform musekit_social.open_incident('id_of_another_post', p,
			format('The platform named %s, which belongs to post %s.', a_remote_id, v_other),
			jsonb_build_object('remoteId', a_remote_id, 'otherPost', v_other));
		if p.state in ('scheduled', 'publishing') then
			update musekit_social.posts set state = 'needs_review', error = musekit_social.post_error('id_of_another_post',
				format('The platform named %s for this post, but that entry belongs to post %s.', a_remote_id, v_other),
				'Look at the account and say where this post is, publish it or drop it.') where id = p.id;
		end if;
		return true;
	end if;
	perform musekit_social.refresh_due(p.account_id, a_at);
	update musekit_social.outages set ended_at = a_at
		where platform = p.platform and mode = split_part(p.remote_account, ':', 2) and ended_at is null;
	return false;
end $$;

create or replace function public.social_evidence(
	p_contract integer, p_evidence_id uuid, p_post_id uuid, p_fence bigint, p_carrier text, p_part integer,
	p_step text, p_outcome text, p_final boolean, p_intent_id uuid default null, p_remote_id text default null,
	p_url text default null, p_error jsonb default null, p_payload jsonb default '{}',
	p_confirmed_by text default 'answer'
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	v_second boolean := false;
	v_open integer;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	insert into musekit_social.evidence (
		id, post_id, intent_id, part, step, fence, carrier, outcome, final, confirmed_by, remote_id, url, error, payload)
	values (p_evidence_id, p_post_id, p_intent_id, p_part, p_step, p_fence, p_carrier, p_outcome, p_final,
		p_confirmed_by, p_remote_id, p_url, p_error, coalesce(p_payload, '{}'))
	on conflict (id) do nothing;
	if found then
		if p_intent_id is not null and p_outcome <> 'ambiguous' then
			update musekit_social.intents set closed_by = p_outcome, closed_at = clock_timestamp()
				where id = p_intent_id and post_id = p_post_id and closed_by is null;
		end if;
		-- What a look-up found answers every open attempt of that step.
		if p_outcome = 'done' and p_confirmed_by <> 'answer' then
			update musekit_social.intents set closed_by = 'done', closed_at = clock_timestamp()
				where post_id = p_post_id and part = p_part and step = p_step and closed_by is null;
		end if;
		if p_outcome = 'done' and p_final then
			v_second := musekit_social.settle_published(p_post_id, p_remote_id, p_url, p_confirmed_by, clock_timestamp());
		end if;
		v_open := musekit_social.count_open(p_post_id);
		-- A post that was just published has both already: every write of a post costs all its indexes.
		update musekit_social.posts set barren_claims = 0, open_intents = v_open
			where id = p_post_id and (barren_claims <> 0 or open_intents <> v_open);
		if p_outcome <> 'done' then
			perform musekit_social.note_server_failure(p, p_outcome, p_error);
		end if;
		-- A publication has seen to its account itself; nothing else of this says when a post is due.
		if v_second then
			perform musekit_social.refresh_due(p.account_id);
		end if;
		select * into p from musekit_social.posts where id = p_post_id;
	end if;
	return jsonb_build_object('post', musekit_social.post_view(p), 'secondEntry', v_second);
end $$;

-- First line of every function that the API reaches; said as an expression, it costs no statement.
create or replace function musekit_social.enter(p_contract integer) returns void
language plpgsql set search_path = '' as $$
declare
	-- Writes are durable whatever the database's default is; a SET clause would be undone before the commit.
	v_durable text := set_config('synchronous_commit', 'on', true);
	m musekit_social.store_meta;
begin
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

select musekit_social.restrict_access();
