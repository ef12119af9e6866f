-- Tables of MuseKit Social. They belong to schema musekit_social, which no API role may enter;
-- the only way in are the functions public.social_*.

create schema musekit_social;
revoke all on schema musekit_social from public;

-- uuidv7() is built in from Postgres 18; Supabase projects run 17 and older.
create function musekit_social.uuid_v7() returns uuid
language sql volatile set search_path = '' as $$
	select encode(
		set_bit(
			set_bit(
				overlay(
					uuid_send(gen_random_uuid())
					placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
					from 1 for 6
				), 52, 1
			), 53, 1
		), 'hex'
	)::uuid;
$$;

-- One number for every claim of every post: a later claim has a larger fence.
create sequence musekit_social.fence_seq as bigint;

create table musekit_social.store_meta (
	one boolean primary key default true check (one),
	contract integer not null,
	min_contract integer not null,
	vault_fingerprint text
);
insert into musekit_social.store_meta (contract, min_contract) values (1, 1);

create table musekit_social.settings (
	key text primary key,
	value jsonb not null,
	updated_at timestamptz not null default clock_timestamp()
);
insert into musekit_social.settings (key, value) values
	('module', '{"enabled": true}'),
	('features', '{"universal": {"publish": true, "schedule": true}, "power": {"publish": true, "schedule": true}}'),
	('platforms', '{}'),
	-- Lease: long enough for an upload; margin: clock drift and the way from store to carrier.
	('timing', '{"leaseMs": 60000, "marginMs": 5000, "maxLatenessMs": 86400000, "dedupeMs": 43200000, "equalTextMs": 172800000, "barrenClaims": 3}'),
	-- After an outage: a post later than lateMs goes out at least gapMs after the account's last one.
	('burst', '{"lateMs": 300000, "gapMs": 60000}'),
	-- A platform with so many server failures of different posts within windowMs counts as down for pauseMs.
	('outage', '{"failures": 3, "windowMs": 300000, "pauseMs": 120000}'),
	('media', '{"publicUrl": null}');

create table musekit_social.owners (
	-- Part of the path of media objects; only what Supabase Storage allows in a path.
	id text primary key check (id ~ '^[A-Za-z0-9_.@:+=-]{1,200}$'),
	tier text not null default 'universal' check (tier in ('universal', 'power')),
	created_at timestamptz not null default clock_timestamp()
);
insert into musekit_social.owners (id) values ('default');

create table musekit_social.platforms (
	name text primary key,
	-- Account and text equal within this time are refused by the platform.
	equal_text_rule boolean not null,
	fetches_media boolean not null,
	needs_media boolean not null,
	max_media integer not null,
	-- How often a step may be sent after a look-up said it is not there.
	resends integer not null
);
insert into musekit_social.platforms values
	('x', true, false, false, 4, 1),
	('linkedin', true, false, false, 20, 1),
	('instagram', false, true, true, 1, 5);

-- Where a live account's token may be sent. `*.` in front stands for any one label.
create table musekit_social.platform_hosts (
	platform text not null references musekit_social.platforms,
	host text not null,
	primary key (platform, host)
);
insert into musekit_social.platform_hosts values
	('x', 'api.x.com'),
	('linkedin', 'api.linkedin.com'),
	('linkedin', 'www.linkedin.com'),
	('instagram', 'graph.instagram.com'),
	('instagram', 'api.instagram.com'),
	('instagram', 'graph.facebook.com');

create table musekit_social.accounts (
	id uuid primary key,
	owner_id text not null references musekit_social.owners,
	platform text not null references musekit_social.platforms,
	mode text not null check (mode in ('live', 'sandbox')),
	remote_id text not null check (length(remote_id) between 1 and 500),
	handle text not null,
	display_name text not null,
	base_url text not null,
	auth_url text not null,
	profile_url text,
	status text not null default 'connected' check (status in ('connected', 'reconnect', 'disconnected')),
	status_reason text,
	scopes text[] not null default '{}',
	token text not null check (token ~ '^v1\.[^.]+\.[^.]+\.[^.]+$'),
	token_key_id text not null,
	token_version bigint not null default 1,
	token_expires_at timestamptz,
	refresh_lease_id uuid,
	refresh_lease_until timestamptz,
	settings jsonb not null default '{}',
	last_success_at timestamptz,
	-- When something of this account may be claimed next; null: nothing, or not connected.
	next_due_at timestamptz,
	-- Claims pass this account by until then (busy, switched off, spread after an outage).
	hold_until timestamptz,
	-- The account as the platform knows it, whoever owns it here.
	remote_account text not null generated always as (platform || ':' || mode || ':' || remote_id) stored,
	created_at timestamptz not null default clock_timestamp(),
	updated_at timestamptz not null default clock_timestamp(),
	unique (owner_id, platform, mode, remote_id)
);
create index accounts_due on musekit_social.accounts (next_due_at) where next_due_at is not null;
create index accounts_by_name on musekit_social.accounts (owner_id, lower(handle), id);

