-- Designation by every route.

alter table register.entry add column form text;
comment on column register.entry.form is 'The signatures of a form for an account abroad, as JSON; holds no personal value.';
alter table register.entry drop constraint entry_route_known;
alter table register.entry add constraint entry_route_known
    check (route in ('bank', 'self_service', 'guardian', 'caseworker', 'form', 'foreign_form', 'migration'));
alter table register.entry add constraint entry_form_by_form_route check ((route = 'foreign_form') = (form is not null));

create table register.bank_report (
    bank            text        not null,
    report          text        not null,
    holder_ref      uuid        not null,
    signed_at       timestamptz not null,
    account         bytea       not null,
    entry_id        bigint,
    effective_from  date,
    recorded_at     timestamptz not null,
    constraint bank_report_pkey primary key (bank, report),
    constraint bank_report_effect_of_entry check ((entry_id is null) = (effective_from is null))
);
comment on table register.bank_report is 'Accounts reported by banks, also those a later report had overtaken when they came. Append-only.';
comment on column register.bank_report.report is 'The bank''s own number of the report.';
comment on column register.bank_report.signed_at is 'When the holder made the designation at the bank: the last one wins, in whatever order reports come.';
comment on column register.bank_report.account is 'Sealed canonical account.';
comment on column register.bank_report.entry_id is 'The entry it made; none where a later report was there already.';
create index bank_report_of_holder on register.bank_report (holder_ref, signed_at) where entry_id is not null;

grant select, insert on register.bank_report to nemkonto_register;
