-- Create, change and read posts.

-- The instant an entry asks for, or the reason why there is none.
create function musekit_social.entry_time(a_entry jsonb, out at timestamptz, out wall timestamp, out bad jsonb)
language plpgsql set search_path = '' as $$
declare v_zone text := a_entry ->> 'timeZone';
begin
	if v_zone is not null and not exists (select 1 from musekit_social.time_zones where name = v_zone) then
		bad := musekit_social.post_error('time_zone_unknown', format('"%s" is not a time zone.', v_zone),
			'Use an IANA name such as Europe/Berlin or America/New_York.', 'timeZone');
		return;
	end if;
	begin
		if a_entry ? 'wallTime' then
			if v_zone is null then
				bad := musekit_social.post_error('time_zone_missing', 'The local time has no time zone.',
					'Give an IANA time zone with it.', 'timeZone');
				return;
			end if;
			wall := (a_entry ->> 'wallTime')::timestamp;
			at := musekit_social.instant_of(wall, v_zone);
		elsif a_entry ? 'scheduledAt' then
			at := (a_entry ->> 'scheduledAt')::timestamptz;
			wall := case when v_zone is not null then at at time zone v_zone end;
		else
			at := clock_timestamp();
		end if;
	exception when others then
		bad := musekit_social.post_error('time_invalid',
			format('"%s" is not a date and time.', coalesce(a_entry ->> 'wallTime', a_entry ->> 'scheduledAt')),
			'Use a time like 2026-12-24T18:00:00+01:00, or one without offset together with a time zone.', 'scheduledAt');
	end;
end $$;

-- Everything the store itself can find wrong with an entry; an empty array when it may be stored.
create function musekit_social.entry_errors(
	a_owner text, a_entry jsonb, a_account musekit_social.accounts, a_at timestamptz, a_lateness_ms bigint
) returns jsonb language plpgsql set search_path = '' as $$
declare
	v_errors jsonb := '[]';
	v_platform musekit_social.platforms;
	v_media jsonb := coalesce(a_entry -> 'content' -> 'media', '[]');
	v_ref jsonb;
	v_off text;
begin
	if a_entry ->> 'accountId' is null then
		return jsonb_build_array(musekit_social.post_error('account_missing', 'No account was chosen.',
			'Choose the account to post to.', 'account'));
	end if;
	if a_account.id is null or a_account.owner_id <> a_owner then
		return jsonb_build_array(musekit_social.post_error('account_unknown',
			format('There is no account %s for this owner.', a_entry ->> 'accountId'),
			'Pick an account from the list, or connect it first.', 'account'));
	end if;
	select * into v_platform from musekit_social.platforms where name = a_account.platform;
	v_off := coalesce(
		musekit_social.off_reason(a_owner, 'publish', a_account.platform),
		case when a_at > clock_timestamp() + interval '1 minute'
			then musekit_social.off_reason(a_owner, 'schedule', a_account.platform) end);
	if v_off is not null then
		v_errors := v_errors || musekit_social.post_error('off', v_off || '.', 'Ask whoever runs MuseKit Social here to switch it on.');
	end if;
	if a_account.status = 'disconnected' or (a_account.status = 'reconnect' and a_at <= clock_timestamp()) then
		v_errors := v_errors || musekit_social.post_error('account_not_connected',
			format('@%s on %s is not connected%s.', a_account.handle, a_account.platform,
				coalesce(': ' || a_account.status_reason, '')),
			'Connect the account again, then post.', 'account');
	end if;
	if coalesce(trim(a_entry -> 'content' ->> 'text'), '') = '' and jsonb_array_length(v_media) = 0 then
		v_errors := v_errors || musekit_social.post_error('content_empty', 'The post has neither text nor image.',
			'Write a text or add an image.', 'text');
	end if;
	if v_platform.needs_media and jsonb_array_length(v_media) = 0 then
		v_errors := v_errors || musekit_social.post_error('media_missing', format('A post on %s needs an image.', v_platform.name),
			'Add an image.', 'media');
	end if;
	if jsonb_array_length(v_media) > v_platform.max_media then
		v_errors := v_errors || musekit_social.post_error('media_too_many',
			format('The post has %s images; %s takes %s.', jsonb_array_length(v_media), v_platform.name, v_platform.max_media),
			'Remove images.', 'media');
	end if;
	for v_ref in select * from jsonb_array_elements(v_media) loop
		if not exists (select 1 from musekit_social.media m where m.owner_id = a_owner and m.hash = v_ref ->> 'hash') then
			v_errors := v_errors || musekit_social.post_error('media_not_stored',
				'The image is not in the store, so nobody could publish it later.', 'Upload the image again.', 'media');
		end if;
	end loop;
	if v_platform.fetches_media and a_account.mode = 'live' and musekit_social.setting('media', 'publicUrl') #>> '{}' is null then
		v_errors := v_errors || musekit_social.post_error('media_public_url_missing',
			format('%s fetches images from a public address, and this store has none.', v_platform.name),
			'Set the public media address in the settings, or use a Supabase project.', 'media');
	end if;
	if a_at < clock_timestamp() - a_lateness_ms * interval '1 millisecond' then
		v_errors := v_errors || musekit_social.post_error('time_past',
			format('%s lies further back than the maximum lateness allows.', musekit_social.iso(a_at)),
			'Choose a time in the future, or a larger maximum lateness.', 'scheduledAt');
	end if;
	return v_errors;
