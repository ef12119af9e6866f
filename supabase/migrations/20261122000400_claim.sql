-- Claims: who may work on which post, decided by lease and fence.

create function musekit_social.intent_view(i musekit_social.intents) returns jsonb
language sql stable set search_path = '' as $$
	select jsonb_build_object('id', i.id, 'part', i.part, 'step', i.step,
		'fence', i.fence, 'request', i.request, 'recognise', i.recognise,
		'savedAt', musekit_social.iso(i.saved_at), 'deadlineAt', musekit_social.iso(i.deadline_at),
		'settledAt', musekit_social.iso(i.settled_at), 'closedBy', i.closed_by, 'repeatOf', i.repeat_of);
$$;

create function musekit_social.claim_view(a_post uuid) returns jsonb
language sql volatile set search_path = '' as $$
	select jsonb_build_object(
		'claimId', p.claim_id, 'fence', p.fence,
		'leaseMsLeft', musekit_social.ms_until(p.lease_until),
		'marginMs', (musekit_social.setting('timing', 'marginMs'))::bigint,
		'post', musekit_social.post_view(p),
		'account', musekit_social.carried_account_view(a),
		'steps', coalesce((select jsonb_agg(jsonb_build_object('part', s.part, 'step', s.step, 'result', s.result,
				'validUntil', musekit_social.iso(s.valid_until)) order by s.saved_at)
			from musekit_social.step_results s where s.post_id = p.id), '[]'),
		'intents', coalesce((select jsonb_agg(musekit_social.intent_view(i) order by i.saved_at)
			from musekit_social.intents i where i.post_id = p.id), '[]'),
		'evidence', coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'intentId', e.intent_id,
				'part', e.part, 'step', e.step, 'fence', e.fence, 'outcome', e.outcome,
				'remoteId', e.remote_id, 'url', e.url, 'error', e.error, 'payload', e.payload,
				'at', musekit_social.iso(e.at)) order by e.at)
			from musekit_social.evidence e where e.post_id = p.id), '[]'),
		'tooLate', clock_timestamp() > p.scheduled_at + p.max_lateness_ms * interval '1 millisecond',
		'cancelRequested', p.cancel_requested,
		'sendAnyway', p.send_anyway,
		'mediaPublicUrl', musekit_social.setting('media', 'publicUrl') #>> '{}',
		'storeNow', musekit_social.iso(clock_timestamp()))
	from musekit_social.posts p join musekit_social.accounts a on a.id = p.account_id
	where p.id = a_post;
$$;

-- Tries to give one post to a carrier. The caller holds the account's row lock. `reason` is null
-- when the claim stands, else why not, with the time from which asking again makes sense. Settles
-- on the way what needs no carrier any more.
create function musekit_social.take_post(a_post uuid, a_claim jsonb, out reason text, out again_at timestamptz)
language plpgsql set search_path = '' as $$
declare
	p musekit_social.posts;
	v_now timestamptz := clock_timestamp();
	v_fence bigint;
