-- Several claims in one call: what a carrier with room for more pays for a claim is mostly the call, its
-- transaction and its commit.

-- Whoever takes a post holds its account at the platform until the commit, and nobody waits for that:
-- with two owners' connections of the same accounts, calls that take several could wait for each other.
-- With it no two can be on their way at once, so nothing has to be taken back when the index says so.
create or replace function musekit_social.take_post(a_post uuid, a_claim jsonb, out reason text, out again_at timestamptz)
language plpgsql set search_path = '' as $$
declare
	p musekit_social.posts;
	v_now timestamptz := clock_timestamp();
	v_fence bigint;
	v_timing jsonb;
	v_burst jsonb;
	v_flying uuid;
begin
	select * into p from musekit_social.posts where id = a_post for update;
	select t.value, b.value into v_timing, v_burst
		from (select value from musekit_social.settings where key = 'timing') t
		left join (select value from musekit_social.settings where key = 'burst') b on true;
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
	if p.barren_claims >= (v_timing ->> 'barrenClaims')::integer then
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
	if p.open_intents = 0 and musekit_social.post_off_reason(p) is not null then
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
	if p.open_intents = 0 and v_now > p.scheduled_at + (v_burst ->> 'lateMs')::bigint * interval '1 millisecond' then
		select a.last_success_at + (v_burst ->> 'gapMs')::bigint * interval '1 millisecond'
			into again_at from musekit_social.accounts a where a.id = p.account_id;
		if again_at > v_now then
			reason := 'spread';
			return;
		end if;
		again_at := null;
	end if;
	-- A post whose outcome is open could be taken for another one with the same text. (One that a carrier
	-- has in its hands is seen by its account, below.)
	if p.open_intents = 0 and exists (
		select 1 from musekit_social.posts o
		where o.account_id = p.account_id and o.text_hash = p.text_hash and o.open_intents > 0 and o.id <> p.id
			and o.state = 'scheduled' and (o.wait_reason is not null or o.send_anyway)
	) then
		reason := 'busy';
		again_at := v_now + interval '2 seconds';
		return;
	end if;
	if not pg_try_advisory_xact_lock(hashtextextended('musekit_social.flight:' || p.remote_account, 0)) then
		-- Another owner's connection of the same remote account was faster.
		reason := 'account_busy';
		again_at := v_now + interval '2 seconds';
		return;
	end if;
	select o.account_id into v_flying from musekit_social.posts o
		where o.remote_account = p.remote_account and o.state = 'publishing' and o.id <> p.id;
	if found then
		reason := case when v_flying = p.account_id then 'busy' else 'account_busy' end;
		again_at := v_now + interval '2 seconds';
		return;
	end if;
	v_fence := nextval('musekit_social.fence_seq');
	update musekit_social.posts set
		state = 'publishing', fence = v_fence, claim_id = (a_claim ->> 'claimId')::uuid, claimed_at = v_now,
		carrier = a_claim ->> 'carrier', lease_until = v_now + (v_timing ->> 'leaseMs')::bigint * interval '1 millisecond',
		attempts = attempts + 1, barren_claims = barren_claims + 1, wait_reason = null, next_at = null
	where id = p.id;
	insert into musekit_social.attempts (claim_id, post_id, fence, carrier, carrier_kind, protocol)
	values ((a_claim ->> 'claimId')::uuid, p.id, v_fence, a_claim ->> 'carrier', a_claim ->> 'kind',
		(a_claim ->> 'protocol')::integer);
end $$;

-- What `social_claim` did for its one claim.
create function musekit_social.claim_one(a_claim jsonb, a_post_id uuid, a_grace_ms bigint) returns jsonb
language plpgsql set search_path = '' as $$
declare
	v_answer jsonb;
	v_account musekit_social.accounts;
	v_post uuid;
	v_take record;
	v_again timestamptz;
	v_seen uuid[] := '{}';
	v_before timestamptz;
	v_grace interval := coalesce(a_grace_ms, musekit_social.grace_ms(a_claim ->> 'kind')) * interval '1 millisecond';
