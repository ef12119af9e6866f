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

-- What `social_claim` did is one of its claims now.
alter function public.social_claim(integer, jsonb, uuid, bigint) set schema musekit_social;
alter function musekit_social.social_claim(integer, jsonb, uuid, bigint) rename to claim_one;
alter function musekit_social.claim_one(integer, jsonb, uuid, bigint) security invoker;
revoke all on function musekit_social.claim_one(integer, jsonb, uuid, bigint) from service_role;

-- `p_more`: ids of further claims, each as if it were called after the one before. They end with the first
-- that brings nothing, and the answer says why. A repeat gives the same claims: one that is over ends nothing,
-- for later ones may stand.
create function public.social_claim(
	p_contract integer, p_claim jsonb, p_post_id uuid default null, p_grace_ms bigint default null, p_more jsonb default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_first jsonb;
	v_next jsonb;
	v_claim jsonb;
	v_more jsonb := '[]';
begin
	if p_more is null then
		return musekit_social.claim_one(p_contract, p_claim, p_post_id, p_grace_ms);
	end if;
	perform musekit_social.enter(p_contract);
	perform musekit_social.check_claim(p_claim);
	if p_post_id is not null or jsonb_typeof(p_more) <> 'array' or jsonb_array_length(p_more) > 15 then
		perform musekit_social.refuse(400, 'claim_invalid',
			'A claim of one post stands alone; others take up to 15 further ids. Nothing was claimed.');
	end if;
	p_more := (select coalesce(jsonb_agg(p_claim - 'walkedAway' || jsonb_build_object('claimId', id)), '[]')
		from jsonb_array_elements(p_more) id);
	perform musekit_social.check_claim(c) from jsonb_array_elements(p_more) c;
	v_first := musekit_social.claim_one(p_contract, p_claim, null, p_grace_ms);
	v_next := v_first;
	for v_claim in select * from jsonb_array_elements(p_more) loop
		exit when v_next ->> 'reason' <> 'claim_over';
		v_next := musekit_social.claim_one(p_contract, v_claim, null, p_grace_ms);
		if v_next ->> 'reason' is null then
			v_more := v_more || (v_next -> 'claim');
		end if;
	end loop;
	return jsonb_build_object('claim', v_first -> 'claim', 'reason', v_next -> 'reason', 'nextDueMs', v_next -> 'nextDueMs',
		'more', v_more);
end $$;

select musekit_social.restrict_access();
