-- The register (NKR): who has which account, since when, on whose word, and who asked.
--
-- Shard keys, where one machine is outgrown: `holder_ref` (holder, holder_fact, entry, letter) and `number` (identifier, resolve_current).
-- Every primary key, unique and exclusion constraint of a hot table contains its shard key, and resolving reads tables of one shard key only.
--
-- Sealed columns are deterministic authenticated encryption (AES-SIV): equality key and value at once, unreadable without the house's key.

----------------------------------------------------------------------------------------------------------------------------------------
-- One writer at a time
----------------------------------------------------------------------------------------------------------------------------------------

create table register.head (
    single       boolean     not null default true,
    recorded_at  timestamptz not null default 'epoch',
    last_entry   bigint      not null default 0,
    constraint head_pkey primary key (single),
    constraint head_single check (single)
);
comment on table register.head is
    'The time of the latest change and the last entry number given. Every writer locks this row first, so recorded times grow in the '
    'order of commits: what a snapshot shows is exactly what was recorded until its `recorded_at`.';
insert into register.head default values;

----------------------------------------------------------------------------------------------------------------------------------------
-- Holders and their numbers
----------------------------------------------------------------------------------------------------------------------------------------

create table register.holder (
    holder_ref   uuid        not null,
    recorded_at  timestamptz not null,
    constraint holder_pkey primary key (holder_ref)
);
comment on table register.holder is 'A person or unit: the stable reference other houses keep. Append-only.';

create table register.holder_fact (
    holder_ref      uuid        not null,
    version         int         not null,
    kind            text        not null,
    current_kind    smallint    not null,
    current_number  bytea       not null,
    name            bytea       not null,
    born            date,
    status          text        not null,
    valid_from      date,
    valid_until     date,
    recorded_from   timestamptz not null,
    recorded_until  timestamptz,
    recorded_by     text        not null,
    constraint holder_fact_pkey primary key (holder_ref, version),
    constraint holder_fact_version_positive check (version > 0),
    constraint holder_fact_kind_known check (kind in ('person', 'unit')),
    constraint holder_fact_status_known check (status in ('active', 'closed', 'deleted')),
    constraint holder_fact_valid_some_day check (valid_until > valid_from),
    constraint holder_fact_recorded_some_time check (recorded_until > recorded_from)
);
comment on table register.holder_fact is
    'Bitemporal facts of a holder. The open versions of one holder follow each other without overlap; the first has no first day, the last '
    'no last day. Append-only, but `recorded_until` is set once.';
comment on column register.holder_fact.current_number is 'Sealed: the number in use now; older ones stay linked in `identifier`.';
comment on column register.holder_fact.name is 'Sealed full name.';
comment on column register.holder_fact.valid_from is 'First day the fact holds; null is since ever.';
comment on column register.holder_fact.valid_until is 'First day it no longer holds; null is open.';
create unique index holder_fact_one_step on register.holder_fact (holder_ref, valid_from) nulls not distinct where recorded_until is null;
create unique index holder_fact_one_last on register.holder_fact (holder_ref) where recorded_until is null and valid_until is null;

create table register.identifier (
    kind         smallint    not null,
    number       bytea       not null,
    holder_ref   uuid        not null,
    linked_at    timestamptz not null,
    unlinked_at  timestamptz,
    constraint identifier_kind_known check (kind between 1 and 5),
    constraint identifier_linked_some_time check (unlinked_at > linked_at)
);
comment on table register.identifier is
    'Which holder a number belongs to. Old numbers stay linked. Append-only, but `unlinked_at` is set once, when a number moves to another holder.';
comment on column register.identifier.kind is '1 CPR, 2 CVR, 3 SE, 4 P number, 5 foreign.';
comment on column register.identifier.number is 'Sealed canonical number.';
create unique index identifier_one_holder on register.identifier (kind, number) where unlinked_at is null;
create index identifier_of_holder on register.identifier (holder_ref) where unlinked_at is null;

----------------------------------------------------------------------------------------------------------------------------------------
-- Designations
----------------------------------------------------------------------------------------------------------------------------------------

