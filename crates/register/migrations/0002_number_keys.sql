-- Index keys of fixed width. A btree over sealed numbers compares bytes of variable length, level after level; the first eight bytes of the
-- synthetic IV, as one number, tell them apart just as well. Equality is always settled by the sealed number itself.

alter table register.resolve_current add column number_key bigint;
update register.resolve_current set number_key = ('x' || encode(substr(number, 2, 8), 'hex'))::bit(64)::bigint;
alter table register.resolve_current alter column number_key set not null;
alter table register.resolve_current drop constraint resolve_current_pkey;
alter table register.resolve_current
    add constraint resolve_current_pkey primary key (number_key, kind, number, payer, benefit, valid_from);
comment on column register.resolve_current.number_key is 'Index key of the sealed number: bytes 2 to 9 (of its synthetic IV) as a big-endian number.';

alter table register.access_subject drop constraint access_subject_pkey;
alter table register.access_subject drop constraint access_subject_key_length;
alter table register.access_subject
    alter column subject type bigint using ('x' || encode(substr(subject, 2, 8), 'hex'))::bit(64)::bigint;
alter table register.access_subject rename column subject to subject_key;
alter table register.access_subject add constraint access_subject_pkey primary key (subject_key, access_id);
comment on column register.access_subject.subject_key is 'Index key of the subject: bytes 2 to 9 of its 17. Whom a call concerned is settled by `access_log.subjects`.';
