-- What the register has told of a payee, and what it is told of payouts.

create table mediation.replaced_number (
    slice_id bigint not null,
    row_no   int    not null,
    constraint replaced_number_pkey primary key (slice_id, row_no)
);
comment on table mediation.replaced_number is 'A payment whose payee the register found by a number that a new one has replaced. The payer is told that, never the new number. Never changes.';

create table mediation.payout_task (
    slice_id  bigint not null,
    answer_id bigint not null,
    done_at   timestamptz,
    constraint payout_task_pkey primary key (slice_id, answer_id)
);
create index payout_task_open on mediation.payout_task (slice_id, answer_id) where done_at is null;
comment on table mediation.payout_task is 'A bank''s answer has accepted payments of a slice: the register is to be told the day its payees were paid. Narrow; changes.';

alter table mediation.report_task drop constraint report_task_answer_known;
alter table mediation.report_task add constraint report_task_answer_known check (answer in (0, 1, 2, 5, 7, 8, 9, 29, 30));
comment on table mediation.report_task is 'Something the payer is to be told, by return answer (retursvar) number: 5 and 7 of a slice, 8 and 9 on a bank''s answer; two that are none of the old system''s: 29 on a recall (camt.029), with answer_id where a bank has answered, and 30 of a slice, numbers that have been replaced. report_id: the file that told it, 0 where nobody is to be told. Narrow; changes.';

grant select, insert on mediation.replaced_number to nemkonto_mediation;
grant select, insert, update on mediation.payout_task to nemkonto_mediation;
