-- Heartbeats, settings, overview.

-- Posts whose time is over although no carrier could take them (dead account, switched off).
create function musekit_social.mark_missed(a_limit integer) returns integer
language plpgsql set search_path = '' as $$
declare
	v_post uuid;
	v_count integer := 0;
	p musekit_social.posts;
begin
	for v_post in
		select id from musekit_social.posts
		where state = 'scheduled' and open_intents = 0
			and scheduled_at < clock_timestamp() - max_lateness_ms * interval '1 millisecond'
		order by scheduled_at limit a_limit
	loop
		p := musekit_social.lock_post(v_post);
		if p.state = 'scheduled' and p.open_intents = 0
			and p.scheduled_at < clock_timestamp() - p.max_lateness_ms * interval '1 millisecond' then
			update musekit_social.posts set state = 'missed', error = coalesce(p.error, musekit_social.post_error('missed',
				'The post was not published within its maximum lateness, and nothing of it was sent.',
				'Retry it to publish it now, or schedule it anew.')) where id = p.id;
			perform musekit_social.refresh_due(p.account_id);
			v_count := v_count + 1;
		end if;
	end loop;
	return v_count;
end $$;

create function public.social_heartbeat(
	p_contract integer, p_carrier text, p_kind text, p_interval_ms bigint, p_info jsonb default '{}'
) returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	insert into musekit_social.heartbeats (carrier, kind, interval_ms, info)
		values (p_carrier, p_kind, p_interval_ms, coalesce(p_info, '{}'))
		on conflict (carrier) do update set kind = excluded.kind, interval_ms = excluded.interval_ms,
			info = excluded.info, last_at = clock_timestamp();
	perform musekit_social.mark_missed(100);
	perform musekit_social.fill_series(clock_timestamp() + interval '14 days', 50);
	return jsonb_build_object('storeNow', musekit_social.iso(clock_timestamp()));
end $$;

create function public.social_settings_get(p_contract integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return (select jsonb_object_agg(key, value) from musekit_social.settings);
end $$;

create function public.social_settings_set(p_contract integer, p_key text, p_value jsonb)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare v jsonb;
begin
	perform musekit_social.enter(p_contract);
	if jsonb_typeof(p_value) <> 'object' then
		perform musekit_social.refuse(400, 'setting_invalid', 'A setting is a JSON object. Nothing was changed.');
	end if;
	update musekit_social.settings set value = value || p_value, updated_at = clock_timestamp()
		where key = p_key returning value into v;
	if not found then
		perform musekit_social.refuse(404, 'setting_unknown', format('There is no setting %s.', p_key),
			'Use module, features, platforms, timing or media.');
	end if;
	return v;
end $$;

create function public.social_overview(p_contract integer, p_owner text default null)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	return jsonb_build_object(
		'counts', (select jsonb_object_agg(s, (
				select count(*) from musekit_social.posts p where p.state = s and (p_owner is null or p.owner_id = p_owner)))
			from unnest(array['draft', 'scheduled', 'publishing', 'published', 'failed', 'missed', 'needs_review', 'cancelled']) s),
		'due', (select count(*) from musekit_social.posts p
			where p.state = 'scheduled' and p.due_at <= clock_timestamp() and (p_owner is null or p.owner_id = p_owner)),
		'oldestDueAt', (select musekit_social.iso(min(p.due_at)) from musekit_social.posts p
			where p.state = 'scheduled' and p.due_at <= clock_timestamp() and (p_owner is null or p.owner_id = p_owner)),
		'heartbeats', coalesce((select jsonb_agg(jsonb_build_object('carrier', h.carrier, 'kind', h.kind,
				'lastAt', musekit_social.iso(h.last_at), 'intervalMs', h.interval_ms,
				-- 15 s: a round may run that much longer than its interval before it counts as silent.
				'fresh', h.last_at > clock_timestamp() - h.interval_ms * interval '1 millisecond' - interval '15 seconds') order by h.carrier)
			from musekit_social.heartbeats h), '[]'),
		'incidents', coalesce((select jsonb_agg(i.view) from (
			select jsonb_build_object('id', i.id, 'kind', i.kind, 'message', i.message,
				'createdAt', musekit_social.iso(i.created_at)) as view
			from musekit_social.incidents i
			where i.resolved_at is null and (p_owner is null or i.owner_id = p_owner)
			order by i.created_at desc limit 50) i), '[]'));
end $$;