begin
	select * into p from musekit_social.posts where id = a_post for update;
	if p.due_at is null or p.due_at > v_now then
		reason := case when p.state = 'publishing' then 'busy' else 'not_claimable' end;
		return;
	end if;
	if p.open_intents = 0 and p.cancel_requested then
		if p.state = 'publishing' or p.state = 'scheduled' then
			update musekit_social.posts set state = 'cancelled' where id = p.id;
		end if;
		reason := 'not_claimable';
		return;
	end if;
	if p.open_intents = 0 and v_now > p.scheduled_at + p.max_lateness_ms * interval '1 millisecond' then
		update musekit_social.posts set state = 'missed', error = musekit_social.post_error('missed',
			'The post was not published within its maximum lateness, and nothing of it was sent.',
			'Retry it to publish it now, or schedule it anew.') where id = p.id;
		reason := 'not_claimable';
		return;
	end if;
	if p.barren_claims >= (musekit_social.setting('timing', 'barrenClaims'))::integer then
		update musekit_social.posts set state = 'needs_review', error = musekit_social.post_error('carrier_died',
			format('%s carriers in a row stopped while they worked on this post and left no word.', p.barren_claims),
			'Look at the account: if the post is there, say so; if not, publish it or drop it.') where id = p.id;
		perform musekit_social.open_incident('poison_post', p,
			'A post stopped every carrier that took it.', jsonb_build_object('claims', p.barren_claims));
		reason := 'not_claimable';
		return;
	end if;
	if p.protocol > (a_claim ->> 'protocol')::integer then
		reason := 'not_claimable';
		return;
	end if;
	-- Switching off stops what is not out yet; what may be out is still looked up.
	if p.open_intents = 0 and musekit_social.off_reason(p.owner_id, 'publish', p.platform) is not null then
		reason := 'off';
		again_at := v_now + interval '5 seconds';
		return;
	end if;
	-- A platform that is down keeps its posts, look-ups included.
	select o.paused_until into again_at from musekit_social.outages o
		where o.platform = p.platform and o.mode = split_part(p.remote_account, ':', 2)
			and o.ended_at is null and o.paused_until > v_now;
	if again_at is not null then
		reason := 'paused';
		return;
	end if;
	-- After an outage the posts of an account go out one by one with a gap, not as a burst.
	if p.open_intents = 0 and v_now > p.scheduled_at + (musekit_social.setting('burst', 'lateMs'))::bigint * interval '1 millisecond' then
		select a.last_success_at + (musekit_social.setting('burst', 'gapMs'))::bigint * interval '1 millisecond'
			into again_at from musekit_social.accounts a where a.id = p.account_id;
		if again_at > v_now then
			reason := 'spread';
			return;
		end if;
		again_at := null;
	end if;
	-- A post whose outcome is open could be taken for another one with the same text.
	if p.open_intents = 0 and exists (
		select 1 from musekit_social.posts o
		where o.account_id = p.account_id and o.text_hash = p.text_hash and o.open_intents > 0 and o.id <> p.id
			and o.state in ('scheduled', 'publishing')
	) then
		reason := 'busy';
		again_at := v_now + interval '2 seconds';
		return;
	end if;
	if exists (
		select 1 from musekit_social.posts o
		where o.remote_account = p.remote_account and o.state = 'publishing' and o.id <> p.id
	) then
		reason := 'busy';
		again_at := v_now + interval '2 seconds';
		return;
	end if;
	v_fence := nextval('musekit_social.fence_seq');
	begin
		update musekit_social.posts set
			state = 'publishing', fence = v_fence, claim_id = (a_claim ->> 'claimId')::uuid, claimed_at = v_now,
			carrier = a_claim ->> 'carrier', lease_until = v_now + musekit_social.timing('leaseMs'),
			attempts = attempts + 1, barren_claims = barren_claims + 1, wait_reason = null, next_at = null
		where id = p.id;
	exception when unique_violation then
		-- Another owner's connection of the same remote account was faster.
		reason := 'busy';
		again_at := v_now + interval '2 seconds';
		return;
	end;
	insert into musekit_social.attempts (claim_id, post_id, fence, carrier, carrier_kind, protocol)
	values ((a_claim ->> 'claimId')::uuid, p.id, v_fence, a_claim ->> 'carrier', a_claim ->> 'kind',
		(a_claim ->> 'protocol')::integer);
end $$;

create function musekit_social.check_claim(a_claim jsonb) returns void
language plpgsql set search_path = '' as $$
begin
	if coalesce(a_claim ->> 'carrier', '') = '' or coalesce(a_claim ->> 'kind', '') not in ('n8n', 'runner')
		or coalesce(a_claim ->> 'claimId', '') !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
		or coalesce(a_claim ->> 'protocol', '') !~ '^\d+$' then
		perform musekit_social.refuse(400, 'claim_invalid',
			'The claim lacks claimId (uuid), carrier, kind (n8n or runner) or protocol. Nothing was claimed.');
	end if;
end $$;

