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

-- Every call that claims comes by here first.
create or replace function musekit_social.check_claim(a_claim jsonb) returns void
language plpgsql set search_path = '' as $$
begin
	if coalesce(a_claim ->> 'carrier', '') = '' or coalesce(a_claim ->> 'kind', '') not in ('n8n', 'runner')
		or coalesce(a_claim ->> 'claimId', '') !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
		or coalesce(a_claim ->> 'protocol', '') !~ '^\d+$' then
		perform musekit_social.refuse(400, 'claim_invalid',
			'The claim lacks claimId (uuid), carrier, kind (n8n or runner) or protocol. Nothing was claimed.');
	end if;
	perform musekit_social.give_back(a_claim);
end $$;
