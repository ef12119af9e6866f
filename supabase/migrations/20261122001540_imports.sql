-- What composing and bulk import ask before anything is made.

-- Why posting is off for an owner, by platform; null where it is on.
create function public.social_compose_off(p_contract integer, p_owner text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return (select jsonb_object_agg(f.name, jsonb_build_object(
			'publish', musekit_social.off_reason(p_owner, 'publish', f.name),
			'schedule', musekit_social.off_reason(p_owner, 'schedule', f.name)))
		from musekit_social.platforms f);
end $$;

-- For each entry {n, accountId, text, wallTime | scheduledAt, timeZone} its instant (null without a time, or
-- with one that is none) and the living post of that account with the same text that is nearest in
-- time. Another owner's accounts have none.
create function public.social_posts_equal(p_contract integer, p_owner text, p_entries jsonb) returns jsonb
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
				from musekit_social.posts o
				where o.remote_account = a.remote_account and o.owner_id = p_owner
					and o.text_hash = musekit_social.hash_of(coalesce(e ->> 'text', ''))
					and o.state not in ('failed', 'missed', 'cancelled')
				order by abs(extract(epoch from o.scheduled_at - coalesce(t.at, clock_timestamp()))), o.id
				limit 1
			) near on true), '[]'));
end $$;

select musekit_social.restrict_access();
