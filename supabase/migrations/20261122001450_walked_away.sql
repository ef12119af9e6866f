-- A carrier that is alive but could not talk to the store walks away from claims. It says so with its
-- next claim, so that a store in trouble does not look like a post that kills its carriers.

-- Gives back what the claim names in `walkedAway` (claim ids) while nobody else has it. An account
-- that is locked just now is left alone: its post's lease ends by itself.
create function musekit_social.give_back(a_claim jsonb) returns void
language plpgsql set search_path = '' as $$
declare
	t musekit_social.attempts;
	p musekit_social.posts;
begin
	if jsonb_typeof(a_claim -> 'walkedAway') is distinct from 'array' then
		return;
	end if;
	for t in
		select * from musekit_social.attempts
		where claim_id::text in (select jsonb_array_elements_text(a_claim -> 'walkedAway'))
			and carrier = a_claim ->> 'carrier' and ended_at is null
	loop
		perform 1 from musekit_social.accounts
			where id = (select account_id from musekit_social.posts where id = t.post_id) for update skip locked;
		continue when not found;
		select * into p from musekit_social.posts where id = t.post_id for update;
		continue when p.state <> 'publishing' or p.fence <> t.fence;
		update musekit_social.posts set state = 'scheduled', next_at = clock_timestamp(), barren_claims = 0,
			wait_reason = case when p.open_intents > 0 then 'lookup' else 'handed_back' end
		where id = p.id;
		update musekit_social.attempts set ended_at = clock_timestamp(),
			result = '{"to": "scheduled", "reason": "handed_back", "waitMs": 0}'
		where claim_id = t.claim_id;
		perform musekit_social.refresh_due(p.account_id);
	end loop;
end $$;
revoke all on function musekit_social.give_back(jsonb) from public;

create or replace function public.social_claim(
	p_contract integer, p_claim jsonb, p_post_id uuid default null, p_grace_ms bigint default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_answer jsonb;
	v_account musekit_social.accounts;
	v_post uuid;
	v_take record;
	v_again timestamptz;
	v_seen uuid[] := '{}';
	v_before timestamptz;
	v_grace interval := coalesce(p_grace_ms, musekit_social.grace_ms(p_claim ->> 'kind')) * interval '1 millisecond';
begin
	perform musekit_social.enter(p_contract);
	perform musekit_social.check_claim(p_claim);
	perform musekit_social.give_back(p_claim);
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
		-- A few posts deep: the oldest ones may be settled, blocked or too new for this carrier.
		for v_post in
			select p.id from musekit_social.posts p
			where p.account_id = v_account.id and p.due_at <= v_before
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
		where next_due_at > v_before and next_due_at < v_before + interval '1 minute'
		order by next_due_at limit 1));
end $$;
