-- Letters with activation codes: the code itself stands nowhere once it is printed, only a slow hash of it. What is to be printed, and what
-- holders are to be told, waits in outboxes.

create table register.letter_code (
    holder_ref  uuid   not null,
    entry_id    bigint not null,
    hash        bytea  not null,
    constraint letter_code_pkey primary key (holder_ref, entry_id),
    constraint letter_code_hash_length check (octet_length(hash) = 49)
);
comment on table register.letter_code is
    'The codes of letters that are written: version, salt and Argon2id hash of a keyed digest. A stolen table tells no code. Append-only.';

alter table register.letter add column voided_at timestamptz;
comment on column register.letter.voided_at is 'When it was found that no letter may be sent: the person has died, the unit has ceased.';
-- A code that an earlier version kept sealed cannot be hashed in the database: such a letter is written anew, with another code.
update register.letter set printed_at = null where used_at is null;
alter table register.letter drop column code;

create table register.print_job (
    holder_ref  uuid   not null,
    entry_id    bigint not null,
    code        bytea  not null,
    constraint print_job_pkey primary key (holder_ref, entry_id)
);
comment on table register.print_job is 'Outbox: letters that are written and wait to be printed. Gone once they are.';
comment on column register.print_job.code is 'Sealed 8-digit code, bound to its entry.';

create table register.notice (
    notice_id    bigint      not null generated always as identity,
    holder_ref   uuid        not null,
    kind         text        not null,
    is_specific  boolean     not null,
    on_day       date,
    recorded_at  timestamptz not null,
    sent_at      timestamptz,
    constraint notice_pkey primary key (notice_id),
    constraint notice_kind_known check (kind in ('designated', 'waits_for_code', 'ended'))
);
comment on table register.notice is
    'Outbox: what holders are told of changes to their accounts, by Digital Post. No account and no number: what it says is made when it is sent.';
comment on column register.notice.is_specific is 'Whether it is about a specific account and not the NemKonto.';
comment on column register.notice.on_day is 'First day payments follow the change, where there is one.';
create index notice_unsent on register.notice (notice_id) where sent_at is null;

grant select, insert on register.letter_code to nemkonto_register;
grant update (voided_at) on register.letter to nemkonto_register;
grant select, insert, delete on register.print_job to nemkonto_register;
grant select, insert, update (sent_at) on register.notice to nemkonto_register;
