-- Bluesky, whose accounts live on any server of the network.

alter table musekit_social.platforms
	-- Any public server may hold accounts of this platform.
	add column any_public_host boolean not null default false;

insert into musekit_social.platforms
	(name, equal_text_rule, fetches_media, needs_media, max_media, resends, any_public_host)
values ('bluesky', false, false, false, 4, 5, true);

insert into musekit_social.platform_hosts values
	('bluesky', 'bsky.social'),
	('bluesky', '*.us-east.host.bsky.network'),
	('bluesky', '*.us-west.host.bsky.network');

create function musekit_social.host_listed(a_platform text, a_host text) returns boolean
language sql stable set search_path = '' as $$
	select exists (
		select 1 from musekit_social.platform_hosts h
		where (a_platform is null or h.platform = a_platform)
			and (h.host = a_host
				or (h.host like '*.%' and substr(h.host, 3) = regexp_replace(a_host, '^[^.]+\.', ''))));
$$;

-- A name of the public internet: dotted, with an ending of letters that is set apart for no private
-- use (RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476, ICANN's .internal). No address, no port.
create function musekit_social.is_public_host(a_host text) returns boolean
language sql immutable set search_path = '' as $$
	select length(a_host) <= 253
		and a_host ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$'
		and a_host !~ '\.(test|example|invalid|localhost|local|internal|alt|onion|lan|home|corp|home\.arpa|in-addr\.arpa|ip6\.arpa)$';
$$;

-- A live account may only name the platform's own hosts by https; a sandbox one none of them.
create or replace function musekit_social.check_account_url(a_platform text, a_mode text, a_url text) returns void
language plpgsql stable set search_path = '' as $$
declare
	v_host text := lower(substring(a_url from '^https?://([^/:?#@]+)(?::\d+)?(?:/|$)'));
	v_anywhere boolean := coalesce((select any_public_host from musekit_social.platforms where name = a_platform), false);
begin
	if a_mode = 'live' and (
		a_url !~ '^https://[^/:?#@]+(/|$)' or v_host is null
		or not (musekit_social.host_listed(a_platform, v_host) or (v_anywhere and musekit_social.is_public_host(v_host)))
	) then
		perform musekit_social.refuse(400, 'account_host_refused',
			format('A live %s account cannot use %s. The account was not saved.', a_platform, a_url),
			case when v_anywhere
				then 'Give the server''s public https address; mark the account as sandbox for a server of your own machine.'
				else 'Live accounts use the platform''s public address; mark the account as sandbox for any other.' end);
	elsif a_mode = 'sandbox' and (v_host is null or musekit_social.host_listed(null, v_host)
		or (v_anywhere and musekit_social.is_public_host(v_host))
	) then
		perform musekit_social.refuse(400, 'account_host_refused',
			format('A sandbox account cannot use %s. The account was not saved.', a_url),
			'Give the address of a sandbox, such as http://127.0.0.1:14402/x.');
	end if;
end $$;