create table musekit_social.media (
	owner_id text not null references musekit_social.owners,
	hash text not null check (hash ~ '^[0-9a-f]{64}$'),
	mime text not null check (mime in ('image/jpeg', 'image/png', 'image/gif', 'image/webp')),
	bytes integer not null check (bytes between 1 and 16777216),
	width integer not null check (width > 0),
	height integer not null check (height > 0),
	created_at timestamptz not null default clock_timestamp(),
	primary key (owner_id, hash)
);

create table musekit_social.transitions (
	from_state text not null,
	to_state text not null,
	why text not null,
	primary key (from_state, to_state)
);
insert into musekit_social.transitions values
	('draft', 'scheduled', 'the person schedules it'),
	('draft', 'cancelled', 'the person drops it'),
	('scheduled', 'draft', 'the person takes it back before it started'),
	('scheduled', 'publishing', 'a carrier claims it'),
	('scheduled', 'missed', 'past its maximum lateness and nothing was sent'),
	('scheduled', 'cancelled', 'the person cancels it'),
	('scheduled', 'needs_review', 'carriers died on it or its outcome cannot be known'),
	('scheduled', 'published', 'late evidence'),
	('publishing', 'published', 'evidence of the live entry'),
	('publishing', 'scheduled', 'handed back to wait'),
	('publishing', 'failed', 'refused for good'),
	('publishing', 'missed', 'past its maximum lateness and nothing was sent'),
	('publishing', 'cancelled', 'the wish to cancel took effect before anything was sent'),
	('publishing', 'needs_review', 'its outcome cannot be known'),
	('failed', 'scheduled', 'the person retries it'),
	('failed', 'published', 'late evidence'),
	('missed', 'scheduled', 'the person retries it'),
	('missed', 'published', 'late evidence'),
	('cancelled', 'scheduled', 'the person retries it'),
	('cancelled', 'published', 'late evidence'),
	('needs_review', 'published', 'late evidence or the person says where it is'),
	('needs_review', 'scheduled', 'the person wants it looked up and sent'),
	('needs_review', 'cancelled', 'the person drops it');

create table musekit_social.posts (
	id uuid primary key default musekit_social.uuid_v7(),
	owner_id text not null references musekit_social.owners,
	account_id uuid not null references musekit_social.accounts,
	platform text not null references musekit_social.platforms,
	remote_account text not null,
	call_key text not null check (length(call_key) between 1 and 300),
	call_ordinal integer not null check (call_ordinal >= 0),
	fingerprint text not null,
	source text not null,
	content jsonb not null,
	-- SHA-256 of text and media hashes, and of the text alone.
	content_hash text not null,
	text_hash text not null,
	state text not null check (state in
		('draft', 'scheduled', 'publishing', 'published', 'failed', 'missed', 'needs_review', 'cancelled')),
	wait_reason text check (wait_reason in
		('retry', 'container', 'lookup', 'rate_limit', 'account_dead', 'handed_back', 'not_sent', 'platform_down')),
	error jsonb,
	scheduled_at timestamptz,
	wall_time timestamp,
	time_zone text,
	next_at timestamptz,
	max_lateness_ms bigint not null check (max_lateness_ms between 0 and 31536000000),
	version integer not null default 1,
	protocol integer not null,
	fence bigint,
	claim_id uuid,
	claimed_at timestamptz,
	carrier text,
	lease_until timestamptz,
	attempts integer not null default 0,
	-- Claims in a row that ended neither in evidence nor in a result.
	barren_claims integer not null default 0,
	open_intents integer not null default 0,
	cancel_requested boolean not null default false,
	remote_id text,
	url text,
	confirmed_by text check (confirmed_by in ('answer', 'lookup', 'duplicate', 'person')),
	published_at timestamptz,
	deleted_at timestamptz,
	-- When a carrier may take it: due time, or end of the lease; null: never.
	due_at timestamptz,
	-- The series that made it, if one did; see series.
	series_id uuid,
	-- Held after the store went back in time, until looked up or released by a person.
	held boolean not null default false,
	-- A person decided that it is not live and wants it sent after one more look.
	send_anyway boolean not null default false,
	created_at timestamptz not null default clock_timestamp(),
	updated_at timestamptz not null default clock_timestamp(),
	unique (owner_id, call_key, call_ordinal),
	check (state = 'draft' or scheduled_at is not null),
	check (state <> 'publishing' or (fence is not null and lease_until is not null and claim_id is not null)),
	check (state <> 'published' or remote_id is not null),
	-- An open intent may be live: nobody may call such a post failed, missed or cancelled.
	check (open_intents = 0 or state in ('scheduled', 'publishing', 'published', 'needs_review'))
);
create unique index posts_one_in_flight on musekit_social.posts (remote_account) where state = 'publishing';
create unique index posts_remote_id on musekit_social.posts (remote_account, remote_id) where remote_id is not null;
create index posts_live on musekit_social.posts (remote_account, published_at) where remote_id is not null;
create index posts_unnamed on musekit_social.posts (published_at) where url is null and remote_id like 'container:%';
create index posts_due on musekit_social.posts (account_id, due_at, id) where due_at is not null;
create index posts_waiting_text on musekit_social.posts (account_id, text_hash) where open_intents > 0;
create index posts_equal on musekit_social.posts (account_id, content_hash, created_at);
create index posts_equal_text on musekit_social.posts (remote_account, text_hash, scheduled_at);
create index posts_by_owner on musekit_social.posts (owner_id, id desc);
create index posts_by_owner_state on musekit_social.posts (owner_id, state, id desc);
create index posts_overdue on musekit_social.posts (scheduled_at) where state = 'scheduled';

