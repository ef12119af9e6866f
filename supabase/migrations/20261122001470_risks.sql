-- Warnings ahead: an account that was disconnected keeps its scheduled posts, which will be missed.
-- Before, nobody was warned of them, and the warnings from before the disconnect stayed for ever.

create or replace function public.social_risk_view(
	p_contract integer, p_ahead_ms bigint default null, p_limit integer default 50, p_cursor uuid default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_until timestamptz := clock_timestamp() + coalesce(p_ahead_ms, (musekit_social.setting('risks', 'aheadMs'))::bigint)
		* interval '1 millisecond';
	v_limit integer := least(greatest(p_limit, 1), 200);
	v_items jsonb;
begin
	perform musekit_social.enter(p_contract);
	select coalesce(jsonb_agg(x.view order by x.id), '[]') into v_items from (
		select a.id, jsonb_build_object(
			'account', musekit_social.carried_account_view(a),
			'storeNow', musekit_social.iso(clock_timestamp()),
			'published24h', (select count(*) from musekit_social.posts p
				where p.remote_account = a.remote_account and p.remote_id is not null
					and p.published_at > clock_timestamp() - interval '24 hours'),
			'publishedTimes', coalesce((select jsonb_agg(t.at order by t.at) from (
				select musekit_social.iso(p.published_at) as at from musekit_social.posts p
				where p.remote_account = a.remote_account and p.remote_id is not null
					and p.published_at > clock_timestamp() - interval '24 hours'
				order by p.published_at desc limit 500) t), '[]'),
			'posts', coalesce((select jsonb_agg(s.view) from (
				select jsonb_build_object('id', p.id, 'at', musekit_social.iso(greatest(p.scheduled_at, p.next_at)),
					'pictures', case jsonb_typeof(p.content -> 'media') when 'array'
						then jsonb_array_length(p.content -> 'media') else 0 end) as view
				from musekit_social.posts p
				where p.account_id = a.id and p.state = 'scheduled' and p.scheduled_at < v_until
				order by p.scheduled_at, p.id limit 500) s), '[]'),
			'refusals', coalesce((select jsonb_agg(distinct e.error ->> 'code') from musekit_social.evidence e
				join musekit_social.posts p on p.id = e.post_id
				where p.account_id = a.id and e.outcome = 'rejected' and e.error ? 'code'
					and e.at > clock_timestamp() - interval '24 hours'
					and (a.last_success_at is null or e.at > a.last_success_at)), '[]')) as view
		from musekit_social.accounts a
		where (p_cursor is null or a.id > p_cursor) and (
			exists (select 1 from musekit_social.posts p where p.account_id = a.id and p.state = 'scheduled'
				and p.scheduled_at < v_until)
			or exists (select 1 from musekit_social.risks r where r.account_id = a.id))
		order by a.id limit v_limit) x;
	return jsonb_build_object('items', v_items, 'nextCursor', case when jsonb_array_length(v_items) = v_limit
		then v_items -> -1 -> 'account' ->> 'id' end);
end $$;

-- Warnings that still hold: their post waits, or one of their account does.
create or replace function public.social_risks(
	p_contract integer, p_owner text default null, p_account_id uuid default null, p_post_id uuid default null,
	p_limit integer default 200
) returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object('items', coalesce((select jsonb_agg(x.view) from (
		select jsonb_build_object('code', r.code, 'accountId', r.account_id, 'postId', r.post_id,
			'at', musekit_social.iso(r.at), 'message', r.message, 'remedy', r.remedy) as view
		from musekit_social.risks r
		join musekit_social.accounts a on a.id = r.account_id
		left join musekit_social.posts p on p.id = r.post_id
		where (p_owner is null or a.owner_id = p_owner)
			and (p_account_id is null or r.account_id = p_account_id)
			and (p_post_id is null or r.post_id = p_post_id or (r.post_id is null
				and r.account_id = (select account_id from musekit_social.posts where id = p_post_id)))
			and case when r.post_id is not null then p.state in ('scheduled', 'publishing')
				else exists (select 1 from musekit_social.posts w
					where w.account_id = r.account_id and w.state in ('scheduled', 'publishing')) end
		order by r.at nulls first, r.id limit least(greatest(p_limit, 1), 1000)) x), '[]'));
end $$;

do $$
declare f regprocedure;
begin
	for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace
		and p.proname in ('social_risk_view', 'social_risks') loop
		execute format('revoke all on function %s from public, anon, authenticated', f);
		execute format('grant execute on function %s to service_role', f);
	end loop;
end $$;