create table register.entry (
    holder_ref      uuid        not null,
    entry_id        bigint      not null,
    version         int         not null,
    payer           text        not null collate "C",
    benefit         text        not null collate "C",
    account         bytea       not null,
    state           text        not null,
    valid_from      date        not null,
    valid_until     date,
    expires_at      timestamptz,
    recorded_from   timestamptz not null,
    recorded_until  timestamptz,
    route           text        not null,
    bank            text,
    recorded_by     text        not null,
    reason          bytea       not null,
    constraint entry_pkey primary key (holder_ref, entry_id, version),
    constraint entry_version_positive check (version > 0),
    constraint entry_purpose_whole check ((payer = '') = (benefit = '')),
    constraint entry_payer_digits check (payer ~ '^([0-9]{8})?$'),
    constraint entry_state_known check (state in ('pending', 'active', 'withdrawn')),
    constraint entry_pending_expires check (state <> 'pending' or expires_at is not null),
    constraint entry_valid_some_day check (valid_until > valid_from),
    constraint entry_recorded_some_time check (recorded_until > recorded_from),
    constraint entry_route_known check (route in ('bank', 'self_service', 'caseworker', 'form', 'migration')),
    constraint entry_bank_by_bank_route check ((route = 'bank') = (bank is not null)),
    constraint entry_one_account_a_day exclude using gist
        (holder_ref with =, hashtextextended(payer || benefit, 0) with =, daterange(valid_from, valid_until) with &&)
        where (state = 'active' and recorded_until is null)
);
comment on table register.entry is
    'Bitemporal history of designations: `valid` in civil days, `recorded` in UTC. Each change of an entry is a new version; exactly one version '
    'is open. Append-only, but `recorded_until` is set once, so an answer as known at a time never changes afterwards.';
comment on column register.entry.payer is 'Agreement number of the payer of a specific account; empty for the NemKonto.';
comment on column register.entry.benefit is 'Benefit of a specific account; empty for the NemKonto.';
comment on column register.entry.account is 'Sealed canonical account.';
comment on column register.entry.state is
    'pending: waits for the code of the letter. active: in force on the days of `valid`, ended after them. withdrawn: never came, or no longer comes, into force.';
comment on column register.entry.expires_at is 'When a pending entry can no longer be activated.';
comment on column register.entry.reason is 'Sealed free text: why.';
comment on constraint entry_one_account_a_day on register.entry is
    'One account a day for each purpose. The purpose (fixed-width payer, then benefit) enters as one 64-bit number: half again as fast as two texts.';
create unique index entry_one_open_version on register.entry (holder_ref, entry_id) where recorded_until is null;

create table register.letter (
    holder_ref  uuid        not null,
    entry_id    bigint      not null,
    code        bytea       not null,
    expires_at  timestamptz not null,
    attempts    smallint    not null default 0,
    printed_at  timestamptz,
    used_at     timestamptz,
    constraint letter_pkey primary key (holder_ref, entry_id),
    constraint letter_attempts_counted check (attempts >= 0)
);
comment on table register.letter is
    'The physical letter with the activation code of a pending entry (BEK 788/2025 § 10). Sent to the registered address, never digitally.';
comment on column register.letter.code is 'Sealed 8-digit code.';
comment on column register.letter.attempts is 'Wrong codes entered so far.';
create index letter_unprinted on register.letter (entry_id) where printed_at is null;

----------------------------------------------------------------------------------------------------------------------------------------
-- The projection that payments are resolved from
----------------------------------------------------------------------------------------------------------------------------------------

create table register.resolve_current (
    kind         smallint not null,
    number       bytea    not null,
    payer        text     not null default '' collate "C",
    benefit      text     not null default '' collate "C",
    valid_from   date     not null,
    valid_until  date,
    holder_ref   uuid     not null,
    entry_id     bigint,
    account      bytea,
    constraint resolve_current_pkey primary key (kind, number, payer, benefit, valid_from),
    constraint resolve_current_account_of_entry check ((entry_id is null) = (account is null)),
    constraint resolve_current_valid_some_day check (valid_until > valid_from)
);
comment on table register.resolve_current is
    'Projection of the open active entries, one row for each number of the holder, written in the transaction of the change. A row without '
    'account says: end-marked or deleted in these days. No row says: see `identifier` whether the number is known.';
comment on column register.resolve_current.payer is 'Empty for the NemKonto.';
comment on column register.resolve_current.valid_from is '-infinity: since ever.';

----------------------------------------------------------------------------------------------------------------------------------------
-- Who asked
----------------------------------------------------------------------------------------------------------------------------------------

create table register.access_log (
    access_id      bigint      not null generated always as identity,
    at             timestamptz not null,
    actor          text        not null,
    on_behalf_of   text,
    legal_basis    text        not null,
    purpose        text        not null,
    operation      text        not null,
    trace          uuid        not null,
    subjects       bytea       not null,
    constraint access_log_pkey primary key (access_id),
    constraint access_log_subjects_whole check (octet_length(subjects) % 17 = 0)
);
comment on table register.access_log is
    'One row for each lookup call, committed before the call is answered. Append-only.';