end $$;

create function musekit_social.content_hash(a_content jsonb) returns text
language sql immutable set search_path = '' as $$
	select musekit_social.hash_of(jsonb_build_array(coalesce(a_content ->> 'text', ''),
		(select jsonb_agg(m ->> 'hash' order by n) from jsonb_array_elements(a_content -> 'media') with ordinality x(m, n)))::text);
$$;

create function musekit_social.equal_text_warnings(a_post musekit_social.posts) returns jsonb
language sql stable set search_path = '' as $$
	select coalesce(jsonb_agg(musekit_social.post_error('equal_text',
		format('Another post of this account has the same text around %s; %s may refuse the second one.',
			musekit_social.iso(o.scheduled_at), a_post.platform),
		'Change the text, or put more than two days between them.', 'text')), '[]')
	from (
		select o.scheduled_at from musekit_social.posts o, musekit_social.platforms f
		where f.name = a_post.platform and f.equal_text_rule
			and o.remote_account = a_post.remote_account and o.text_hash = a_post.text_hash and o.id <> a_post.id
			and o.state in ('scheduled', 'publishing', 'published', 'needs_review')
			and o.scheduled_at > a_post.scheduled_at - musekit_social.timing('equalTextMs')
			and o.scheduled_at < a_post.scheduled_at + musekit_social.timing('equalTextMs')
		limit 1
	) o;
$$;