-- What stays of a purged post, so that its key cannot make it again.
create table musekit_social.tombstones (
	owner_id text not null references musekit_social.owners,
	call_key text not null,
	call_ordinal integer not null,
	fingerprint text not null,
	post_id uuid not null,
	purged_at timestamptz not null default clock_timestamp(),
	primary key (owner_id, call_key, call_ordinal)
);

-- One row for each claim.
create table musekit_social.attempts (
	claim_id uuid primary key,
	post_id uuid not null references musekit_social.posts,
	fence bigint not null unique,
	carrier text not null,
	carrier_kind text not null check (carrier_kind in ('n8n', 'runner')),
	protocol integer not null,
	started_at timestamptz not null default clock_timestamp(),
	ended_at timestamptz,
	result jsonb
);
create index attempts_of_post on musekit_social.attempts (post_id, fence);

-- The decision to send a visible step, saved before anything leaves.
create table musekit_social.intents (
	id uuid primary key,
	post_id uuid not null references musekit_social.posts,
	part integer not null,
	step text not null,
	fence bigint not null,
	request jsonb not null,
	recognise jsonb not null,
	repeat_of integer not null,
	saved_at timestamptz not null default clock_timestamp(),
	deadline_at timestamptz not null,
	settled_at timestamptz not null,
	closed_by text check (closed_by in ('done', 'rejected', 'not_sent', 'absent')),
	closed_at timestamptz,
	proof jsonb
);
create index intents_of_post on musekit_social.intents (post_id, part, step, saved_at);

-- Definite answers. Append-only: a trigger refuses any change.
create table musekit_social.evidence (
	id uuid primary key,
	post_id uuid not null references musekit_social.posts,
	intent_id uuid references musekit_social.intents,
	part integer not null,
	step text not null,
	fence bigint not null,
	carrier text not null,
	outcome text not null check (outcome in ('done', 'rejected', 'not_sent', 'ambiguous')),
	final boolean not null,
	confirmed_by text not null check (confirmed_by in ('answer', 'lookup', 'duplicate', 'person')),
	remote_id text,
	url text,
	error jsonb,
	payload jsonb not null default '{}',
	at timestamptz not null default clock_timestamp(),
	check (not (final and outcome = 'done') or remote_id is not null)
);
create index evidence_of_post on musekit_social.evidence (post_id, at);

create table musekit_social.step_results (
	post_id uuid not null references musekit_social.posts,
	part integer not null,
	step text not null,
	result jsonb not null,
	valid_until timestamptz,
	saved_at timestamptz not null default clock_timestamp(),
	primary key (post_id, part, step)
);

create table musekit_social.heartbeats (
	carrier text primary key,
	kind text not null check (kind in ('n8n', 'runner')),
	interval_ms bigint not null check (interval_ms > 0),
	info jsonb not null default '{}',
	last_at timestamptz not null default clock_timestamp()
);

create table musekit_social.incidents (
	id uuid primary key default musekit_social.uuid_v7(),
	kind text not null,
	owner_id text,
	account_id uuid,
	post_id uuid,
	message text not null,
	facts jsonb not null default '{}',
	created_at timestamptz not null default clock_timestamp(),
	resolved_at timestamptz
);
create index incidents_open on musekit_social.incidents (created_at) where resolved_at is null;

-- Zone names that Postgres knows; reading pg_timezone_names anew costs a directory scan.
create table musekit_social.time_zones (name text primary key);
insert into musekit_social.time_zones select name from pg_timezone_names
	where name not like 'posix/%' and name not like 'right/%';

-- Row security without a policy: closed to everybody but the owner of the functions.
do $$
declare t text;
begin
	for t in select tablename from pg_tables where schemaname = 'musekit_social' loop
		execute format('alter table musekit_social.%I enable row level security', t);
		execute format('revoke all on table musekit_social.%I from public', t);
	end loop;
end $$;
