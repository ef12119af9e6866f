-- "Publish it" is a word about what was sent before it. An attempt that came after it and got no
-- answer may be live like any other: it counted as absent, too, when it could not be looked up, and one
-- simulated schedule in 100,000 posted twice (docs/architecture.md).
create or replace function musekit_social.claim_view(a_post uuid) returns jsonb
language sql volatile set search_path = '' as $$
	select jsonb_build_object(
		'claimId', p.claim_id, 'fence', p.fence,
		'leaseMsLeft', musekit_social.ms_until(p.lease_until),
		'marginMs', (musekit_social.setting('timing', 'marginMs'))::bigint,
		'post', musekit_social.post_view(p),
		'account', musekit_social.carried_account_view(a),
		'steps', coalesce((select jsonb_agg(jsonb_build_object('part', s.part, 'step', s.step, 'result', s.result,
				'validUntil', musekit_social.iso(s.valid_until)) order by s.saved_at)
			from musekit_social.step_results s where s.post_id = p.id), '[]'),
		'intents', coalesce((select jsonb_agg(musekit_social.intent_view(i) order by i.saved_at)
			from musekit_social.intents i where i.post_id = p.id), '[]'),
		'evidence', coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'intentId', e.intent_id,
				'part', e.part, 'step', e.step, 'fence', e.fence, 'outcome', e.outcome,
				'remoteId', e.remote_id, 'url', e.url, 'error', e.error, 'payload', e.payload,
				'at', musekit_social.iso(e.at)) order by e.at)
			from musekit_social.evidence e where e.post_id = p.id), '[]'),
		'tooLate', clock_timestamp() > p.scheduled_at + p.max_lateness_ms * interval '1 millisecond',
		'cancelRequested', p.cancel_requested,
		'sendAnyway', p.send_anyway and not exists (select 1 from musekit_social.intents i
			where i.post_id = p.id and i.closed_by is null and i.saved_at >= (
				select max(r.at) from musekit_social.resolutions r where r.post_id = p.id and r.decision ->> 'to' = 'publish')),
		'mediaPublicUrl', musekit_social.setting('media', 'publicUrl') #>> '{}',
		'storeNow', musekit_social.iso(clock_timestamp()))
	from musekit_social.posts p join musekit_social.accounts a on a.id = p.account_id
	where p.id = a_post;
$$;
