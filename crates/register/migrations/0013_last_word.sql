-- When a holder has said last where its NemKonto is: a bank's report that was signed before does not overtake it. And which number a report was
-- about: another payee under the same number of a report is another report.

create table register.last_word (
    holder_ref  uuid        not null,
    said_at     timestamptz not null,
    constraint last_word_pkey primary key (holder_ref)
);
comment on table register.last_word is
    'When a holder has said last where its NemKonto is, or that there is none: signed at a bank, activated, promoted or ended. Not what was taken over.';
insert into register.last_word (holder_ref, said_at)
select holder_ref, max(said_at) from (
    select holder_ref, signed_at as said_at from register.bank_report where entry_id is not null
    union all
    select e.holder_ref, min(e.recorded_from) from register.entry e
    where e.payer = '' and e.state = 'active' and e.route <> 'migration'
      and not exists (select from register.bank_report r where r.holder_ref = e.holder_ref and r.entry_id = e.entry_id)
    group by e.holder_ref, e.entry_id
) said group by holder_ref;

alter table register.bank_report add column kind smallint;
alter table register.bank_report add column number bytea;
alter table register.bank_report add constraint bank_report_number_whole check ((kind is null) = (number is null));
comment on column register.bank_report.kind is 'Kind of the number the report was about, as in `identifier`; none where it came before that was kept.';
comment on column register.bank_report.number is 'Sealed: the number the report was about.';
drop index register.bank_report_of_holder;

grant select, insert, update on register.last_word to nemkonto_register;
