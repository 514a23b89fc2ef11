-- Payments are stopped by message: a payer's camt.055 stops what has not left, and asks the banks to give back what has.

create table mediation.recall (
    delivery_id bigint  not null constraint recall_pkey primary key,
    case_id     bytea,
    to_ask      boolean not null
);
create index recall_to_ask on mediation.recall (delivery_id) where to_ask;
comment on table mediation.recall is 'A delivery that is a recall (camt.055), as it was carried out; the sealed case it names. to_ask: banks are still to be asked. Narrow; to_ask changes once.';

create table mediation.recall_request (
    delivery_id     bigint   not null,
    request_no      int      not null constraint recall_request_no_not_negative check (request_no >= 0),
    scope           smallint not null constraint recall_request_scope_known check (scope in (1, 2, 3)),
    names           bytea    not null,
    reason          text     not null constraint recall_request_reason_length check (char_length(reason) between 1 and 35),
    target_delivery bigint,
    block_no        int,
    slice_id        bigint,
    row_no          int,
    refusal         smallint constraint recall_request_refusal_known check (refusal between 1 and 4),
    constraint recall_request_pkey primary key (delivery_id, request_no),
    constraint recall_request_found_or_refused check ((refusal is null) = (target_delivery is not null)),
    constraint recall_request_payment_whole check ((slice_id is null) = (row_no is null))
);
comment on table mediation.recall_request is 'What a recall asks for: 1 a delivery, 2 a block, 3 a payment; names: sealed bundle of the references to repeat in the answer. refusal: 1 not found, 2 another amount, 3 doubtful, 4 no reference. Never changes.';

create table mediation.recall_payment (
    delivery_id bigint   not null,
    slice_id    bigint   not null,
    row_no      int      not null,
    request_no  int      not null,
    state       smallint not null constraint recall_payment_state_known check (state between 1 and 5),
    reason      text     constraint recall_payment_reason_shape check (reason ~ '^[A-Z0-9]{4}$'),
    constraint recall_payment_pkey primary key (delivery_id, slice_id, row_no),
    constraint recall_payment_reason_of_refusal check ((state in (2, 5)) = (reason is not null))
);
create index recall_payment_of_payment on mediation.recall_payment (slice_id, row_no);
comment on table mediation.recall_payment is 'A payment a recall asks for, and what became of that: 1 stopped, 2 too late, 3 the bank is asked, 4 the bank gave it back, 5 the bank refused. Narrow; state changes.';

create table mediation.recall_leg (
    delivery_id bigint   not null,
    slice_id    bigint   not null,
    row_no      int      not null,
    leg_no      smallint not null,
    file_id     bigint   not null,
    constraint recall_leg_pkey primary key (delivery_id, slice_id, row_no, leg_no)
);
create index recall_leg_of_leg on mediation.recall_leg (slice_id, row_no, leg_no);
create index recall_leg_of_file on mediation.recall_leg (file_id);
comment on table mediation.recall_leg is 'A leg that a bank was asked to give back, and the file that asked. Never changes.';

create table mediation.recall_answer (
    delivery_id bigint      not null,
    slice_id    bigint      not null,
    row_no      int         not null,
    leg_no      smallint    not null,
    status      smallint    not null constraint recall_answer_status_known check (status in (1, 2)),
    reason      text        constraint recall_answer_reason_shape check (reason ~ '^[A-Z0-9]{4}$'),
    answer_id   bigint      not null,
    told_at     timestamptz not null,
    constraint recall_answer_pkey primary key (delivery_id, slice_id, row_no, leg_no)
);
create index recall_answer_of_answer on mediation.recall_answer (answer_id);
comment on table mediation.recall_answer is 'What the bank answered on a leg it was asked to give back: 1 given back, 2 refused. Its first final word counts. Never changes.';

alter table mediation.file drop constraint file_purpose_known;
alter table mediation.file add constraint file_purpose_known check (purpose in (1, 2, 3, 4));
comment on table mediation.file is 'A file we send: 1 orders to a bank (recipient: bank code), 2 a report to a payer (recipient: agreement number), 3 a report to a data supplier whose delivery did not tell its payer, 4 a recall to a bank. file_key is a function of what it holds and is its MsgId. Never changes.';

alter table mediation.report_task drop constraint report_task_answer_known;
alter table mediation.report_task add constraint report_task_answer_known check (answer in (0, 1, 2, 5, 7, 8, 9, 29));
comment on table mediation.report_task is 'Something the payer is to be told, by return answer (retursvar) number: 5 and 7 of a slice, 8 and 9 on a bank''s answer; 29, which is none of the old system''s, on a recall (camt.029), with answer_id where a bank has answered. report_id: the file that told it, 0 where nobody is to be told. Narrow; changes.';

grant select, insert on mediation.recall_request, mediation.recall_leg, mediation.recall_answer to nemkonto_mediation;
grant select, insert, update on mediation.recall, mediation.recall_payment to nemkonto_mediation;
