-- Postgres lets PUBLIC run every new function. Here only the server's role may, and of the pieces
-- behind the functions nobody but their owner.
do $$
declare f regprocedure;
begin
	for f in select p.oid::regprocedure from pg_proc p
		where p.pronamespace = 'public'::regnamespace and p.proname like 'social\_%' loop
		execute format('revoke all on function %s from public, anon, authenticated', f);
		execute format('grant execute on function %s to service_role', f);
	end loop;
	for f in select p.oid::regprocedure from pg_proc p
		where p.pronamespace = 'musekit_social'::regnamespace loop
		execute format('revoke all on function %s from public', f);
	end loop;
end $$;

-- On Supabase the media live in a private bucket; the embedded gateway needs no row for it.
do $$
begin
	if to_regclass('storage.buckets') is not null then
		insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
		values ('musekit-social', 'musekit-social', false, 16777216,
			array['image/jpeg', 'image/png', 'image/gif', 'image/webp'])
		on conflict (id) do nothing;
	end if;
end $$;
