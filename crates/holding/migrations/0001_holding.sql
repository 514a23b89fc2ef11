-- The holding account: deposits, the ledger that accounts for them, and the payments that release them.
-- A small share of all payouts comes here, so the tables stay on one node: no shard key is needed.

-- Deposits -----------------------------------------------------------------------------------------------------------

create sequence holding.deposit_number as bigint;

create table holding.deposit (
    deposit_id  bigint      not null constraint deposit_pkey primary key,
    leg_slice   bigint      not null,
    leg_row     integer     not null,
    leg_number  smallint    not null,
    holder      uuid        not null,
    payee       bytea       not null,
    payer       text        not null,
    benefit     text,
    minor       bigint      not null,
    currency    text        not null,
    on_day      date        not null,
    reserved_at timestamptz not null,
    constraint deposit_leg unique (leg_slice, leg_row, leg_number),
    constraint deposit_minor_positive check (minor > 0),
    constraint deposit_currency check (currency ~ '^[A-Z]{3}$'),
    constraint deposit_payer check (payer ~ '^[0-9]{8}$'),
    constraint deposit_benefit check (char_length(benefit) between 1 and 10)
);
create index deposit_holder on holding.deposit (holder);
create index deposit_payee on holding.deposit (payee);
create index deposit_on_day on holding.deposit (on_day);
comment on table holding.deposit is 'Money that came because its payee had no account: one row per leg. Append-only.';
comment on column holding.deposit.payee is 'Sealed number the payer gave.';
comment on column holding.deposit.holder is 'The register''s reference to the payee; an older one after a merge, see holder_merge.';

create table holding.deposit_state (
    deposit_id bigint      not null constraint deposit_state_pkey primary key
                           constraint deposit_state_deposit references holding.deposit,
    state      text        not null,
    changed_at timestamptz not null,
    constraint deposit_state_state check (state in ('reserved', 'posted', 'voided', 'releasing', 'released', 'expired'))
);
comment on table holding.deposit_state is
    'Where a deposit stands: reserved -> posted | voided; posted -> releasing | expired; releasing -> released | posted. Its row lock decides races.';

create function holding.check_deposit_step() returns trigger language plpgsql as $$
begin
    if (old.state, new.state) not in (
        ('reserved', 'posted'), ('reserved', 'voided'), ('posted', 'releasing'), ('posted', 'expired'), ('releasing', 'released'),
        ('releasing', 'posted'))
    then
        raise check_violation using constraint = 'deposit_state_step', message = 'a deposit cannot go from ' || old.state || ' to ' || new.state;
    end if;
    return new;
end $$;
create trigger deposit_state_step before update on holding.deposit_state for each row execute function holding.check_deposit_step();

-- Ledger -------------------------------------------------------------------------------------------------------------

create table holding.ledger_account (
    account_id bigint not null generated always as identity constraint ledger_account_pkey primary key,
    kind       text   not null,
    holder     uuid,
    currency   text   not null,
    constraint ledger_account_identity unique nulls not distinct (kind, holder, currency),
    constraint ledger_account_currency unique (account_id, currency),
    constraint ledger_account_kind check (kind in ('bank', 'payee', 'treasury')),
    constraint ledger_account_holder check ((kind = 'payee') = (holder is not null))
);
comment on table holding.ledger_account is
    'bank: the asset, money in the state''s account; payee: what is owed to one holder; treasury: what is owed to the Treasury. Append-only.';

create sequence holding.transfer_number as bigint;

create table holding.transfer (
    transfer_id    bigint      not null constraint transfer_pkey primary key,
    deposit_id     bigint      not null constraint transfer_deposit references holding.deposit,
    purpose        text        not null,
    debit_account  bigint      not null,
    credit_account bigint      not null,
    minor          bigint      not null,
    currency       text        not null,
    made_at        timestamptz not null,
    constraint transfer_debit foreign key (debit_account, currency) references holding.ledger_account (account_id, currency),
    constraint transfer_credit foreign key (credit_account, currency) references holding.ledger_account (account_id, currency),
    constraint transfer_purpose check (purpose in ('deposit', 'release', 'expiry')),
    constraint transfer_minor_positive check (minor > 0),
    constraint transfer_between_accounts check (debit_account <> credit_account)
);
create unique index transfer_deposit_once on holding.transfer (deposit_id) where purpose = 'deposit';
create index transfer_deposit_id on holding.transfer (deposit_id);
comment on table holding.transfer is
    'One row debits one account and credits another with the same amount, so debits equal credits by construction. Pending until it has an ending. Append-only.';

create table holding.transfer_end (
    transfer_id bigint      not null constraint transfer_end_pkey primary key
                            constraint transfer_end_transfer references holding.transfer,
    outcome     text        not null,
    ended_at    timestamptz not null,
    constraint transfer_end_outcome check (outcome in ('posted', 'voided'))
);
comment on table holding.transfer_end is 'How a pending transfer ended: once. Append-only.';

-- Release ------------------------------------------------------------------------------------------------------------

create table holding.feed_cursor (
    feed     text   not null constraint feed_cursor_pkey primary key,
    position bigint not null,
    constraint feed_cursor_feed check (feed in ('register')),
    constraint feed_cursor_position check (position >= 0)
);
comment on table holding.feed_cursor is 'How far another house''s feed is read: moved in the transaction of the work.';
insert into holding.feed_cursor values ('register', 0);

