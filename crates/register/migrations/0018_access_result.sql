-- What came of each access, and the person behind it. Rows of before say neither.

alter table register.access_log add column result text;
alter table register.access_log add constraint access_log_result_known check (result in ('found', 'not_found', 'refused'));
alter table register.access_log add column person bytea;
comment on table register.access_log is
    'One row for each lookup, change or attempt and each result, committed before the call is answered. Append-only.';
comment on column register.access_log.result is 'found, not_found, or refused: the caller had no right to it; null before it was written down.';
comment on column register.access_log.person is
    'Sealed: the person who acted, in the own name, by power of attorney, as guardian or as employee; null where none is known.';
