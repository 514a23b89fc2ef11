-- Beside another system: which deliveries it has taken and which we have, so that a delivery sent to both is paid once.
--
-- The primary key of mediation.message_taken decides who pays: of a reading here and a note of the other system, made at once, one waits for the
-- other's commit and then sees it.

create table mediation.message_taken (
    payer       text  not null,
    message_id  bytea not null,
    delivery_id bigint,
    noted_at    timestamptz,
    noted_by    text,
    constraint message_taken_pkey primary key (payer, message_id),
    constraint message_taken_payer_digits check (payer ~ '^[0-9]{8}$'),
    constraint message_taken_by_one check ((delivery_id is null) = (noted_at is not null) and (delivery_id is null) = (noted_by is not null))
);
comment on table mediation.message_taken is 'Sealed MsgIds of a payer''s orders that one of two systems has taken: by which delivery here, or noted as taken elsewhere. Append-only.';
grant select, insert on mediation.message_taken to nemkonto_mediation;

-- The feed, as the platform gives it (platform::feed::ddl): a fact for each delivery that was taken here, by its number.
create table mediation.feed_outbox (
    event_id bigint generated always as identity constraint feed_outbox_pkey primary key,
    kind text not null,
    payload bytea not null,
    recorded_at timestamptz not null default now()
);
comment on table mediation.feed_outbox is 'Facts for others that have no position yet.';
create table mediation.feed_item (
    position bigint constraint feed_item_pkey primary key,
    epoch int not null,
    kind text not null,
    payload bytea not null,
    recorded_at timestamptz not null,
    constraint feed_item_position_positive check (position > 0)
);
comment on table mediation.feed_item is 'Facts for others, by gapless position. Append-only.';
create table mediation.feed_head (
    single boolean constraint feed_head_pkey primary key default true constraint feed_head_single check (single),
    epoch int not null default 1,
    position bigint not null default 0
);
comment on table mediation.feed_head is 'The last position given. A restore starts a new epoch.';
insert into mediation.feed_head default values;
grant select, insert, delete on mediation.feed_outbox to nemkonto_mediation;
grant select, insert on mediation.feed_item to nemkonto_mediation;
grant select, update on mediation.feed_head to nemkonto_mediation;

-- What was taken before counts too. Two data suppliers of one payer may have used one MsgId: the first has the row.
insert into mediation.message_taken (payer, message_id, delivery_id)
select h.payer, h.message_id, min(h.delivery_id)
from mediation.delivery_header h join mediation.delivery_reading r on r.delivery_id = h.delivery_id
where r.state = 2 and h.message_name like 'pain.001%' and h.payer is not null and h.message_id is not null
group by h.payer, h.message_id;
insert into mediation.feed_outbox (kind, payload)
select 'delivery-taken', int8send(delivery_id) from mediation.message_taken order by delivery_id;
