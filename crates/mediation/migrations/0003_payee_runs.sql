-- The payments of a payee are found by sorted runs: a btree over random keys was the dearest single thing in taking a payment in.
-- The layout is that of the platform's module `runs`: 400 records of 20 bytes to a part, each the key, the slice and the row, all big-endian.

create table mediation.payee_index_run (
    run_id     bigint   not null generated always as identity constraint payee_index_run_pkey primary key,
    generation smallint not null constraint payee_index_run_generation_not_negative check (generation >= 0),
    entries    bigint   not null constraint payee_index_run_entries_positive check (entries > 0)
);
comment on table mediation.payee_index_run is 'Heads of the sorted runs of the index of payments by payee; each slice is a run at first. Derived, so not append-only: merging replaces sixteen runs by one of the next generation.';

create table mediation.payee_index_part (
    run_id    bigint not null,
    first_key bigint not null,
    part_no   int    not null constraint payee_index_part_no_not_negative check (part_no >= 0),
    records   bytea  not null,
    constraint payee_index_part_pkey primary key (run_id, first_key, part_no)
);
-- A part fills a page and stays in its row.
alter table mediation.payee_index_part alter column records set storage plain;
comment on table mediation.payee_index_part is 'Some hundreds of records of a run, in order: index key of the sealed payee (bytes 2 to 9, of its synthetic IV), slice and row. Equality is settled by payment.payee. Derived: never changed, but deleted when its run has been merged.';

with run as (
    insert into mediation.payee_index_run (generation, entries)
    select 0, count(*) from mediation.payment where payee_key is not null having count(*) > 0
    returning run_id
), numbered as (
    select payee_key, slice_id, row_no, (row_number() over (order by payee_key, slice_id, row_no) - 1) / 400 as part_no
    from mediation.payment where payee_key is not null
)
insert into mediation.payee_index_part (run_id, first_key, part_no, records)
select run.run_id, min(n.payee_key), n.part_no,
       string_agg(int8send(n.payee_key) || int8send(n.slice_id) || int4send(n.row_no), ''::bytea order by n.payee_key, n.slice_id, n.row_no)
from run cross join numbered n group by run.run_id, n.part_no;

drop index mediation.payment_payee_key;
alter table mediation.payment drop constraint payment_payee_key_of_payee;
alter table mediation.payment drop column payee_key;

grant select, insert, update, delete on mediation.payee_index_run to nemkonto_mediation;
grant select, insert, delete on mediation.payee_index_part to nemkonto_mediation;