create function musekit_social.create_entry(a_options jsonb, a_entry jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
	v_owner text := a_options ->> 'owner';
	v_ordinal integer := (a_entry ->> 'ordinal')::integer;
	v_lateness bigint := coalesce((a_entry ->> 'maxLatenessMs')::bigint, (musekit_social.setting('timing', 'maxLatenessMs'))::bigint);
	v_time record;
	v_errors jsonb := coalesce(a_entry -> 'errors', '[]');
	a musekit_social.accounts;
	p musekit_social.posts;
	v_content_hash text := musekit_social.content_hash(a_entry -> 'content');
begin
	select * into p from musekit_social.posts
		where owner_id = v_owner and call_key = a_options ->> 'key' and call_ordinal = v_ordinal;
	if found then
		return jsonb_build_object('ordinal', v_ordinal, 'result', 'existing', 'post', musekit_social.post_view(p));
	end if;
	begin
		select * into a from musekit_social.accounts where id = (a_entry ->> 'accountId')::uuid;
	exception when invalid_text_representation then
		a := null;
	end;
	v_time := musekit_social.entry_time(a_entry);
	if v_time.bad is not null then
		v_errors := v_errors || v_time.bad;
	end if;
	v_errors := v_errors || musekit_social.entry_errors(v_owner, a_entry, a, coalesce(v_time.at, clock_timestamp()), v_lateness);
	if jsonb_array_length(v_errors) > 0 then
		return jsonb_build_object('ordinal', v_ordinal, 'result', 'invalid', 'errors', v_errors);
	end if;
	if coalesce((a_options ->> 'dryRun')::boolean, false) then
		return jsonb_build_object('ordinal', v_ordinal, 'result', 'created');
	end if;
	if coalesce((a_options ->> 'dedupe')::boolean, false) then
		select * into p from musekit_social.posts
		where account_id = a.id and content_hash = v_content_hash
			and created_at > clock_timestamp() - musekit_social.timing('dedupeMs')
			and state not in ('draft', 'failed', 'missed', 'cancelled')
			and call_key <> a_options ->> 'key'
		order by created_at limit 1;
		if found then
			return jsonb_build_object('ordinal', v_ordinal, 'result', 'duplicate', 'post', musekit_social.post_view(p));
		end if;
	end if;
	insert into musekit_social.posts (
		owner_id, account_id, platform, remote_account, call_key, call_ordinal, fingerprint, source, content,
		content_hash, text_hash, state, scheduled_at, wall_time, time_zone, max_lateness_ms, protocol)
	values (v_owner, a.id, a.platform, a.remote_account, a_options ->> 'key', v_ordinal, a_entry ->> 'fingerprint',
		coalesce(a_options ->> 'source', 'api'), a_entry -> 'content', v_content_hash,
		musekit_social.hash_of(coalesce(a_entry -> 'content' ->> 'text', '')),
		a_entry ->> 'as', v_time.at, v_time.wall, a_entry ->> 'timeZone', v_lateness, (a_entry ->> 'protocol')::integer)
	returning * into p;
	return jsonb_build_object('ordinal', v_ordinal, 'result', 'created', 'post', musekit_social.post_view(p),
		'warnings', musekit_social.equal_text_warnings(p));
end $$;

create function public.social_create(p_contract integer, p_options jsonb, p_entries jsonb, p_claim jsonb default null)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_owner text := p_options ->> 'owner';
	v_key text := p_options ->> 'key';
	v_entry jsonb;
	v_known text;
	v_accounts uuid[];
	v_answers jsonb := '[]';
	v_answer jsonb;
	v_claim jsonb;
	v_first uuid;
begin
	perform musekit_social.enter(p_contract);
	if coalesce(v_owner, '') = '' or coalesce(v_key, '') = '' or length(v_key) > 300 then
		perform musekit_social.refuse(400, 'create_invalid',
			'A create call needs an owner and an idempotency key of 1 to 300 characters. Nothing was created.');
	end if;
	if jsonb_typeof(p_entries) <> 'array' or jsonb_array_length(p_entries) not between 1 and 500 then
		perform musekit_social.refuse(400, 'create_invalid', 'A create call takes 1 to 500 entries. Nothing was created.',
			'Split the call.');
	end if;
	if not coalesce((musekit_social.setting('module', 'enabled'))::boolean, true) then
		perform musekit_social.refuse(403, 'off', 'MuseKit Social is switched off. Nothing was created.',
			'Ask whoever runs MuseKit Social here to switch it on.');
	end if;
	-- One call of a key at a time; then the accounts in one order, so that equal content is seen.
	perform pg_advisory_xact_lock(hashtextextended(v_owner || ':' || v_key, 0));
	perform musekit_social.ensure_owner(v_owner);
	select array_agg(distinct lower(e ->> 'accountId')::uuid) into v_accounts from jsonb_array_elements(p_entries) e
		where e ->> 'accountId' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
	perform 1 from musekit_social.accounts where id = any (v_accounts) order by id for update;

	for v_entry in select * from jsonb_array_elements(p_entries) loop
		if v_entry ->> 'ordinal' is null or v_entry ->> 'fingerprint' is null or v_entry ->> 'protocol' is null
			or coalesce(v_entry ->> 'as', '') not in ('draft', 'scheduled') or v_entry -> 'content' is null then
			perform musekit_social.refuse(400, 'create_invalid',
				'An entry lacks ordinal, fingerprint, protocol, content or as (draft or scheduled). Nothing was created.');
		end if;
		v_known := null;
		select fingerprint into v_known from musekit_social.posts
			where owner_id = v_owner and call_key = v_key and call_ordinal = (v_entry ->> 'ordinal')::integer;
		if v_known is null then
			select fingerprint into v_known from musekit_social.tombstones
				where owner_id = v_owner and call_key = v_key and call_ordinal = (v_entry ->> 'ordinal')::integer;
			if v_known = v_entry ->> 'fingerprint' then
				perform musekit_social.refuse(410, 'post_purged',
					'This call made a post before that has been purged since. Nothing was created.',
					'Use another idempotency key to post it again.');
			end if;
		end if;
		if v_known <> v_entry ->> 'fingerprint' then
			perform musekit_social.refuse(409, 'idempotency_conflict',
				'This idempotency key was used before with other content. Nothing was created or changed.',
				'Use a new key for new content, or send the same content again.',
				jsonb_build_object('ordinal', (v_entry ->> 'ordinal')::integer));
		end if;
	end loop;

	for v_entry in select * from jsonb_array_elements(p_entries) loop
		v_answer := musekit_social.create_entry(p_options, v_entry);
		v_answers := v_answers || v_answer;
		if v_first is null and v_answer -> 'post' ->> 'state' = 'scheduled' then
			v_first := (v_answer -> 'post' ->> 'id')::uuid;
		end if;
	end loop;

	if p_claim is not null then
		perform musekit_social.check_claim(p_claim);
		v_claim := musekit_social.repeated_claim(p_claim) -> 'claim';
		if v_claim is null and v_first is not null
			and not exists (select 1 from musekit_social.attempts where claim_id = (p_claim ->> 'claimId')::uuid) then
			if (musekit_social.take_post(v_first, p_claim)).reason is null then
				v_claim := musekit_social.claim_view(v_first);
			end if;
		end if;
	end if;
	perform musekit_social.refresh_due(id) from unnest(v_accounts) id order by id;
	return jsonb_build_object('entries', v_answers, 'claim', v_claim);
end $$;

create function public.social_post_update(
	p_contract integer, p_post_id uuid, p_owner text, p_changes jsonb, p_version integer default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	p musekit_social.posts;
	a musekit_social.accounts;
	v_time record;
	v_errors jsonb;
	v_content jsonb;
	v_at timestamptz;
	v_wall timestamp;
	v_lateness bigint;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id, p_owner);
	if p.state not in ('draft', 'scheduled') or exists (select 1 from musekit_social.intents where post_id = p.id) then
		perform musekit_social.refuse(409, 'post_started',
			format('The post is %s and was started already, so it cannot be changed. It stays as it is.', p.state),
			'Cancel it if it is not out yet, and create a new one.');
	end if;
	if p_version is not null and p_version <> p.version then
		perform musekit_social.refuse(409, 'version_conflict',
			format('The post was changed meanwhile: it is at version %s, you changed version %s. Nothing was changed.', p.version, p_version),
			'Read the post again and repeat your change.');
	end if;
	select * into a from musekit_social.accounts where id = p.account_id;
	v_content := coalesce(p_changes -> 'content', p.content);
	v_lateness := coalesce((p_changes ->> 'maxLatenessMs')::bigint, p.max_lateness_ms);
	v_at := p.scheduled_at;
	v_wall := p.wall_time;
	if p_changes ?| array['scheduledAt', 'wallTime'] then
		v_time := musekit_social.entry_time(p_changes);
		if v_time.bad is not null then
			perform musekit_social.refuse(400, v_time.bad ->> 'code', (v_time.bad ->> 'message') || ' Nothing was changed.', v_time.bad ->> 'remedy');
		end if;
		v_at := v_time.at;
		v_wall := v_time.wall;
	end if;
	v_errors := musekit_social.entry_errors(p.owner_id,
		jsonb_build_object('accountId', p.account_id, 'content', v_content), a, v_at, v_lateness);
	if jsonb_array_length(v_errors) > 0 then
		perform musekit_social.refuse(400, v_errors -> 0 ->> 'code', (v_errors -> 0 ->> 'message') || ' Nothing was changed.',
			v_errors -> 0 ->> 'remedy');
	end if;
	update musekit_social.posts set
		content = v_content, content_hash = musekit_social.content_hash(v_content),
		text_hash = musekit_social.hash_of(coalesce(v_content ->> 'text', '')),
		scheduled_at = v_at, max_lateness_ms = v_lateness,
		wall_time = v_wall,
		time_zone = case when p_changes ?| array['scheduledAt', 'wallTime'] then p_changes ->> 'timeZone' else time_zone end,
		state = coalesce(p_changes ->> 'as', state),
		next_at = null, wait_reason = null, version = version + 1
	where id = p.id;
	-- Results of invisible steps belong to the old content.
	delete from musekit_social.step_results where post_id = p.id;
	perform musekit_social.refresh_due(p.account_id);
	return musekit_social.post_view(p.id);
end $$;

create function public.social_post_cancel(p_contract integer, p_post_id uuid, p_owner text)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare p musekit_social.posts;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id, p_owner);
	if p.state = 'cancelled' then
		return jsonb_build_object('post', musekit_social.post_view(p.id), 'done', true);
	elsif p.state in ('published', 'failed', 'missed', 'needs_review') then
		perform musekit_social.refuse(409, 'post_settled',
			format('The post is %s and cannot be cancelled any more. It stays as it is.', p.state),
			case p.state when 'published' then 'Use Delete to take it down at the platform.'
				when 'needs_review' then 'Decide it with Resolve.' else 'It will not go out unless somebody retries it.' end);
	elsif p.state = 'draft' or (p.state = 'scheduled' and p.open_intents = 0) then
		update musekit_social.posts set state = 'cancelled', cancel_requested = false where id = p.id;
	else
		update musekit_social.posts set cancel_requested = true where id = p.id;
	end if;
	perform musekit_social.refresh_due(p.account_id);
	select * into p from musekit_social.posts where id = p_post_id;
	return jsonb_build_object('post', musekit_social.post_view(p.id), 'done', p.state = 'cancelled');
