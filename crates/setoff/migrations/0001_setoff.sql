-- Set-off: the recovery authority's markers, the rules on benefits, and the payouts reserved for redirection.
-- Shard keys: a marker is found by its sealed identifier, a reservation by the slice of its leg. Both stand in every key of their tables.

-- Markers ------------------------------------------------------------------------------------------------------------

create sequence setoff.marker_version_number as bigint;

create table setoff.marker_version (
    identifier  bytea       not null,
    version     bigint      not null,
    action      text        not null,
    scope       text        not null,
    payer       text,
    benefit     text,
    priority    integer     not null,
    from_day    date        not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    constraint marker_version_pkey primary key (identifier, version),
    constraint marker_version_action check (action in ('set', 'remove')),
    constraint marker_version_scope check (scope in ('general', 'common', 'internal', 'assignment_or_levy')),
    constraint marker_version_target check (
        case scope
            when 'general' then benefit is null
            when 'internal' then payer is not null and benefit is not null
            else payer is null and benefit is null
        end),
    constraint marker_version_payer check (payer ~ '^[0-9]{8}$'),
    constraint marker_version_benefit check (char_length(benefit) between 1 and 10)
);
comment on table setoff.marker_version is
    'Every accepted change of the recovery authority''s marker list, as it came. Append-only: the change record of the list.';
comment on column setoff.marker_version.identifier is 'Sealed number of the customer.';
comment on column setoff.marker_version.priority is 'The recovery authority''s priority code; the lowest wins. Never derived here.';
comment on column setoff.marker_version.recorded_by is 'Label of the actor; never a personal number.';

create table setoff.current_marker (
    identifier  bytea   not null,
    scope       text    not null,
    payer       text,
    benefit     text,
    priority    integer not null,
    valid_from  date    not null,
    valid_until date,
    version     bigint  not null,
    constraint current_marker_key unique nulls not distinct (identifier, scope, payer, benefit, valid_from),
    constraint current_marker_scope check (scope in ('general', 'common', 'internal', 'assignment_or_levy')),
    constraint current_marker_validity check (valid_until > valid_from)
);
create index current_marker_identifier on setoff.current_marker using hash (identifier);
comment on index setoff.current_marker_identifier is
    'What a match reads, once per payout: half the time of a btree (20,000 payouts without a marker among 500,000 markers: 36 ms against 71 ms).';
comment on table setoff.current_marker is
    'What the changes add up to: each marker with the days it applies, [valid_from, valid_until). Projection kept in the transaction of the change.';
comment on column setoff.current_marker.version is 'The change that set it: the evidence of a redirect.';

-- Rules on benefits --------------------------------------------------------------------------------------------------

create table setoff.rule_version (
    version     integer     not null generated always as identity constraint rule_version_pkey primary key,
    recorded_at timestamptz not null,
    recorded_by text        not null
);
comment on table setoff.rule_version is 'One row per change of the rules. Version 0 is before the first. Append-only.';

create table setoff.benefit_rule (
    benefit    text    not null,
    from_day   date    not null,
    version    integer not null constraint benefit_rule_version references setoff.rule_version,
    takes_part boolean not null,
    source     text    not null,
    constraint benefit_rule_pkey primary key (benefit, from_day, version),
    constraint benefit_rule_benefit check (char_length(benefit) between 1 and 10),
    constraint benefit_rule_source check (char_length(source) between 1 and 200)
);
comment on table setoff.benefit_rule is
    'Whether a benefit takes part in set-off from a day. The greatest day not after the payout''s, and of that day the greatest version, is in force. Append-only.';

-- Reservations -------------------------------------------------------------------------------------------------------

create sequence setoff.reservation_number as bigint;

