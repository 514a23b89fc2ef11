-- Parties: banks, payers with their agreements, and users with their grants, in dated versions that are never overwritten.
--
-- A version replaces, from its first day on, everything that was recorded about the same party before it. So what applies on a day is the
-- latest recorded version whose first day is not later than the day, unless its last day is past. What was known at an earlier time is the
-- same question over the versions recorded until then.
--
-- These tables are small and read by every node: where the database is distributed they are reference tables.

-- Banks ------------------------------------------------------------------------------------------------------------------

create table parties.bank (
    version              bigint      not null generated always as identity,
    code                 text        not null,
    name                 text        not null,
    bic                  text        not null,
    registration_numbers text[]      not null,
    pain_version         text        not null,
    domestic_lag         smallint    not null,
    foreign_lag          smallint    not null,
    needs_payee_number   boolean     not null,
    valid_from           date        not null,
    recorded_at          timestamptz not null,
    recorded_by          text        not null,
    constraint bank_pkey primary key (version),
    constraint bank_code_length check (char_length(code) between 1 and 20),
    constraint bank_name_length check (char_length(name) between 1 and 140),
    constraint bank_bic_length check (char_length(bic) in (8, 11)),
    constraint bank_pain_version_known check (pain_version in ('03', '09')),
    constraint bank_lags_in_bank_days check (domestic_lag between 0 and 255 and foreign_lag between 0 and 255)
);
create index bank_by_code on parties.bank (code, version desc);
comment on table parties.bank is 'A version of a bank (pengeinstitut) and of how it is spoken to, from the day it was recorded. Append-only.';
comment on column parties.bank.registration_numbers is 'Registreringsnumre of the bank, 4 digits each.';
comment on column parties.bank.domestic_lag is 'Bank days between execution and disposal of a domestic transfer.';
comment on column parties.bank.foreign_lag is 'Bank days between execution and disposal of a foreign transfer.';

-- Payers and their agreements -----------------------------------------------------------------------------------------------

create table parties.agreement (
    version          bigint      not null generated always as identity,
    agreement        text        not null,
    cvr              text        not null,
    name             text        not null,
    kind             text        not null,
    valid_from       date        not null,
    valid_until      date,
    without_account  text        not null,
    error_account    bytea,
    fall_back_to_cvr boolean     not null,
    date_meaning     text        not null,
    recorded_at      timestamptz not null,
    recorded_by      text        not null,
    constraint agreement_pkey primary key (version),
    constraint agreement_number_digits check (agreement ~ '^[0-9]{8}$'),
    constraint agreement_cvr_digits check (cvr ~ '^[0-9]{8}$'),
    constraint agreement_name_length check (char_length(name) between 1 and 140),
    constraint agreement_kind_known check (kind in ('authority', 'private', 'recovery_authority', 'system')),
    constraint agreement_valid_some_day check (valid_until > valid_from),
    constraint agreement_without_account_known check (without_account in ('return', 'error_account', 'holding')),
    constraint agreement_error_account_when_chosen check ((without_account = 'error_account') = (error_account is not null)),
    constraint agreement_date_meaning_known check (date_meaning in ('disposal', 'execution'))
);
create index agreement_by_number on parties.agreement (agreement, version desc);
create index agreement_by_cvr on parties.agreement (cvr);
comment on table parties.agreement is 'A version of a payer''s agreement (tilslutningsaftale). Append-only; its parts stand in the tables below.';
comment on column parties.agreement.valid_until is 'First day the agreement no longer applies; null while it runs on.';
comment on column parties.agreement.without_account is 'Where a payout goes whose payee has no account (return answer 7).';
comment on column parties.agreement.error_account is 'Sealed account of the authority (fejlkonto).';
comment on column parties.agreement.fall_back_to_cvr is 'Whether a payment to an SE or P number may go to the CVR number''s account.';

create table parties.unit (
    version bigint   not null,
    ordinal smallint not null,
    code    text     not null,
    name    text     not null,
    constraint unit_pkey primary key (version, code),
    constraint unit_version_fkey foreign key (version) references parties.agreement (version),
    constraint unit_code_length check (char_length(code) between 1 and 20),
    constraint unit_name_length check (char_length(name) between 1 and 140)
);
comment on table parties.unit is 'A paying unit (LOS-enhed) of an agreement version. Append-only.';

