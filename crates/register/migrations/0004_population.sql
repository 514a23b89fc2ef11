-- Who is in the register: events of the civil and the business register, holders that became one or two, and the end rules.
--
-- What is known of a holder is folded from all events of its numbers in the order they happened, not in the order they came: so an event
-- counts once, and may come late, early, or before its number is known.

create table register.source_event (
    source       smallint    not null,
    position     bigint      not null,
    number_key   bigint      not null,
    kind         smallint    not null,
    number       bytea       not null,
    on_day       date        not null,
    fact         bytea       not null,
    recorded_at  timestamptz not null,
    constraint source_event_pkey primary key (source, position),
    constraint source_event_source_known check (source in (1, 2)),
    constraint source_event_position_positive check (position > 0),
    constraint source_event_kind_known check (kind between 1 and 5)
);
comment on table register.source_event is 'Events of the civil register (1) and the business register (2), by their positions there. Append-only.';
comment on column register.source_event.number_key is 'Index key of the sealed number: bytes 2 to 9 (of its synthetic IV) as a big-endian number.';
comment on column register.source_event.number is 'Sealed: the number the event was told under.';
comment on column register.source_event.fact is 'Sealed: what happened.';
create index source_event_of_number on register.source_event (number_key);

create table register.holder_circumstance (
    holder_ref  uuid  not null,
    died_on     date,
    ended_on    date,
    details     bytea not null,
    constraint holder_circumstance_pkey primary key (holder_ref)
);
comment on table register.holder_circumstance is
    'What the events of a holder add up to now. Derived from `source_event`, written in the transaction of the events.';
comment on column register.holder_circumstance.died_on is 'The day the person died.';
comment on column register.holder_circumstance.ended_on is 'The day the unit ceased or its bankruptcy was decreed, the earlier of the two.';
comment on column register.holder_circumstance.details is 'Sealed: guardians, registered address, protection, emigration.';

create table register.holder_link (
    from_ref     uuid        not null,
    into_ref     uuid        not null,
    kind         text        not null,
    recorded_at  timestamptz not null,
    recorded_by  text        not null,
    reason       bytea       not null,
    constraint holder_link_pkey primary key (from_ref, into_ref, recorded_at),
    constraint holder_link_kind_known check (kind in ('merge', 'split')),
    constraint holder_link_two_holders check (from_ref <> into_ref)
);
comment on table register.holder_link is 'Holders that became one (`from_ref` is no longer used) or two (`into_ref` is new). Append-only.';
comment on column register.holder_link.reason is 'Sealed free text: why.';
create index holder_link_into on register.holder_link (into_ref);

create table register.last_payout (
    holder_ref  uuid not null,
    paid_on     date not null,
    is_deleted  boolean not null default false,
    constraint last_payout_pkey primary key (holder_ref)
);
comment on table register.last_payout is 'The day of the latest payout to a holder, which decides when it is deleted.';
create index last_payout_oldest on register.last_payout (paid_on) where not is_deleted;

-- Numbers that were replaced: whoever still pays by one is told so, and not by which number.
alter table register.resolve_current add column is_replaced boolean not null default false;
comment on column register.resolve_current.is_replaced is 'Whether the holder has a newer number of this kind.';
update register.resolve_current c set is_replaced = true
from register.holder_fact f
where f.holder_ref = c.holder_ref and f.recorded_until is null and f.valid_until is null
  and f.current_kind = c.kind and c.kind <> 5 and f.current_number <> c.number;

create index identifier_unlinked on register.identifier (kind, number) where unlinked_at is not null;

grant select, insert on register.source_event to nemkonto_register;
grant select, insert, update, delete on register.holder_circumstance to nemkonto_register;
grant select, insert on register.holder_link to nemkonto_register;
grant select, insert, update on register.last_payout to nemkonto_register;