begin
	v_answer := musekit_social.repeated_claim(a_claim);
	if v_answer is not null then
		return v_answer;
	end if;
	if musekit_social.store_went_back((a_claim ->> 'lastFence')::bigint) then
		return jsonb_build_object('claim', null, 'reason', 'store_went_back', 'nextDueMs', null);
	end if;

	if a_post_id is not null then
		perform musekit_social.lock_post(a_post_id);
		v_take := musekit_social.take_post(a_post_id, a_claim);
		perform musekit_social.refresh_due(account_id) from musekit_social.posts where id = a_post_id;
		return jsonb_build_object(
			'claim', case when v_take.reason is null then musekit_social.claim_view(a_post_id) end,
			'reason', case v_take.reason when 'account_busy' then 'busy' else v_take.reason end, 'nextDueMs', null);
	end if;

	-- Read once: compared with a clock that runs on, no index could end the search, and with nothing
	-- due every claim would walk all of it. Leases are judged anew in take_post.
	v_before := clock_timestamp() - v_grace;
	-- Each round takes the account that has waited longest; one with nothing usable is passed by
	-- until the earliest time at which that may change.
	for v_round in 1..50 loop
		select * into v_account from musekit_social.accounts a
		where a.next_due_at <= v_before and a.id <> all (v_seen)
		order by a.next_due_at limit 1 for update skip locked;
		exit when not found;
		v_seen := v_seen || v_account.id;
		v_again := null;
		-- First what a carrier left when it died: it blocks all others, and twenty of them may be older.
		-- Then a few posts deep: the oldest ones may be settled, blocked or too new for this carrier.
		for v_post in
			(select p.id from musekit_social.posts p
				where p.remote_account = v_account.remote_account and p.state = 'publishing'
					and p.account_id = v_account.id and p.due_at <= v_before)
			union all
			(select p.id from musekit_social.posts p
				where p.account_id = v_account.id and p.due_at <= v_before and p.state <> 'publishing'
				order by p.due_at, p.id limit 20)
		loop
			v_take := musekit_social.take_post(v_post, a_claim);
			if v_take.reason is null then
				perform musekit_social.refresh_due(v_account.id);
				return jsonb_build_object('claim', musekit_social.claim_view(v_post), 'reason', null, 'nextDueMs', null);
			end if;
			v_again := least(v_again, v_take.again_at);
			exit when v_take.reason = 'account_busy';
		end loop;
		update musekit_social.accounts set hold_until = v_again where id = v_account.id;
		perform musekit_social.refresh_due(v_account.id);
	end loop;
	return jsonb_build_object('claim', null, 'reason', 'nothing_due', 'nextDueMs', (
		select greatest(musekit_social.ms_until(next_due_at + v_grace), 0) from musekit_social.accounts
		where next_due_at > v_before and next_due_at < v_before + interval '1 minute'
		order by next_due_at limit 1));
end $$;

-- `p_more`: ids of further claims, each as if it were called after the one before. They end with the first
-- that brings nothing, and the answer says why. A repeat gives the same claims: one that is over ends nothing,
-- for later ones may stand.
drop function public.social_claim(integer, jsonb, uuid, bigint);
create function public.social_claim(
	p_contract integer, p_claim jsonb, p_post_id uuid default null, p_grace_ms bigint default null, p_more jsonb default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_first jsonb;
	v_next jsonb;
	v_more jsonb[] := '{}';
	v_claim jsonb;
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.check_claim(p_claim);
	if p_more is null then
		return musekit_social.claim_one(p_claim, p_post_id, p_grace_ms);
	end if;
	if p_post_id is not null or jsonb_typeof(p_more) <> 'array' or jsonb_array_length(p_more) > 15 then
		perform musekit_social.refuse(400, 'claim_invalid',
			'A claim of one post stands alone; others take up to 15 further ids. Nothing was claimed.');
	end if;
	for v_claim in select p_claim - 'walkedAway' || jsonb_build_object('claimId', id) from jsonb_array_elements(p_more) id loop
		perform musekit_social.check_claim(v_claim);
		v_more := v_more || v_claim;
	end loop;
	v_first := musekit_social.claim_one(p_claim, null, p_grace_ms);
	v_next := v_first;
	p_more := '[]';
	foreach v_claim in array v_more loop
		exit when v_next ->> 'reason' <> 'claim_over';
		v_next := musekit_social.claim_one(v_claim, null, p_grace_ms);
		if v_next ->> 'reason' is null then
			p_more := p_more || (v_next -> 'claim');
		end if;
	end loop;
	return jsonb_build_object('claim', v_first -> 'claim', 'reason', v_next -> 'reason', 'nextDueMs', v_next -> 'nextDueMs',
		'more', p_more);
end $$;

select musekit_social.restrict_access();
