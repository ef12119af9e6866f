-- A platform that is down: its posts wait, with one notice, and go out spread when it is back.

create table musekit_social.outages (
	id uuid primary key default musekit_social.uuid_v7(),
	platform text not null references musekit_social.platforms,
	mode text not null,
	reason text not null,
	began_at timestamptz not null default clock_timestamp(),
	paused_until timestamptz not null,
	ended_at timestamptz
);
create unique index outages_one_open on musekit_social.outages (platform, mode) where ended_at is null;

-- Server failures of the last minutes; old rows are removed as new ones come.
create table musekit_social.server_failures (
	id uuid primary key default musekit_social.uuid_v7(),
	platform text not null references musekit_social.platforms,
	mode text not null,
	post_id uuid not null references musekit_social.posts,
	at timestamptz not null default clock_timestamp()
);
create index server_failures_recent on musekit_social.server_failures (platform, mode, at);

alter table musekit_social.outages enable row level security;
alter table musekit_social.server_failures enable row level security;
revoke all on table musekit_social.outages, musekit_social.server_failures from public;

-- Pauses a platform; while it is paused already the pause grows and nobody is told again.
create function musekit_social.pause_platform(a_platform text, a_mode text, a_reason text, a_ms bigint) returns void
language plpgsql set search_path = '' as $$
begin
	update musekit_social.outages set paused_until = greatest(paused_until, clock_timestamp() + a_ms * interval '1 millisecond')
		where platform = a_platform and mode = a_mode and ended_at is null;
	if not found then
		insert into musekit_social.outages (platform, mode, reason, paused_until)
			values (a_platform, a_mode, a_reason, clock_timestamp() + a_ms * interval '1 millisecond')
			on conflict do nothing;
		insert into musekit_social.incidents (kind, message, facts) values ('platform_down',
			format('%s does not work right now (%s). Its posts wait and go out when it is back.', a_platform, a_reason),
			jsonb_build_object('platform', a_platform, 'mode', a_mode));
	end if;
end $$;

-- Evidence of a 5xx counts against the platform: enough different posts within the window pause it.
create function musekit_social.note_server_failure(a_post musekit_social.posts, a_outcome text, a_error jsonb) returns void
language plpgsql set search_path = '' as $$
declare
	v_mode text := split_part(a_post.remote_account, ':', 2);
	v_window interval := (musekit_social.setting('outage', 'windowMs'))::bigint * interval '1 millisecond';
begin
	if a_outcome = 'done' or coalesce((a_error ->> 'status')::integer, 0) < 500 then
		return;
	end if;
	delete from musekit_social.server_failures
		where platform = a_post.platform and mode = v_mode and at < clock_timestamp() - v_window;
	insert into musekit_social.server_failures (platform, mode, post_id) values (a_post.platform, v_mode, a_post.id);
	if (select count(distinct post_id) from musekit_social.server_failures where platform = a_post.platform and mode = v_mode)
		>= (musekit_social.setting('outage', 'failures'))::integer then
		perform musekit_social.pause_platform(a_post.platform, v_mode,
			format('answers with status %s', a_error ->> 'status'), (musekit_social.setting('outage', 'pauseMs'))::bigint);
	end if;
end $$;

-- For whoever reads a status page: `p_pause_ms` 0 ends the outage.
create function public.social_platform_pause(
	p_contract integer, p_platform text, p_mode text, p_reason text, p_pause_ms bigint
) returns jsonb language plpgsql security definer set search_path = '' as $$
begin
	perform musekit_social.enter(p_contract);
	if p_pause_ms > 0 then
		perform musekit_social.pause_platform(p_platform, p_mode, p_reason, p_pause_ms);
	else
		update musekit_social.outages set ended_at = clock_timestamp()
			where platform = p_platform and mode = p_mode and ended_at is null;
	end if;
	return jsonb_build_object('pausedUntil', (select musekit_social.iso(paused_until) from musekit_social.outages
		where platform = p_platform and mode = p_mode and ended_at is null));
end $$;
