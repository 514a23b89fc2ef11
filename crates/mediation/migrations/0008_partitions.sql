-- Partitions are made by one reader at a time: of two that make the same at once, one would fail.

create or replace function mediation.ensure_partitions(up_to bigint) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    width constant bigint := 10000;
    lower_bound bigint := (up_to / width) * width;
    parent text;
begin
    if to_regclass(format('mediation.leg_%s', lower_bound)) is not null then
        return;
    end if;
    -- Until the end of the transaction; whoever waited finds them made.
    perform pg_advisory_xact_lock(hashtext('mediation.ensure_partitions'));
    foreach parent in array array['payment', 'leg'] loop
        execute format('create table if not exists mediation.%I partition of mediation.%I for values from (%s) to (%s)',
            parent || '_' || lower_bound, parent, lower_bound, lower_bound + width);
    end loop;
end $$;
