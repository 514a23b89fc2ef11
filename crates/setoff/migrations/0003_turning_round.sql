-- Redirects whose money has gone back, legs that were voided before anything was reserved for them, and what is open, by itself.

create table setoff.reversal (
    leg_slice   bigint      not null,
    leg_row     integer     not null,
    leg_number  smallint    not null,
    reversed_at timestamptz not null,
    constraint reversal_pkey primary key (leg_slice, leg_row, leg_number),
    constraint reversal_reservation_end foreign key (leg_slice, leg_row, leg_number) references setoff.reservation_end
);
comment on table setoff.reversal is
    'Posted redirects whose money has left the recovery authority''s account again, each told by a contra-advice. Append-only.';

create table setoff.voided_leg (
    leg_slice  bigint      not null,
    leg_row    integer     not null,
    leg_number smallint    not null,
    voided_at  timestamptz not null,
    constraint voided_leg_pkey primary key (leg_slice, leg_row, leg_number)
);
comment on table setoff.voided_leg is
    'Legs voided while they had no reservation: one that is to be reserved afterwards, by a call that was late, is refused. Append-only.';

create table setoff.open_reservation (
    leg_slice  bigint      not null,
    leg_row    integer     not null,
    leg_number smallint    not null,
    expires_at timestamptz not null,
    constraint open_reservation_pkey primary key (leg_slice, leg_row, leg_number)
);
create index open_reservation_expires_at on setoff.open_reservation (expires_at);
comment on table setoff.open_reservation is
    'Reservations without an ending: what is overdue is looked for among these, not among all there have ever been. Projection kept in the transaction of the change.';
insert into setoff.open_reservation (leg_slice, leg_row, leg_number, expires_at)
select leg_slice, leg_row, leg_number, expires_at from setoff.reservation r
where not exists (
    select from setoff.reservation_end e
    where e.leg_slice = r.leg_slice and e.leg_row = r.leg_row and e.leg_number = r.leg_number);
drop index setoff.reservation_expires_at;

grant select, insert on setoff.reversal, setoff.voided_leg to nemkonto_setoff;
grant select, insert, delete on setoff.open_reservation to nemkonto_setoff;
