-- Intents, step results, evidence and results: what a carrier says while it works.

create function public.social_intent(
	p_contract integer, p_post_id uuid, p_fence bigint, p_intent_id uuid, p_part integer, p_step text,
	p_request jsonb, p_recognise jsonb, p_limit_ms integer, p_settle_ms integer
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	i musekit_social.intents;
	v_refusal text;
	v_message text;
	v_now timestamptz;
	v_repeat uuid := (p_recognise ->> 'repeatOf')::uuid;
	v_absent integer;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	v_now := clock_timestamp();
	select * into i from musekit_social.intents where id = p_intent_id;
	if found and (i.post_id, i.part, i.step, i.fence) is distinct from (p_post_id, p_part, p_step, p_fence) then
		perform musekit_social.refuse(409, 'intent_is_another', 'This intent id was used for another step.');
	end if;
	if p.state <> 'publishing' or p.fence is distinct from p_fence then
		v_refusal := 'stale_fence';
		v_message := 'Another carrier has this post now, or it is settled.';
	elsif p.lease_until <= v_now then
		v_refusal := 'lease_over';
		v_message := 'The lease ended before the intent was saved.';
	elsif i.id is not null then
		if i.closed_by is not null then
			v_refusal := 'newer_evidence';
			v_message := 'This intent is closed already.';
		end if;
	elsif exists (
		select 1 from musekit_social.evidence e where e.post_id = p.id and (
			e.fence > p_fence
			or (e.fence <> p_fence and e.at >= p.claimed_at)
			or (e.part = p_part and e.step = p_step and e.outcome = 'done'))
	) then
		v_refusal := 'newer_evidence';
		v_message := 'An answer to an earlier attempt has arrived since.';
	elsif exists (
		select 1 from musekit_social.intents o
		where o.post_id = p.id and o.part = p_part and o.step = p_step and o.closed_by is null
			and (v_repeat is null or o.request <> p_request)
	) then
		v_refusal := 'open_intent';
		v_message := 'An earlier attempt may be live and has not been looked up.';
	elsif p.cancel_requested then
		v_refusal := 'cancelled';
		v_message := 'The post was cancelled before this step.';
		if p.open_intents = 0 then
			update musekit_social.posts set state = 'cancelled' where id = p.id;
		end if;
	elsif v_now > p.scheduled_at + p.max_lateness_ms * interval '1 millisecond' then
		v_refusal := 'too_late';
		v_message := 'The post is past its maximum lateness.';
		if p.open_intents = 0 then
			update musekit_social.posts set state = 'missed', error = musekit_social.post_error('missed',
				'The post was not published within its maximum lateness, and nothing of it was sent.',
				'Retry it to publish it now, or schedule it anew.') where id = p.id;
		end if;
	elsif exists (select 1 from musekit_social.accounts a where a.id = p.account_id and a.status <> 'connected') then
		v_refusal := 'account_dead';
		v_message := 'The account has to be connected again.';
	else
		v_message := musekit_social.off_reason(p.owner_id, 'publish', p.platform);
		if v_message is not null then
			v_refusal := 'off';
		else
			select count(*) into v_absent from musekit_social.intents o
				where o.post_id = p.id and o.part = p_part and o.step = p_step and o.closed_by = 'absent';
			if v_absent > (select resends from musekit_social.platforms where name = p.platform)
				+ (select count(*) from musekit_social.resolutions where post_id = p.id and decision ->> 'to' = 'publish') then
				v_refusal := 'resend_limit';
				v_message := 'The step was sent again as often as this platform allows.';
			end if;
		end if;
	end if;

	if v_refusal is null and i.id is null then
		insert into musekit_social.intents (
			id, post_id, part, step, fence, request, recognise, repeat_of, saved_at, deadline_at, settled_at)
		values (p_intent_id, p.id, p_part, p_step, p_fence, p_request, p_recognise,
			(select count(*) from musekit_social.intents o where o.post_id = p.id and o.part = p_part and o.step = p_step),
			v_now,
			v_now + p_limit_ms * interval '1 millisecond',
			v_now + (p_limit_ms + p_settle_ms) * interval '1 millisecond' + musekit_social.timing('marginMs'))
		returning * into i;
		update musekit_social.posts set open_intents = open_intents + 1,
			lease_until = greatest(lease_until, v_now + p_limit_ms * interval '1 millisecond' + musekit_social.timing('marginMs'))
		where id = p.id;
	end if;
	perform musekit_social.refresh_due(p.account_id);
	return jsonb_build_object('ok', v_refusal is null, 'refusal', v_refusal, 'message', v_message,
		'deadlineMsLeft', case when v_refusal is null then musekit_social.ms_until(i.deadline_at) else 0 end,
		'leaseMsLeft', (select greatest(coalesce(musekit_social.ms_until(lease_until), 0), 0) from musekit_social.posts where id = p.id),
		'post', musekit_social.post_view(p.id));
end $$;

create function public.social_step_result(
	p_contract integer, p_post_id uuid, p_fence bigint, p_part integer, p_step text, p_result jsonb,
	p_valid_ms bigint default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare p musekit_social.posts;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	if p.state <> 'publishing' or p.fence is distinct from p_fence then
		return jsonb_build_object('ok', false, 'refusal', 'stale_fence');
	end if;
	insert into musekit_social.step_results as s (post_id, part, step, result, valid_until)
	values (p.id, p_part, p_step, p_result, clock_timestamp() + p_valid_ms * interval '1 millisecond')
	on conflict (post_id, part, step) do update set
		result = excluded.result, valid_until = excluded.valid_until, saved_at = clock_timestamp();
	return jsonb_build_object('ok', true, 'refusal', null);
end $$;

create function musekit_social.count_open(a_post uuid) returns integer
language sql stable set search_path = '' as $$
	select count(*)::integer from musekit_social.intents where post_id = a_post and closed_by is null;
$$;

-- Makes the post published by what is known now. A second live entry, or an id that belongs to
-- another post, opens an incident and is never merged away. Answers true when it is one of those.
create function musekit_social.settle_published(
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
	update musekit_social.posts set state = 'published', remote_id = a_remote_id, url = a_url,
		confirmed_by = a_confirmed_by, published_at = a_at, error = null
	where id = p.id;
	update musekit_social.accounts set last_success_at = a_at where id = p.account_id;
	update musekit_social.outages set ended_at = a_at
		where platform = p.platform and mode = split_part(p.remote_account, ':', 2) and ended_at is null;
	return false;
end $$;

-- Append-only, from any fence, at any time: what came back from the world is never refused.
create function public.social_evidence(
	p_contract integer, p_evidence_id uuid, p_post_id uuid, p_fence bigint, p_carrier text, p_part integer,
	p_step text, p_outcome text, p_final boolean, p_intent_id uuid default null, p_remote_id text default null,
	p_url text default null, p_error jsonb default null, p_payload jsonb default '{}',
	p_confirmed_by text default 'answer'
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	v_new boolean;
	v_second boolean := false;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	insert into musekit_social.evidence (
		id, post_id, intent_id, part, step, fence, carrier, outcome, final, confirmed_by, remote_id, url, error, payload)
	values (p_evidence_id, p_post_id, p_intent_id, p_part, p_step, p_fence, p_carrier, p_outcome, p_final,
		p_confirmed_by, p_remote_id, p_url, p_error, coalesce(p_payload, '{}'))
	on conflict (id) do nothing;
	v_new := found;
	if v_new then
		if p_intent_id is not null and p_outcome <> 'ambiguous' then
			update musekit_social.intents set closed_by = p_outcome, closed_at = clock_timestamp()
				where id = p_intent_id and post_id = p_post_id and closed_by is null;
		end if;
		-- What a look-up found answers every open attempt of that step.
		if p_outcome = 'done' and p_confirmed_by <> 'answer' then
			update musekit_social.intents set closed_by = 'done', closed_at = clock_timestamp()
				where post_id = p_post_id and part = p_part and step = p_step and closed_by is null;
		end if;
		update musekit_social.posts set barren_claims = 0, open_intents = musekit_social.count_open(p_post_id)
			where id = p_post_id;
		perform musekit_social.note_server_failure(p, p_outcome, p_error);
		if p_outcome = 'done' and p_final then
			v_second := musekit_social.settle_published(p_post_id, p_remote_id, p_url, p_confirmed_by, clock_timestamp());
		end if;
		perform musekit_social.refresh_due(p.account_id);
	end if;
	return jsonb_build_object('post', musekit_social.post_view(p_post_id), 'secondEntry', v_second);
end $$;

create function public.social_intents_absent(
	p_contract integer, p_post_id uuid, p_fence bigint, p_part integer, p_step text, p_proof jsonb
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare p musekit_social.posts;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	if p.state <> 'publishing' or p.fence is distinct from p_fence or p.lease_until <= clock_timestamp() then
		return jsonb_build_object('ok', false, 'refusal', 'stale_fence');
	end if;
	if exists (select 1 from musekit_social.intents
		where post_id = p.id and part = p_part and step = p_step and closed_by is null and settled_at > clock_timestamp()) then
		return jsonb_build_object('ok', false, 'refusal', 'too_early');
	end if;
	update musekit_social.intents set closed_by = 'absent', closed_at = clock_timestamp(), proof = p_proof
		where post_id = p.id and part = p_part and step = p_step and closed_by is null;
	update musekit_social.posts set barren_claims = 0, send_anyway = false, open_intents = musekit_social.count_open(p.id)
		where id = p.id;
	return jsonb_build_object('ok', true, 'refusal', null);
end $$;

create function public.social_result(p_contract integer, p_post_id uuid, p_fence bigint, p_result jsonb)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	v_to text := p_result ->> 'to';
	v_refusal text;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	if v_to not in ('published', 'failed', 'needs_review', 'scheduled') or v_to is null then
		perform musekit_social.refuse(400, 'result_invalid', 'A result is published, failed, needs_review or scheduled.');
	end if;
	if exists (select 1 from musekit_social.attempts where post_id = p.id and fence = p_fence and ended_at is not null) then
		-- Said before: the answer is the same, whatever happened since.
		if p.state = 'publishing' and p.fence = p_fence then
			v_refusal := 'stale_fence';
		end if;
	elsif p.state = 'published' and v_to = 'published' then
		null;
	elsif p.state <> 'publishing' or p.fence is distinct from p_fence then
		v_refusal := 'stale_fence';
	elsif v_to = 'published' then
		v_refusal := 'no_evidence';
	elsif v_to = 'failed' and p.open_intents = 0 then
		update musekit_social.posts set state = 'failed', error = p_result -> 'error', barren_claims = 0 where id = p.id;
	elsif v_to = 'scheduled' and p.cancel_requested and p.open_intents = 0 then
		update musekit_social.posts set state = 'cancelled', barren_claims = 0 where id = p.id;
	elsif v_to = 'scheduled' then
		update musekit_social.posts set state = 'scheduled', wait_reason = p_result ->> 'reason',
			next_at = clock_timestamp() + greatest((p_result ->> 'waitMs')::bigint, 0) * interval '1 millisecond',
			error = coalesce(p_result -> 'error', error), barren_claims = 0
		where id = p.id;
	else
		update musekit_social.posts set state = 'needs_review', error = p_result -> 'error', barren_claims = 0 where id = p.id;
	end if;
	if v_refusal is null then
		update musekit_social.attempts set ended_at = clock_timestamp(), result = p_result
			where post_id = p.id and fence = p_fence and ended_at is null;
	end if;
	perform musekit_social.refresh_due(p.account_id);
	return jsonb_build_object('ok', v_refusal is null, 'refusal', v_refusal, 'post', musekit_social.post_view(p.id));
end $$;

create function public.social_post_url(p_contract integer, p_post_id uuid, p_url text, p_remote_id text default null)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare p musekit_social.posts;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	if p.state = 'published' and p.url is null then
		update musekit_social.posts set url = p_url,
			-- An id stays for ever, but for the name of a container whose entry was not known yet.
			remote_id = case when remote_id like 'container:%' then coalesce(p_remote_id, remote_id) else remote_id end
		where id = p.id;
	end if;
	return musekit_social.post_view(p.id);
exception when unique_violation then
	perform musekit_social.refuse(409, 'id_in_use', format('%s is another post of ours already. Nothing was changed.', p_remote_id),
		'Give the address of the entry that belongs to this post.');
	return null;
end $$;

-- Posts that are live for sure but whose entry could not be told among the account's others.
create function public.social_unnamed_entries(p_contract integer, p_limit integer default 50)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return coalesce((select jsonb_agg(jsonb_build_object('post', musekit_social.post_view(p),
			'account', musekit_social.carried_account_view(a),
			'intents', (select jsonb_agg(musekit_social.intent_view(i) order by i.saved_at)
				from musekit_social.intents i where i.post_id = p.id)))
		from (select * from musekit_social.posts
			where state = 'published' and url is null and remote_id like 'container:%' and deleted_at is null
				-- A week later the account's newest entries are others.
				and published_at > clock_timestamp() - interval '7 days'
			order by published_at limit least(greatest(p_limit, 1), 200)) p
		join musekit_social.accounts a on a.id = p.account_id and a.status = 'connected'
		where exists (select 1 from musekit_social.intents i where i.post_id = p.id)), '[]');
end $$;

-- What a look-up must know of the account's other posts: their ids at the platform since a week
-- before this post was first sent, and whether one of them carried the same text within 48 hours.
create function public.social_post_siblings(p_contract integer, p_post_id uuid)
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
		'sameText', exists (select 1 from musekit_social.posts o
			where o.remote_account = p.remote_account and o.text_hash = p.text_hash and o.id <> p.id
				and (o.remote_id is not null or exists (select 1 from musekit_social.intents i where i.post_id = o.id))
				and coalesce(o.published_at, o.claimed_at, o.scheduled_at) between v_first - interval '48 hours' and v_first + interval '48 hours'));
end $$;