create table setoff.reservation (
    leg_slice      bigint      not null,
    leg_row        integer     not null,
    leg_number     smallint    not null,
    reservation    bigint      not null,
    payee          bytea       not null,
    payer          text        not null,
    benefit        text,
    minor          bigint      not null,
    currency       text        not null,
    on_day         date        not null,
    marker_version bigint      not null,
    rule_version   integer     not null,
    reserved_at    timestamptz not null,
    expires_at     timestamptz not null,
    constraint reservation_pkey primary key (leg_slice, leg_row, leg_number),
    constraint reservation_minor_positive check (minor > 0),
    constraint reservation_currency check (currency ~ '^[A-Z]{3}$'),
    constraint reservation_payer check (payer ~ '^[0-9]{8}$'),
    constraint reservation_expiry check (expires_at > reserved_at)
);
create index reservation_expires_at on setoff.reservation (expires_at);
comment on table setoff.reservation is
    'A payout that is to be redirected, whole, with the marker and the rules that decided. One per leg. Append-only.';
comment on column setoff.reservation.payee is 'Sealed number of the payee.';
comment on column setoff.reservation.expires_at is 'When the bank''s answer is overdue. It ends nothing: only an executed or failed payment does.';

create table setoff.reservation_end (
    leg_slice  bigint      not null,
    leg_row    integer     not null,
    leg_number smallint    not null,
    outcome    text        not null,
    ended_at   timestamptz not null,
    constraint reservation_end_pkey primary key (leg_slice, leg_row, leg_number),
    constraint reservation_end_reservation foreign key (leg_slice, leg_row, leg_number) references setoff.reservation,
    constraint reservation_end_outcome check (outcome in ('posted', 'voided'))
);
comment on table setoff.reservation_end is
    'How a reservation ended; none while it is reserved. The primary key lets one ending win, whatever is called at once. Append-only.';

-- Repeated calls and facts for others ----------------------------------------------------------------------------

create table setoff.idempotency (
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
create index idempotency_expires_at on setoff.idempotency (expires_at);
comment on table setoff.idempotency is 'Calls that changed something, with a keyed digest of the input and the sealed answer.';

create table setoff.feed_outbox (
    event_id    bigint      not null generated always as identity constraint feed_outbox_pkey primary key,
    kind        text        not null,
    payload     bytea       not null,
    recorded_at timestamptz not null default now()
);
comment on table setoff.feed_outbox is 'Advices that are committed and have no position yet.';

create table setoff.feed_item (
    position    bigint      not null constraint feed_item_pkey primary key,
    epoch       integer     not null,
    kind        text        not null,
    payload     bytea       not null,
    recorded_at timestamptz not null,
    constraint feed_item_position_positive check (position > 0)
);
comment on table setoff.feed_item is 'Advices to the recovery authority (Advis) in posting order: gapless, never reused. Append-only.';

create table setoff.feed_head (
    single   boolean not null default true constraint feed_head_pkey primary key,
    epoch    integer not null default 1,
    position bigint  not null default 0,
    constraint feed_head_single check (single)
);
comment on table setoff.feed_head is 'The last position given out.';
insert into setoff.feed_head default values;

-- Access -------------------------------------------------------------------------------------------------------------

create table setoff.access_log (
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
comment on table setoff.access_log is 'One row for each call that gives out personal data, committed before it is answered. Append-only.';
comment on column setoff.access_log.subjects is 'Whose data: per person 17 bytes, key version and synthetic IV of the sealed number.';
alter table setoff.access_log alter column subjects set storage external;

-- Rights of the running program --------------------------------------------------------------------------------------

grant usage on sequence setoff.marker_version_number, setoff.reservation_number to nemkonto_setoff;
grant select, insert on
    setoff.access_log, setoff.marker_version, setoff.rule_version, setoff.benefit_rule, setoff.reservation, setoff.reservation_end, setoff.feed_item
    to nemkonto_setoff;
grant select, insert, delete on setoff.current_marker, setoff.feed_outbox to nemkonto_setoff;
grant select, insert, update, delete on setoff.idempotency to nemkonto_setoff;
grant select, update on setoff.feed_head to nemkonto_setoff;
