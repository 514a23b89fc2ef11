-- Bank mergers and branch switches, and the authorities' rules for specific accounts.

create table register.branch_move (
    from_registration  text        not null,
    into_registration  text        not null,
    on_day             date        not null,
    recorded_at        timestamptz not null,
    recorded_by        text        not null,
    reason             bytea       not null,
    reached            uuid,
    is_done            boolean     not null default false,
    constraint branch_move_pkey primary key (from_registration),
    constraint branch_move_registrations check (from_registration ~ '^[0-9]{4}$' and into_registration ~ '^[0-9]{4}$'),
    constraint branch_move_somewhere_else check (from_registration <> into_registration)
);
comment on table register.branch_move is
    'Registration numbers that become another from a day on. A room moves the accounts, holder after holder; new designations follow at once.';
comment on column register.branch_move.reason is 'Sealed free text: why.';
comment on column register.branch_move.reached is 'The last holder whose accounts were moved.';

create table register.specific_rule (
    payer        text        not null collate "C",
    benefit      text        not null collate "C",
    valid_from   date        not null,
    is_locked    boolean     not null,
    recorded_at  timestamptz not null,
    recorded_by  text        not null,
    constraint specific_rule_pkey primary key (payer, benefit, valid_from),
    constraint specific_rule_payer_digits check (payer ~ '^[0-9]{8}$')
);
comment on table register.specific_rule is
    'From which day the specific accounts of a payer and benefit are locked: only the authority changes them then. Append-only.';

grant select, insert, update (reached, is_done) on register.branch_move to nemkonto_register;
grant select, insert on register.specific_rule to nemkonto_register;