create table holding.holder_merge (
    from_holder uuid        not null,
    into_holder uuid        not null,
    recorded_at timestamptz not null,
    constraint holder_merge_pkey primary key (from_holder, into_holder),
    constraint holder_merge_differs check (from_holder <> into_holder)
);
create index holder_merge_into on holding.holder_merge (into_holder);
comment on table holding.holder_merge is 'Holders the register has merged, so that a new number loses no deposit. Append-only.';

create table holding.release_due (
    deposit_id bigint  not null constraint release_due_pkey primary key
                       constraint release_due_deposit references holding.deposit,
    not_before date    not null,
    ask        boolean not null
);
comment on table holding.release_due is 'Deposits that may have got an account: worked when they are posted, then removed.';
comment on column holding.release_due.ask is 'Whether the register must be asked first; not when it has told of the account.';

create table holding.release_batch (
    batch_id       bigint      not null generated always as identity constraint release_batch_pkey primary key,
    payer          text        not null,
    debtor_account bytea       not null,
    on_day         date        not null,
    made_at        timestamptz not null,
    constraint release_batch_payer check (payer ~ '^[0-9]{8}$')
);
comment on table holding.release_batch is
    'Release orders submitted in one call. Everything the call contains stands here, so that it can be repeated unchanged. Append-only.';

create table holding.release_order (
    order_id    bigint not null generated always as identity constraint release_order_pkey primary key,
    batch_id    bigint not null constraint release_order_batch references holding.release_batch,
    deposit_id  bigint not null constraint release_order_deposit references holding.deposit,
    transfer_id bigint not null constraint release_order_transfer unique references holding.transfer
);
create index release_order_deposit_id on holding.release_order (deposit_id);
create index release_order_batch_id on holding.release_order (batch_id);
comment on table holding.release_order is 'An order to pay a deposit to its payee. Append-only.';

create table holding.release_state (
    order_id      bigint      not null constraint release_state_pkey primary key
                              constraint release_state_order references holding.release_order,
    state         text        not null,
    payment_slice bigint,
    payment_row   integer,
    changed_at    timestamptz not null,
    asked_at      timestamptz,
    constraint release_state_state check (state in ('ordered', 'submitted', 'released', 'failed')),
    constraint release_state_payment check ((payment_slice is null) = (payment_row is null)),
    constraint release_state_submitted check (state not in ('submitted', 'released') or payment_slice is not null)
);
create index release_state_ordered on holding.release_state (order_id) where state = 'ordered';
create index release_state_submitted on holding.release_state (asked_at nulls first) where state = 'submitted';
comment on table holding.release_state is 'Where an order stands: ordered -> submitted | failed; submitted -> released | failed.';
comment on column holding.release_state.asked_at is 'When mediation was last asked about the payment.';

create function holding.check_release_step() returns trigger language plpgsql as $$
begin
    if old.state in ('released', 'failed') or (old.state, new.state) = ('submitted', 'ordered') then
        raise check_violation using constraint = 'release_state_step', message = 'an order cannot go from ' || old.state || ' to ' || new.state;
    end if;
    return new;
end $$;
create trigger release_state_step before update on holding.release_state for each row execute function holding.check_release_step();

-- Repeated calls -----------------------------------------------------------------------------------------------------

create table holding.idempotency (
    caller       text        not null,
    operation    text        not null,
    key          text        not null,
    input_digest bytea       not null,
    answer       bytea,
    recorded_at  timestamptz not null default now(),
    expires_at   timestamptz not null,
    constraint idempotency_pkey primary key (caller, operation, key),
    constraint idempotency_input_digest_length check (octet_length(input_digest) = 32),
    constraint idempotency_key_length check (char_length(key) between 1 and 128)
);
create index idempotency_expires_at on holding.idempotency (expires_at);
comment on table holding.idempotency is 'Calls that changed something, with a keyed digest of the input and the sealed answer.';

-- Access -------------------------------------------------------------------------------------------------------------

create table holding.access_log (
    access_id    bigint      not null generated always as identity,
    at           timestamptz not null,
    actor        text        not null,
    on_behalf_of text,
    legal_basis  text        not null,
    purpose      text        not null,
    operation    text        not null,
    trace        uuid        not null,
    subjects     bytea       not null,
    constraint access_log_pkey primary key (access_id),
    constraint access_log_subjects_whole check (octet_length(subjects) % 17 = 0)
);
comment on table holding.access_log is 'One row for each call that gives out personal data, committed before it is answered. Append-only.';
comment on column holding.access_log.subjects is 'Whose data: per person 17 bytes, key version and synthetic IV of the sealed number.';
alter table holding.access_log alter column subjects set storage external;

-- Rights of the running program --------------------------------------------------------------------------------------

grant usage on sequence holding.deposit_number, holding.transfer_number to nemkonto_holding;
grant select, insert on
    holding.access_log, holding.deposit, holding.ledger_account, holding.transfer, holding.transfer_end, holding.holder_merge, holding.release_batch,
    holding.release_order
    to nemkonto_holding;
grant select, insert, update on holding.deposit_state, holding.release_state to nemkonto_holding;
grant select, update on holding.feed_cursor to nemkonto_holding;
grant select, insert, update, delete on holding.release_due, holding.idempotency to nemkonto_holding;
