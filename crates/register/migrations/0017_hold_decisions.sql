-- Who has made a held change stands with the hold: neither of the two who release it is one of them. A held change can be refused. Those that
-- wait are listed.

alter table register.hold add column made_by text[] not null default '{}';
comment on column register.hold.made_by is
    'Who has made the change, in all its versions until it was held, also before it was taken over from another holder: labels.';
update register.hold h set made_by = coalesce((
    select array_agg(distinct e.recorded_by order by e.recorded_by) from register.entry e
    where e.holder_ref = h.holder_ref and e.entry_id = h.entry_id
), '{}');
create index hold_by_day on register.hold (until_day, entry_id);

create table register.hold_refusal (
    holder_ref  uuid        not null,
    entry_id    bigint      not null,
    refused_by  text        not null,
    refused_at  timestamptz not null,
    reason      bytea       not null,
    constraint hold_refusal_pkey primary key (holder_ref, entry_id)
);
comment on table register.hold_refusal is
    'Who has refused a held change: its entry is withdrawn, and what it would have replaced stays. Append-only.';
comment on column register.hold_refusal.reason is 'Sealed free text: why.';
grant select, insert on register.hold_refusal to nemkonto_register;

alter table register.notice drop constraint notice_kind_known;
alter table register.notice add constraint notice_kind_known check (kind in ('designated', 'waits_for_code', 'ended', 'refused'));