comment on column register.access_log.subjects is 'The keys of the numbers looked up, 17 bytes each: key version and synthetic IV of the sealed number.';
-- Keys look random: trying to compress them costs time and saves nothing.
alter table register.access_log alter column subjects set storage external;

create table register.access_unindexed (
    access_id  bigint not null,
    constraint access_unindexed_pkey primary key (access_id)
);
comment on table register.access_unindexed is 'Calls of the access log that are not yet in the index by person.';

create table register.access_subject (
    subject    bytea  not null,
    access_id  bigint not null,
    constraint access_subject_pkey primary key (subject, access_id),
    constraint access_subject_key_length check (octet_length(subject) = 17)
);
comment on table register.access_subject is 'Index of the access log by person, written a little later. Append-only.';

----------------------------------------------------------------------------------------------------------------------------------------
-- Idempotency and feed
----------------------------------------------------------------------------------------------------------------------------------------

create table register.idempotency (
    caller        text        not null,
    operation     text        not null,
    key           text        not null,
    input_digest  bytea       not null,
    answer        bytea,
    recorded_at   timestamptz not null default now(),
    expires_at    timestamptz not null,
    constraint idempotency_pkey primary key (caller, operation, key),
    constraint idempotency_input_digest_length check (octet_length(input_digest) = 32),
    constraint idempotency_key_length check (char_length(key) between 1 and 128)
);
comment on table register.idempotency is 'What was answered to which key, so that a repeated call has no second effect.';
create index idempotency_expires_at on register.idempotency (expires_at);

create table register.feed_outbox (
    event_id     bigint      not null generated always as identity,
    kind         text        not null,
    payload      bytea       not null,
    recorded_at  timestamptz not null default now(),
    constraint feed_outbox_pkey primary key (event_id)
);
comment on table register.feed_outbox is 'Facts for others that have no position yet.';

create table register.feed_item (
    position     bigint      not null,
    epoch        int         not null,
    kind         text        not null,
    payload      bytea       not null,
    recorded_at  timestamptz not null,
    constraint feed_item_pkey primary key (position),
    constraint feed_item_position_positive check (position > 0)
);
comment on table register.feed_item is 'Facts for others, by gapless position. The payload is sealed. Append-only.';

create table register.feed_head (
    single    boolean not null default true,
    epoch     int     not null default 1,
    position  bigint  not null default 0,
    constraint feed_head_pkey primary key (single),
    constraint feed_head_single check (single)
);
comment on table register.feed_head is 'The last position given. A restore starts a new epoch.';
insert into register.feed_head default values;

----------------------------------------------------------------------------------------------------------------------------------------
-- What the running program may do
----------------------------------------------------------------------------------------------------------------------------------------

grant select, update on register.head to nemkonto_register;
grant select, insert on register.holder to nemkonto_register;
grant select, insert, update (recorded_until) on register.holder_fact to nemkonto_register;
grant select, insert, update (unlinked_at) on register.identifier to nemkonto_register;
grant select, insert, update (recorded_until) on register.entry to nemkonto_register;
grant select, insert, update (attempts, printed_at, used_at) on register.letter to nemkonto_register;
grant select, insert, update, delete on register.resolve_current to nemkonto_register;
grant select, insert on register.access_log to nemkonto_register;
grant select, insert, update, delete on register.access_unindexed to nemkonto_register;
grant select, insert on register.access_subject to nemkonto_register;
grant select, insert, update, delete on register.idempotency to nemkonto_register;
grant select, insert, delete on register.feed_outbox to nemkonto_register;
grant select, insert on register.feed_item to nemkonto_register;
grant select, update on register.feed_head to nemkonto_register;

-- Closing happens once, from open. Row security and not a trigger: the distributed engine takes it, and reading pays nothing.
alter table register.entry enable row level security;
create policy entry_read on register.entry for select using (true);
create policy entry_append on register.entry for insert with check (true);
create policy entry_close_once on register.entry for update using (recorded_until is null) with check (recorded_until is not null);

alter table register.holder_fact enable row level security;
create policy holder_fact_read on register.holder_fact for select using (true);
create policy holder_fact_append on register.holder_fact for insert with check (true);
create policy holder_fact_close_once on register.holder_fact for update using (recorded_until is null) with check (recorded_until is not null);

alter table register.identifier enable row level security;
create policy identifier_read on register.identifier for select using (true);
create policy identifier_append on register.identifier for insert with check (true);
create policy identifier_unlink_once on register.identifier for update using (unlinked_at is null) with check (unlinked_at is not null);
