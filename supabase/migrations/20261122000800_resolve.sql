-- A person decides a post whose outcome could not be known.

create table musekit_social.resolutions (
	id uuid primary key,
	post_id uuid not null references musekit_social.posts,
	decision jsonb not null,
	at timestamptz not null default clock_timestamp()
);
create index resolutions_of_post on musekit_social.resolutions (post_id);
alter table musekit_social.resolutions enable row level security;
revoke all on table musekit_social.resolutions from public;

-- `p_decision`: {"to":"live","remoteId":…,"url":…} | {"to":"publish","scheduledAt":…} | {"to":"drop"}.
-- The fence is bumped, so that a carrier that still dreams of this post changes nothing any more.
create function public.social_post_resolve(
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
		perform musekit_social.settle_published(p.id, v_remote, p_decision ->> 'url', 'person', coalesce(i.saved_at, clock_timestamp()));
	elsif v_to = 'publish' then
		update musekit_social.posts set state = 'scheduled', held = false, error = null, cancel_requested = false,
			barren_claims = 0, send_anyway = open_intents > 0, next_at = null, wait_reason = null,
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
