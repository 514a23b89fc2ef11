-- The index of the access log by person in sorted runs: a btree over random keys cost each looked-up person more than resolving the account.
-- The layout is that of the platform's module `runs`: 500 records of 16 bytes to a part, each the key and the access, both big-endian.

create table register.access_index_run (
    run_id      bigint   not null generated always as identity,
    generation  smallint not null,
    entries     bigint   not null,
    constraint access_index_run_pkey primary key (run_id),
    constraint access_index_run_generation_not_negative check (generation >= 0),
    constraint access_index_run_entries_positive check (entries > 0)
);
comment on table register.access_index_run is
    'Heads of the sorted runs of the index of the access log by person, written a little later than the log. Derived, so not append-only: '
    'merging replaces sixteen runs by one of the next generation.';

create table register.access_index_part (
    run_id     bigint not null,
    first_key  bigint not null,
    part_no    int    not null,
    records    bytea  not null,
    constraint access_index_part_pkey primary key (run_id, first_key, part_no),
    constraint access_index_part_no_not_negative check (part_no >= 0)
);
comment on table register.access_index_part is
    'Some hundreds of records of a run, in order: index key of the subject (bytes 2 to 9 of its 17) and access_id. Whom a call concerned is '
    'settled by `access_log.subjects`. Derived: never changed, but deleted when its run has been merged.';
-- A part fills a page and stays in its row.
alter table register.access_index_part alter column records set storage plain;

with run as (
    insert into register.access_index_run (generation, entries)
    select 0, count(*) from register.access_subject having count(*) > 0
    returning run_id
), numbered as (
    select subject_key, access_id, (row_number() over (order by subject_key, access_id) - 1) / 500 as part_no from register.access_subject
)
insert into register.access_index_part (run_id, first_key, part_no, records)
select run.run_id, min(n.subject_key), n.part_no,
       string_agg(int8send(n.subject_key) || int8send(n.access_id), ''::bytea order by n.subject_key, n.access_id)
from run cross join numbered n group by run.run_id, n.part_no;

drop table register.access_subject;

grant select, insert, update, delete on register.access_index_run to nemkonto_register;
grant select, insert, delete on register.access_index_part to nemkonto_register;
