-- Services to payers: telling who awaited gets an account, and verification of accounts under a limit against scanning.

create table register.subscription (
    payer         text        not null collate "C",
    holder_ref    uuid        not null,
    kind          smallint    not null,
    number        bytea       not null,
    recorded_at   timestamptz not null,
    constraint subscription_pkey primary key (payer, kind, number),
    constraint subscription_payer_digits check (payer ~ '^[0-9]{8}$')
);
comment on table register.subscription is 'Payees without account that a payer wants to hear of when they have one. Gone once it has been told.';
comment on column register.subscription.number is 'Sealed: the number the payer gave.';

create table register.verification_miss (
    caller  text    not null,
    on_day  date    not null,
    misses  integer not null,
    constraint verification_miss_pkey primary key (caller, on_day),
    constraint verification_miss_some check (misses > 0)
);
comment on table register.verification_miss is 'How many accounts a caller has asked about on a day that were not the payee''s: who scans is stopped.';

grant select, insert, delete on register.subscription to nemkonto_register;
grant select, insert, update on register.verification_miss to nemkonto_register;

create table register.private_choice (
    payer        text        not null collate "C",
    holder_ref   uuid        not null,
    is_consent   boolean     not null,
    is_given     boolean     not null,
    recorded_at  timestamptz not null,
    constraint private_choice_pkey primary key (payer, holder_ref, is_consent, recorded_at),
    constraint private_choice_payer_digits check (payer ~ '^[0-9]{8}$')
);
comment on table register.private_choice is
    'What payees have chosen about private payers: consent given or taken back, opt-out begun or ended; the latest counts. Append-only.';

create table register.private_lookup (
    payer       text not null collate "C",
    payout      text not null collate "C",
    holder_ref  uuid not null,
    asked_on    date not null,
    constraint private_lookup_pkey primary key (payer, payout),
    constraint private_lookup_payer_digits check (payer ~ '^[0-9]{8}$')
);
comment on table register.private_lookup is
    'Payouts private payers have asked an account for: once each, and each with its levy. Append-only.';
create index private_lookup_of_month on register.private_lookup (payer, asked_on);

grant select, insert on register.private_choice to nemkonto_register;
grant select, insert on register.private_lookup to nemkonto_register;
