-- Signals of fraud: a change that looks wrong waits before payments follow it, until its time is over or two people have released it.

create index entry_of_account on register.entry using hash (account) where recorded_until is null;

create table register.hold (
    holder_ref   uuid        not null,
    entry_id     bigint      not null,
    signals      text[]      not null,
    until_day    date        not null,
    wished_day   date        not null,
    rule_from    date,
    placed_at    timestamptz not null,
    constraint hold_pkey primary key (holder_ref, entry_id),
    constraint hold_some_signal check (cardinality(signals) > 0),
    constraint hold_some_day check (until_day > wished_day)
);
comment on table register.hold is
    'Designations that payments do not follow yet. They do from `until_day`, or from the day two people have released them. Append-only.';
comment on column register.hold.signals is 'Why: the names of the signals.';
comment on column register.hold.rule_from is 'First day of the dated rule it was placed by; null is the rule of since ever.';

create table register.hold_release (
    holder_ref   uuid        not null,
    entry_id     bigint      not null,
    released_by  text        not null,
    released_at  timestamptz not null,
    reason       bytea       not null,
    constraint hold_release_pkey primary key (holder_ref, entry_id, released_by)
);
comment on table register.hold_release is 'Who has released a hold: it takes two people. Append-only.';
comment on column register.hold_release.reason is 'Sealed free text: why.';

grant select, insert on register.hold to nemkonto_register;
grant select, insert on register.hold_release to nemkonto_register;
