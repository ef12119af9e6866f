-- The same answers in less time. What a post costs on its way out is mostly the number of writes of
-- its row and of its account's, so each is written once a call and only when something changes.

-- Bodies that are read when they are made may be inlined into the caller's query; a function with a
-- search path of its own never is.
create or replace function musekit_social.iso(t timestamptz) returns text language sql stable
return to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

create or replace function musekit_social.ms_until(t timestamptz) returns bigint language sql volatile
return floor(extract(epoch from (t - clock_timestamp())) * 1000)::bigint;

create or replace function musekit_social.hash_of(a_text text) returns text language sql immutable
return encode(sha256(convert_to(a_text, 'UTF8')), 'hex');

create or replace function musekit_social.media_view(m musekit_social.media) returns jsonb language sql immutable
return jsonb_build_object('hash', m.hash, 'mime', m.mime, 'bytes', m.bytes, 'width', m.width, 'height', m.height);

-- One look at the settings instead of four.
create or replace function musekit_social.off_reason(a_owner text, a_feature text, a_platform text) returns text
language plpgsql stable set search_path = '' as $$
declare
	v_tier text;
	v_module boolean;
	v_feature boolean;
	v_platform boolean;
begin
	select o.tier,
		(select (value ->> 'enabled')::boolean from musekit_social.settings where key = 'module'),
		(select (value -> o.tier ->> a_feature)::boolean from musekit_social.settings where key = 'features'),
		(select (value ->> a_platform)::boolean from musekit_social.settings where key = 'platforms')
		into v_tier, v_module, v_feature, v_platform
		from (select 1) one left join musekit_social.owners o on o.id = a_owner;
	if not coalesce(v_module, true) then
		return 'MuseKit Social is switched off';
	end if;
	if not coalesce(v_feature, true) then
		return format('%s is switched off for the %s tier', a_feature, v_tier);
	end if;
	if a_platform is not null and not coalesce(v_platform, true) then
		return format('%s is switched off', a_platform);
	end if;
	return null;
end $$;

-- Says in the account's row when a carrier should look at it again, and writes it only when that is
-- another time than before. The caller holds the account's row lock.
create or replace function musekit_social.refresh_due(a_account uuid) returns void
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
	if v_due is distinct from a.next_due_at then
		update musekit_social.accounts set next_due_at = v_due where id = a_account;
	end if;
end $$;

-- What came back from the world is never refused, also when it overtakes its own intent.
alter table musekit_social.evidence drop constraint evidence_intent_id_fkey;

create or replace function public.social_intent(
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
	v_margin interval;
	v_due timestamptz;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id);
	v_now := clock_timestamp();
	v_due := p.due_at;
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
			or (e.part = p_part and e.step = p_step and e.outcome = 'done')
			-- Said to be not sent before it arrived: the carrier could not wait for this call's answer.
			or e.intent_id = p_intent_id)
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
		v_margin := musekit_social.timing('marginMs');
		insert into musekit_social.intents (
			id, post_id, part, step, fence, request, recognise, repeat_of, saved_at, deadline_at, settled_at)
		values (p_intent_id, p.id, p_part, p_step, p_fence, p_request, p_recognise,
			(select count(*) from musekit_social.intents o where o.post_id = p.id and o.part = p_part and o.step = p_step),
			v_now,
			v_now + p_limit_ms * interval '1 millisecond',
			v_now + (p_limit_ms + p_settle_ms) * interval '1 millisecond' + v_margin)
		returning * into i;
		update musekit_social.posts set open_intents = open_intents + 1,
			lease_until = greatest(lease_until, v_now + p_limit_ms * interval '1 millisecond' + v_margin)
		where id = p.id;
	end if;
	select * into p from musekit_social.posts where id = p.id;
	-- The account is looked at by what its posts say, so it changes with them or not at all.
	if p.due_at is distinct from v_due then
		perform musekit_social.refresh_due(p.account_id);
	end if;
	return jsonb_build_object('ok', v_refusal is null, 'refusal', v_refusal, 'message', v_message,
		'deadlineMsLeft', case when v_refusal is null then musekit_social.ms_until(i.deadline_at) else 0 end,
		'leaseMsLeft', greatest(coalesce(musekit_social.ms_until(p.lease_until), 0), 0),
		'post', musekit_social.post_view(p));
end $$;

create or replace function public.social_evidence(
	p_contract integer, p_evidence_id uuid, p_post_id uuid, p_fence bigint, p_carrier text, p_part integer,
	p_step text, p_outcome text, p_final boolean, p_intent_id uuid default null, p_remote_id text default null,
	p_url text default null, p_error jsonb default null, p_payload jsonb default '{}',
	p_confirmed_by text default 'answer'
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	v_new boolean;
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
		perform musekit_social.refresh_due(p.account_id);
	end if;
	return jsonb_build_object('post', musekit_social.post_view(p_post_id), 'secondEntry', v_second);
end $$;