end $$;

create function public.social_post_retry(
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
			scheduled_at = coalesce(p_scheduled_at, clock_timestamp()), wall_time = null, version = version + 1
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

create function public.social_post_deleted(p_contract integer, p_post_id uuid, p_owner text)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare p musekit_social.posts;
begin
	perform musekit_social.enter(p_contract);
	p := musekit_social.lock_post(p_post_id, p_owner);
	if p.state <> 'published' then
		perform musekit_social.refuse(409, 'post_not_published',
			format('The post is %s, so there is nothing to delete at the platform.', p.state), 'Cancel it instead.');
	end if;
	update musekit_social.posts set deleted_at = coalesce(deleted_at, clock_timestamp()) where id = p.id;
	return musekit_social.post_view(p.id);
end $$;

-- For every wall time that is not an entry's own: retries, decisions, filters.
create function public.social_instant(p_contract integer, p_wall_time text, p_time_zone text)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare v_time record;
begin
	perform musekit_social.enter(p_contract);
	v_time := musekit_social.entry_time(jsonb_build_object('wallTime', p_wall_time, 'timeZone', p_time_zone));
	if v_time.bad is not null then
		perform musekit_social.refuse(400, v_time.bad ->> 'code', v_time.bad ->> 'message', v_time.bad ->> 'remedy');
	end if;
	return jsonb_build_object('at', musekit_social.iso(v_time.at));
end $$;

create function public.social_post_get(p_contract integer, p_post_id uuid, p_owner text)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare v jsonb;
begin
	perform musekit_social.enter(p_contract);
	select musekit_social.post_view(p) into v from musekit_social.posts p where p.id = p_post_id and p.owner_id = p_owner;
	if v is null then
		perform musekit_social.refuse(404, 'post_unknown', format('There is no post %s for this owner.', p_post_id),
			'Check the post id; Get Many lists the posts that exist.');
	end if;
	return v;
end $$;

-- Newest first; the cursor is the last id of the page before.
create function public.social_post_list(
	p_contract integer, p_owner text, p_filter jsonb default '{}', p_limit integer default 50, p_cursor text default null
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
	v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 500);
	v_filter jsonb := coalesce(p_filter, '{}');
	v_like text := '%' || replace(replace(replace(lower(coalesce(v_filter ->> 'search', '')), '\', '\\'), '%', '\%'), '_', '\_') || '%';
	v_items jsonb;
	v_count integer;
	v_last text;
begin
	perform musekit_social.enter(p_contract);
	with page as (
		select p, row_number() over (order by p.id desc) as n from musekit_social.posts p
		where p.owner_id = p_owner
			and (p_cursor is null or p.id < p_cursor::uuid)
			and (v_filter -> 'states' is null or v_filter -> 'states' ? p.state)
			and (v_filter -> 'platforms' is null or v_filter -> 'platforms' ? p.platform)
			and (v_filter -> 'accountIds' is null or v_filter -> 'accountIds' ? p.account_id::text)
			and (v_filter ->> 'search' is null or lower(p.content ->> 'text') like v_like)
			and (v_filter ->> 'from' is null or p.scheduled_at >= (v_filter ->> 'from')::timestamptz)
			and (v_filter ->> 'to' is null or p.scheduled_at < (v_filter ->> 'to')::timestamptz)
		order by p.id desc limit v_limit + 1
	)
	select coalesce(jsonb_agg(musekit_social.post_view(p) order by n) filter (where n <= v_limit), '[]'), count(*),
		max((p).id::text) filter (where n = v_limit)
	into v_items, v_count, v_last from page;
	return jsonb_build_object('items', v_items, 'nextCursor', case when v_count > v_limit then v_last end);
end $$;