-- The answer to a claim call that came before: the same claim while it stands.
create function musekit_social.repeated_claim(a_claim jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare t musekit_social.attempts;
begin
	select * into t from musekit_social.attempts where claim_id = (a_claim ->> 'claimId')::uuid;
	if not found then
		return null;
	end if;
	if exists (select 1 from musekit_social.posts p
		where p.id = t.post_id and p.fence = t.fence and p.state = 'publishing' and p.lease_until > clock_timestamp()) then
		return jsonb_build_object('claim', musekit_social.claim_view(t.post_id), 'reason', null, 'nextDueMs', null);
	end if;
	return jsonb_build_object('claim', null, 'reason', 'claim_over', 'nextDueMs', null);
end $$;

-- How long a runner leaves a due post to n8n: while n8n's heartbeat is fresh, its interval and a
-- little more, so that a healthy n8n stays the main carrier; none when n8n is silent.
create function musekit_social.grace_ms(a_kind text) returns bigint
language sql volatile set search_path = '' as $$
	select case when a_kind = 'runner' then coalesce((
		select max(h.interval_ms + 15000) from musekit_social.heartbeats h
		where h.kind = 'n8n' and h.last_at > clock_timestamp() - (h.interval_ms + 15000) * interval '1 millisecond'), 0)
	else 0 end;
$$;

-- A carrier that has seen a larger fence than the store will give next knows that the store lost
-- commits (restored backup, failover). Posts due by now may be out already: they are held, once,
-- until they are looked up or released, and fences go on above everything seen.
create function musekit_social.store_went_back(a_last_fence bigint) returns boolean
language plpgsql set search_path = '' as $$
begin
	if a_last_fence is null or a_last_fence <= (select last_value from musekit_social.fence_seq) then
		return false;
	end if;
	perform pg_advisory_xact_lock(hashtextextended('musekit_social.store_went_back', 0));
	if a_last_fence > (select last_value from musekit_social.fence_seq) then
		perform setval('musekit_social.fence_seq', a_last_fence + 1000);
		update musekit_social.posts set held = true
			where state = 'scheduled' and scheduled_at <= clock_timestamp();
		update musekit_social.posts set state = 'needs_review', error = musekit_social.post_error('store_went_back',
			'The store was set back in time while this post was being published.',
			'Look at the account: if the post is there, say so; if not, publish it or drop it.')
			where state = 'publishing';
		perform musekit_social.refresh_due(id) from musekit_social.accounts where next_due_at is not null order by id;
		insert into musekit_social.incidents (kind, message, facts) values ('store_went_back',
			'The store was set back in time. Posts that were due are held until somebody releases them.',
			jsonb_build_object('lastFence', a_last_fence));
	end if;
	return true;
end $$;

create function public.social_claim(
	p_contract integer, p_claim jsonb, p_post_id uuid default null, p_grace_ms bigint default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_answer jsonb;
	v_account musekit_social.accounts;
	v_post uuid;
	v_take record;
	v_again timestamptz;
	v_seen uuid[] := '{}';
	v_grace interval := coalesce(p_grace_ms, musekit_social.grace_ms(p_claim ->> 'kind')) * interval '1 millisecond';
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.check_claim(p_claim);
	v_answer := musekit_social.repeated_claim(p_claim);
	if v_answer is not null then
		return v_answer;
	end if;
	if musekit_social.store_went_back((p_claim ->> 'lastFence')::bigint) then
		return jsonb_build_object('claim', null, 'reason', 'store_went_back', 'nextDueMs', null);
	end if;

	if p_post_id is not null then
		perform musekit_social.lock_post(p_post_id);
		v_take := musekit_social.take_post(p_post_id, p_claim);
		perform musekit_social.refresh_due(account_id) from musekit_social.posts where id = p_post_id;
		return jsonb_build_object(
			'claim', case when v_take.reason is null then musekit_social.claim_view(p_post_id) end,
			'reason', v_take.reason, 'nextDueMs', null);
	end if;

	-- Each round takes the account that has waited longest; one with nothing usable is passed by
	-- until the earliest time at which that may change.
	for v_round in 1..50 loop
		select * into v_account from musekit_social.accounts a
		where a.next_due_at <= clock_timestamp() - v_grace and a.id <> all (v_seen)
		order by a.next_due_at limit 1 for update skip locked;
		exit when not found;
		v_seen := v_seen || v_account.id;
		v_again := null;
		-- A few posts deep: the oldest ones may be settled, blocked or too new for this carrier.
		for v_post in
			select p.id from musekit_social.posts p
			where p.account_id = v_account.id and p.due_at <= clock_timestamp() - v_grace
			order by p.due_at, p.id limit 20
		loop
			v_take := musekit_social.take_post(v_post, p_claim);
			if v_take.reason is null then
				perform musekit_social.refresh_due(v_account.id);
				return jsonb_build_object('claim', musekit_social.claim_view(v_post), 'reason', null, 'nextDueMs', null);
			end if;
			v_again := least(v_again, v_take.again_at);
		end loop;
		update musekit_social.accounts set hold_until = v_again where id = v_account.id;
		perform musekit_social.refresh_due(v_account.id);
	end loop;
	return jsonb_build_object('claim', null, 'reason', 'nothing_due', 'nextDueMs', (
		select greatest(musekit_social.ms_until(next_due_at + v_grace), 0) from musekit_social.accounts
		where next_due_at > clock_timestamp() - v_grace and next_due_at < clock_timestamp() - v_grace + interval '1 minute'
		order by next_due_at limit 1));
end $$;

create function public.social_lease_extend(p_contract integer, p_post_id uuid, p_fence bigint)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare p musekit_social.posts;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	if p.state <> 'publishing' or p.fence <> p_fence or p.lease_until <= clock_timestamp() then
		return jsonb_build_object('ok', false, 'leaseMsLeft', 0);
	end if;
	update musekit_social.posts set lease_until = greatest(lease_until, clock_timestamp() + musekit_social.timing('leaseMs'))
		where id = p.id returning * into p;
	perform musekit_social.refresh_due(p.account_id);
	return jsonb_build_object('ok', true, 'leaseMsLeft', musekit_social.ms_until(p.lease_until));
end $$;
