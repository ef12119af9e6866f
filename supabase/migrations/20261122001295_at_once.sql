-- Calls that come at the same moment answer as if they had come one after the other: what the
-- concurrent histories of the store model found (docs/store-model.md).

-- Two owners may have connected one remote account, and evidence of both may name one entry at once.
-- Evidence is never refused: the later one finds that the id belongs to another post.
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
	update musekit_social.accounts set last_success_at = a_at where id = p.account_id;
	update musekit_social.outages set ended_at = a_at
		where platform = p.platform and mode = split_part(p.remote_account, ':', 2) and ended_at is null;
	return false;
end $$;

-- Likewise a person's "it is live at" is refused in words when somebody else's post has just become
-- that entry. A new time is no longer the wall time that was asked for.
create or replace function public.social_post_resolve(
	p_contract integer, p_post_id uuid, p_owner text, p_resolve_id uuid, p_decision jsonb
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	v_to text := p_decision ->> 'to';
	v_remote text := p_decision ->> 'remoteId';
	i musekit_social.intents;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id, p_owner);
	if exists (select 1 from musekit_social.resolutions where id = p_resolve_id and post_id = p.id) then
		return musekit_social.post_view(p.id);
	end if;
	if v_to is null or v_to not in ('live', 'publish', 'drop') or (v_to = 'live' and coalesce(v_remote, '') = '') then
		perform musekit_social.refuse(400, 'resolve_invalid',
			'A decision is live (with the id at the platform), publish or drop. Nothing was changed.');
	end if;
	if p.state = 'publishing' then
		perform musekit_social.refuse(409, 'post_in_flight',
			'A carrier is working on this post right now. Nothing was changed.', 'Try again in a minute.');
	elsif p.state <> 'needs_review' and not (p.state = 'scheduled' and p.held) then
		perform musekit_social.refuse(409, 'post_not_in_review',
			format('The post is %s and needs no decision. It stays as it is.', p.state), 'Look at the post again.');
	end if;
	insert into musekit_social.resolutions (id, post_id, decision) values (p_resolve_id, p.id, p_decision);
	update musekit_social.posts set fence = nextval('musekit_social.fence_seq') where id = p.id returning * into p;
	select * into i from musekit_social.intents where post_id = p.id order by saved_at desc limit 1;

	if v_to = 'live' then
		if exists (select 1 from musekit_social.posts o where o.remote_account = p.remote_account and o.remote_id = v_remote and o.id <> p.id) then
			perform musekit_social.refuse(409, 'id_in_use',
				format('%s is another post of ours already. Nothing was changed.', v_remote),
				'Give the address of the entry that belongs to this post.');
		end if;
		insert into musekit_social.evidence (id, post_id, intent_id, part, step, fence, carrier, outcome, final, confirmed_by, remote_id, url)
			values (p_resolve_id, p.id, i.id, coalesce(i.part, 0), coalesce(i.step, 'post'), p.fence, 'person', 'done', true,
				'person', v_remote, p_decision ->> 'url');
		update musekit_social.intents set closed_by = 'done', closed_at = clock_timestamp()
			where post_id = p.id and closed_by is null;
		update musekit_social.posts set open_intents = 0, held = false where id = p.id;
		if musekit_social.settle_published(p.id, v_remote, p_decision ->> 'url', 'person', coalesce(i.saved_at, clock_timestamp())) then
			perform musekit_social.refuse(409, 'id_in_use',
				format('%s is another post of ours already. Nothing was changed.', v_remote),
				'Give the address of the entry that belongs to this post.');
		end if;
	elsif v_to = 'publish' then
		update musekit_social.posts set state = 'scheduled', held = false, error = null, cancel_requested = false,
			barren_claims = 0, send_anyway = open_intents > 0, next_at = null, wait_reason = null, wall_time = null,
			scheduled_at = coalesce((p_decision ->> 'scheduledAt')::timestamptz, clock_timestamp())
		where id = p.id;
	else
		update musekit_social.intents set closed_by = 'absent', closed_at = clock_timestamp(), proof = '{"by": "person", "decision": "drop"}'
			where post_id = p.id and closed_by is null;
		update musekit_social.posts set open_intents = 0, held = false where id = p.id;
		update musekit_social.posts set state = 'cancelled' where id = p.id;
	end if;
	perform musekit_social.refresh_due(p.account_id);
	return musekit_social.post_view(p.id);
end $$;

-- A retry is a person's release: a post that was held when the store went back in time, cancelled and
-- retried would otherwise wait until it is missed.
create or replace function public.social_post_retry(
	p_contract integer, p_post_id uuid, p_owner text, p_scheduled_at timestamptz default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare p musekit_social.posts;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id, p_owner);
	if p.state = 'scheduled' and p.wait_reason is not null and p.open_intents = 0 then
		update musekit_social.posts set next_at = null, wait_reason = null where id = p.id;
	elsif p.state = 'scheduled' or p.state = 'publishing' then
		null;
	elsif p.state in ('failed', 'missed', 'cancelled') then
		update musekit_social.posts set state = 'scheduled', error = null, cancel_requested = false, barren_claims = 0,
			scheduled_at = coalesce(p_scheduled_at, clock_timestamp()), wall_time = null, version = version + 1, held = false
		where id = p.id;
	else
		perform musekit_social.refuse(409, 'post_not_retryable',
			format('A post that is %s cannot be retried. It stays as it is.', p.state),
			case p.state when 'needs_review' then 'Decide it with Resolve: it may be live.'
				when 'draft' then 'Schedule the draft.' else 'It is out; create a new post to post again.' end);
	end if;
	perform musekit_social.refresh_due(p.account_id);
	return musekit_social.post_view(p.id);
end $$;
