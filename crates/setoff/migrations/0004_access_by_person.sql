-- What came of each access and the person behind it, and an index by person, so that whoever is looked up is shown it.

alter table setoff.access_log add column result text;
alter table setoff.access_log add constraint access_log_result_known check (result in ('found', 'not_found', 'refused'));
alter table setoff.access_log add column person bytea;
comment on column setoff.access_log.result is 'found, not_found, or refused: the caller had no right to it; null before it was written down.';
comment on column setoff.access_log.person is
    'Sealed: the person who acted, in the own name, by power of attorney, as guardian or as employee; null where none is known.';

create table setoff.access_subject (
    subject_key bigint not null,
    access_id   bigint not null,
    constraint access_subject_pkey primary key (subject_key, access_id)
);
comment on table setoff.access_subject is
    'Index of the access log by person: bytes 2 to 9 of the subject key. Whom a row concerned is settled by it. Append-only.';
insert into setoff.access_subject (subject_key, access_id)
select distinct ('x' || encode(substr(l.subjects, place * 17 + 2, 8), 'hex'))::bit(64)::bigint, l.access_id
from setoff.access_log l cross join lateral generate_series(0, octet_length(l.subjects) / 17 - 1) place;
grant select, insert on setoff.access_subject to nemkonto_setoff;