create table parties.debtor_account (
    version  bigint   not null,
    ordinal  smallint not null,
    account  bytea    not null,
    bank     text     not null,
    currency text     not null,
    unit     text,
    constraint debtor_account_pkey primary key (version, ordinal),
    constraint debtor_account_once unique (version, account, currency),
    constraint debtor_account_version_fkey foreign key (version) references parties.agreement (version),
    constraint debtor_account_unit_fkey foreign key (version, unit) references parties.unit (version, code),
    constraint debtor_account_bank_length check (char_length(bank) between 1 and 20),
    constraint debtor_account_currency_letters check (currency ~ '^[A-Z]{3}$')
);
comment on table parties.debtor_account is 'An account the payer pays from, and the bank that keeps it. Append-only.';
comment on column parties.debtor_account.account is 'Sealed account.';

create table parties.benefit_terms (
    version bigint   not null,
    ordinal smallint not null,
    code    text     not null,
    name    text     not null,
    locked  boolean  not null,
    shift   text     not null,
    constraint benefit_terms_pkey primary key (version, code),
    constraint benefit_terms_version_fkey foreign key (version) references parties.agreement (version),
    constraint benefit_terms_code_length check (char_length(code) between 1 and 10),
    constraint benefit_terms_name_length check (char_length(name) between 1 and 140),
    constraint benefit_terms_shift_known check (shift in ('previous', 'next'))
);
comment on table parties.benefit_terms is 'A benefit (ydelsesart) the payer pays, and its terms. Append-only.';
comment on column parties.benefit_terms.locked is 'Lås for kontoændringer: the payee may not change a specific account of this benefit.';
comment on column parties.benefit_terms.shift is 'Where a due day that is no bank day is moved.';

create table parties.data_supplier (
    version  bigint   not null,
    ordinal  smallint not null,
    supplier text     not null,
    constraint data_supplier_pkey primary key (version, supplier),
    constraint data_supplier_version_fkey foreign key (version) references parties.agreement (version),
    constraint data_supplier_length check (char_length(supplier) between 1 and 35)
);
comment on table parties.data_supplier is 'A data supplier (dataleverandør) that may send for the payer. Append-only.';

-- Users ---------------------------------------------------------------------------------------------------------------------

create table parties.user_grant (
    version         bigint      not null generated always as identity,
    user_id         text        not null,
    name            text        not null,
    authority       text        not null,
    functions       text[]      not null,
    all_benefits    boolean     not null,
    benefits        text[]      not null,
    without_benefit boolean     not null,
    valid_from      date        not null,
    valid_until     date        not null,
    recorded_at     timestamptz not null,
    recorded_by     text        not null,
    constraint user_grant_pkey primary key (version),
    constraint user_grant_user_length check (char_length(user_id) between 1 and 64),
    constraint user_grant_name_length check (char_length(name) between 1 and 140),
    constraint user_grant_authority_digits check (authority ~ '^[0-9]{8}$'),
    constraint user_grant_functions_known check (functions <@ array[
        'search_payments', 'stop_payments', 'designate_accounts', 'specific_accounts', 'control_lists', 'administer_users']),
    constraint user_grant_all_says_it_all check (not all_benefits or (benefits = '{}' and without_benefit)),
    constraint user_grant_valid_some_day check (valid_until > valid_from)
);
create index user_grant_by_user on parties.user_grant (user_id, version desc);
comment on table parties.user_grant is
    'A version of a caseworker''s role profile (rolleprofil): functions and benefits, both required. Every grant ends on a day. Append-only.';
comment on column parties.user_grant.all_benefits is 'VIS999: all benefits of the authority, and payments without one.';
comment on column parties.user_grant.without_benefit is 'VISUYD: payments without a benefit.';

-- Repeated calls -------------------------------------------------------------------------------------------------------------

create table parties.idempotency (
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
create index idempotency_expires_at on parties.idempotency (expires_at);
comment on table parties.idempotency is 'Answers of calls that changed something, kept for their repetition.';

grant select, insert on parties.bank, parties.agreement, parties.unit, parties.debtor_account, parties.benefit_terms,
    parties.data_supplier, parties.user_grant to nemkonto_parties;
grant select, insert, update, delete on parties.idempotency to nemkonto_parties;
