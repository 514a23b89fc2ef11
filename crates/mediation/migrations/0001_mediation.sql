-- Mediation (betalingsformidling): from the payer's file to the bank's file and back.
--
-- Two kinds of tables. Wide rows never change: what a delivery said, what a leg was decided to be. Narrow rows change: how far a
-- slice, a disposal or a file has come. The unit of work is the *slice*: at most some thousand payments of one delivery that are
-- to be at disposal on one day; it is the shard key of every hot table.
--
-- Sealed columns hold AES-SIV ciphertext (RFC 5297) under this house's own key.

-- Deliveries ------------------------------------------------------------------------------------------------------------

create table mediation.delivery (
    delivery_id   bigint generated always as identity constraint delivery_pkey primary key,
    supplier      text        not null constraint delivery_supplier_length check (char_length(supplier) between 1 and 35),
    origin        smallint    not null constraint delivery_origin_known check (origin in (1, 2)),
    received_at   timestamptz not null,
    sha256        bytea       not null constraint delivery_sha256_length check (octet_length(sha256) = 32),
    content_bytes bigint      not null constraint delivery_content_bytes_not_negative check (content_bytes >= 0)
);
comment on table mediation.delivery is 'A delivery (leverance) as it came: 1 a file of a data supplier, 2 orders of another house. Never changes.';

create table mediation.delivery_chunk (
    delivery_id bigint not null,
    chunk_no    int    not null constraint delivery_chunk_no_not_negative check (chunk_no >= 0),
    content     bytea  not null,
    constraint delivery_chunk_pkey primary key (delivery_id, chunk_no)
);
alter table mediation.delivery_chunk alter column content set storage external;
comment on table mediation.delivery_chunk is 'The original bytes, compressed (zstd) and sealed, in order. Never changes.';

create table mediation.delivery_reading (
    delivery_id  bigint      not null constraint delivery_reading_pkey primary key,
    state        smallint    not null constraint delivery_reading_state_known check (state in (1, 2, 3, 4)),
    repeats      bigint,
    lease_token  bigint      not null default 0,
    lease_holder uuid,
    lease_until  timestamptz,
    constraint delivery_reading_repeats_only_when_repeated check ((state = 4) = (repeats is not null))
);
comment on table mediation.delivery_reading is 'How far the reading has come: 1 kept, 2 received, 3 refused whole, 4 repeats an earlier delivery. Narrow; changes.';
create index delivery_reading_open on mediation.delivery_reading (delivery_id) where state = 1;

create table mediation.delivery_header (
    delivery_id   bigint not null constraint delivery_header_pkey primary key,
    message_name  text,
    message_id    bytea,
    created       text,
    payer         text   constraint delivery_header_payer_digits check (payer ~ '^[0-9]{8}$'),
    payments      bigint not null constraint delivery_header_payments_not_negative check (payments >= 0),
    rejected      bigint not null constraint delivery_header_rejected_not_negative check (rejected >= 0)
);
create index delivery_header_payer on mediation.delivery_header (payer, delivery_id);
comment on table mediation.delivery_header is 'What the reading found: message, sealed MsgId, payer, how many rows were taken and rejected. Never changes.';

create table mediation.delivery_claim (
    claim       uuid   not null constraint delivery_claim_pkey primary key,
    delivery_id bigint not null,
    sha256      bytea  not null constraint delivery_claim_sha256_length check (octet_length(sha256) = 32)
);
comment on table mediation.delivery_claim is 'Uniqueness of MsgId per payer and data supplier: keyed digest of the three. A delivery refused whole leaves no claim.';

create table mediation.control_total (
    delivery_id    bigint not null,
    currency       char(3) not null,
    taken_count    bigint not null constraint control_total_taken_count_not_negative check (taken_count >= 0),
    taken_minor    bigint not null constraint control_total_taken_minor_not_negative check (taken_minor >= 0),
    rejected_count bigint not null constraint control_total_rejected_count_not_negative check (rejected_count >= 0),
    rejected_minor bigint not null constraint control_total_rejected_minor_not_negative check (rejected_minor >= 0),
    constraint control_total_pkey primary key (delivery_id, currency)
);
comment on table mediation.control_total is 'What came in per currency: taken and rejected rows. The houses'' books are closed against it. Never changes.';

create table mediation.finding (
    delivery_id   bigint   not null,
    finding_no    int      not null constraint finding_no_not_negative check (finding_no >= 0),
    level         smallint not null constraint finding_level_known check (level between 1 and 5),
    block_no      int,
    row_position  bigint,
    line          bigint   not null,
    path          text     not null,
    code          text     not null constraint finding_code_shape check (code ~ '^[A-Z0-9]{4}$'),
    text_da       text     not null,
    text_en       text     not null,
    row_reference bytea,
    constraint finding_pkey primary key (delivery_id, finding_no)
);
comment on table mediation.finding is 'A fault: 1 unreadable, 2 schema, 3 group, 4 payment information, 5 payment. row_reference: sealed EndToEndId and amount of a rejected row. Never changes.';

create table mediation.payment_block (
    delivery_id    bigint   not null,
    block_no       int      not null constraint payment_block_no_positive check (block_no > 0),
    block_id       bytea    not null,
    debtor_account bytea    not null,
    bank           text     not null,
    unit           text,
    batch_booking  boolean,
    benefit        text,
    requested_date date     not null,
    constraint payment_block_pkey primary key (delivery_id, block_no)
);
comment on table mediation.payment_block is 'A payment information block (PmtInf) that was taken: sealed PmtInfId and debtor account, the payer''s bank. Never changes.';

-- Work units ------------------------------------------------------------------------------------------------------------

create table mediation.disposal (
    delivery_id  bigint   not null,
    due_date     date     not null,
    payer        text     not null constraint disposal_payer_digits check (payer ~ '^[0-9]{8}$'),
    state        smallint not null constraint disposal_state_known check (state in (1, 2)),
    lease_token  bigint   not null default 0,
    lease_holder uuid,
    lease_until  timestamptz,
    constraint disposal_pkey primary key (delivery_id, due_date)
);
create index disposal_open on mediation.disposal (due_date, delivery_id) where state = 1;
comment on table mediation.disposal is 'All payments of a delivery that are to be at disposal on one day: 1 open (stops are possible), 2 dispatched. A stop and the dispatch lock this row.';

create table mediation.slice (
    slice_id      bigint generated always as identity constraint slice_pkey primary key,
    delivery_id   bigint   not null,
    due_date      date     not null,
    payer         text     not null constraint slice_payer_digits check (payer ~ '^[0-9]{8}$'),
    payment_count int      not null constraint slice_payment_count_positive check (payment_count > 0),
    state         smallint not null constraint slice_state_known check (state in (1, 2)),
    as_known      timestamptz,
    allocated_at  timestamptz,
    lease_token   bigint   not null default 0,
    lease_holder  uuid,
    lease_until   timestamptz,
    constraint slice_allocated_has_evidence check ((state = 2) = (as_known is not null and allocated_at is not null))
);
create index slice_open on mediation.slice (due_date, slice_id) where state = 1;
create index slice_of_disposal on mediation.slice (delivery_id, due_date);
create index slice_of_payer on mediation.slice (payer, slice_id);
comment on table mediation.slice is 'A unit of work: payments of one delivery and one day. 1 received, 2 allocated (as_known: the register''s state it was decided from). Narrow; changes.';

-- Payments --------------------------------------------------------------------------------------------------------------

create table mediation.payment (
    slice_id         bigint   not null,
    row_no           int      not null constraint payment_row_no_not_negative check (row_no >= 0),
    block_no         int      not null,
    row_position     bigint   not null,
    amount_minor     bigint   not null constraint payment_amount_positive check (amount_minor > 0),
    currency         char(3)  not null,
    payee_kind       smallint,
    payee            bytea,
    fallback_kind    smallint,
    fallback         bytea,
    benefit          text,
    account          bytea,
    exempt           boolean  not null,
    carry            bytea    not null,
    constraint payment_pkey primary key (slice_id, row_no),
    constraint payment_payee_whole check ((payee_kind is null) = (payee is null)),
    constraint payment_fallback_whole check ((fallback_kind is null) = (fallback is null)),
    constraint payment_has_payee_or_account check (payee is not null or account is not null)
) partition by range (slice_id);
create index payment_payee on mediation.payment (payee);
comment on table mediation.payment is 'A payment as the payer ordered it. payee, fallback and account (of a complete order) are sealed; carry: sealed bundle of what only passes through (EndToEndId, names, text). Never changes.';

create table mediation.payment_reference (
    reference uuid   not null constraint payment_reference_pkey primary key,
    slice_id  bigint not null,
    row_no    int    not null
);
comment on table mediation.payment_reference is 'Uniqueness of EndToEndId per payer and data supplier: keyed digest of the three. Narrow; never changes.';

create table mediation.leg (
    slice_id      bigint   not null,
    row_no        int      not null,
    leg_no        smallint not null constraint leg_no_positive check (leg_no > 0),
    destination   smallint not null constraint leg_destination_known check (destination between 1 and 5),
    amount_minor  bigint   not null constraint leg_amount_positive check (amount_minor > 0),
    currency      char(3)  not null,
    group_no      smallint,
    account       bytea,
    holder        uuid,
    entry         bigint,
    reservation   bigint,
    rule_version  int,
    reason        text constraint leg_reason_shape check (reason ~ '^[A-Z0-9]{4}$'),
    constraint leg_pkey primary key (slice_id, row_no, leg_no),
    constraint leg_that_moves_money_has_account check ((destination = 5) = (account is null)),
    constraint leg_that_moves_money_has_group check ((destination = 5) = (group_no is null))
) partition by range (slice_id);
comment on table mediation.leg is 'Where the money of a payment goes: 1 payee, 2 recovery authority, 3 holding account, 4 error account, 5 back to the payer. Evidence: register entry, reservation, rule version. Never changes.';

create table mediation.leg_group (
    slice_id       bigint   not null,
    group_no       smallint not null,
    delivery_id    bigint   not null,
    due_date       date     not null,
    block_no       int      not null,
    route          smallint not null constraint leg_group_route_known check (route in (1, 2)),
    currency       char(3)  not null,
    execution_date date     not null,
    leg_count      int      not null constraint leg_group_count_positive check (leg_count > 0),
    sum_minor      bigint   not null constraint leg_group_sum_positive check (sum_minor > 0),
    batch_id       bigint,
    constraint leg_group_pkey primary key (slice_id, group_no)
);
create index leg_group_of_disposal on mediation.leg_group (delivery_id, due_date);
create index leg_group_of_batch on mediation.leg_group (batch_id);
comment on table mediation.leg_group is 'Legs of a slice that belong in one batch: block, route (1 domestic, 2 foreign), currency, execution date. batch_id is set by the dispatch. Narrow; changes.';

create table mediation.stop (
    slice_id     bigint      not null,
    row_no       int         not null,
    requested_by text        not null,
    reason       text        not null constraint stop_reason_length check (char_length(reason) between 1 and 200),
    stopped_at   timestamptz not null,
    constraint stop_pkey primary key (slice_id, row_no)
);
comment on table mediation.stop is 'A payment that was stopped before it left. Only while its disposal is open. Never changes.';

-- Files and batches -----------------------------------------------------------------------------------------------------

create table mediation.file (
    file_id       bigint generated always as identity constraint file_pkey primary key,
    purpose       smallint    not null constraint file_purpose_known check (purpose in (1, 2, 3)),
    file_key      text        not null constraint file_key_unique unique,
    recipient     text        not null,
    delivery_id   bigint      not null,
    message_name  text        not null,
    content_bytes bigint      not null,
    sha256        bytea       not null constraint file_sha256_length check (octet_length(sha256) = 32),
    written_at    timestamptz not null
);
create index file_of_delivery on mediation.file (delivery_id);
comment on table mediation.file is 'A file we send: 1 to a bank (recipient: bank code), 2 a report to a payer (recipient: agreement number), 3 a report to a data supplier whose delivery did not tell its payer. file_key is a function of what it holds and is its MsgId. Never changes.';

create table mediation.file_chunk (
    file_id  bigint not null,
    chunk_no int    not null,
    content  bytea  not null,
    constraint file_chunk_pkey primary key (file_id, chunk_no)
);
alter table mediation.file_chunk alter column content set storage external;
comment on table mediation.file_chunk is 'The bytes of a file before it is sent, compressed and sealed, in order. Never changes.';

create table mediation.file_sending (
    file_id      bigint not null constraint file_sending_pkey primary key,
    sent_at      timestamptz,
    lease_token  bigint not null default 0,
    lease_holder uuid,
    lease_until  timestamptz
);
create index file_sending_open on mediation.file_sending (file_id) where sent_at is null;
comment on table mediation.file_sending is 'Whether a file has been handed to its channel. Narrow; changes.';

create table mediation.batch (
    batch_id       bigint generated always as identity constraint batch_pkey primary key,
    file_id        bigint   not null,
    delivery_id    bigint   not null,
    block_no       int      not null,
    route          smallint not null,
    currency       char(3)  not null,
    execution_date date     not null,
    batch_key      text     not null constraint batch_key_unique unique,
    leg_count      int      not null constraint batch_count_positive check (leg_count > 0),
    sum_minor      bigint   not null constraint batch_sum_positive check (sum_minor > 0)
);
create index batch_of_file on mediation.batch (file_id);
comment on table mediation.batch is 'A payment information block of a bank file; batch_key is its PmtInfId. The payer''s batch-booking blocks stay blocks. Never changes.';

-- What the banks say ----------------------------------------------------------------------------------------------------

create table mediation.bank_answer (
    answer_id     bigint generated always as identity constraint bank_answer_pkey primary key,
    bank          text        not null,
    received_at   timestamptz not null,
    sha256        bytea       not null,
    content_bytes bigint      not null,
    constraint bank_answer_once unique (bank, sha256)
);
comment on table mediation.bank_answer is 'A bank''s answer (pain.002) as it came. The same bytes twice are one answer. Never changes.';

create table mediation.bank_answer_chunk (
    answer_id bigint not null,
    chunk_no  int    not null,
    content   bytea  not null,
    constraint bank_answer_chunk_pkey primary key (answer_id, chunk_no)
);
alter table mediation.bank_answer_chunk alter column content set storage external;
comment on table mediation.bank_answer_chunk is 'The bytes of a bank''s answer, compressed and sealed, in order. Never changes.';

create table mediation.bank_answer_reading (
    answer_id    bigint   not null constraint bank_answer_reading_pkey primary key,
    state        smallint not null constraint bank_answer_reading_state_known check (state in (1, 2, 3)),
    lease_token  bigint   not null default 0,
    lease_holder uuid,
    lease_until  timestamptz
);
create index bank_answer_reading_open on mediation.bank_answer_reading (answer_id) where state = 1;
comment on table mediation.bank_answer_reading is 'How far the reading has come: 1 kept, 2 applied, 3 could not be applied (a person must look). Narrow; changes.';

create table mediation.bank_answer_fault (
    answer_id bigint not null,
    fault_no  int    not null,
    line      bigint not null,
    text_da   text   not null,
    text_en   text   not null,
    constraint bank_answer_fault_pkey primary key (answer_id, fault_no)
);
comment on table mediation.bank_answer_fault is 'What in a bank''s answer could not be matched. Nothing is dropped silently. Never changes.';

create table mediation.batch_outcome (
    batch_id  bigint      not null,
    status    smallint    not null constraint batch_outcome_status_known check (status in (1, 2, 3)),
    reason    text,
    answer_id bigint      not null,
    told_at   timestamptz not null,
    constraint batch_outcome_pkey primary key (batch_id, status)
);
comment on table mediation.batch_outcome is 'What the bank said of a whole batch: 1 accepted, 2 rejected, 3 returned after acceptance. A leg''s own outcome wins over its batch''s. Never changes.';

create table mediation.leg_outcome (
    slice_id  bigint      not null,
    row_no    int         not null,
    leg_no    smallint    not null,
    status    smallint    not null constraint leg_outcome_status_known check (status in (1, 2, 3)),
    reason    text,
    answer_id bigint      not null,
    told_at   timestamptz not null,
    constraint leg_outcome_pkey primary key (slice_id, row_no, leg_no, status)
);
create index leg_outcome_of_answer on mediation.leg_outcome (answer_id);
comment on table mediation.leg_outcome is 'What the bank said of one leg: 1 accepted, 2 rejected, 3 returned after acceptance. A later fact is a new row, never an overwrite.';

create table mediation.reservation_task (
    slice_id bigint   not null,
    row_no   int      not null,
    leg_no   smallint not null,
    house    smallint not null constraint reservation_task_house_known check (house in (1, 2)),
    action   smallint not null constraint reservation_task_action_known check (action in (1, 2)),
    done_at  timestamptz,
    refusal  text,
    constraint reservation_task_pkey primary key (slice_id, row_no, leg_no),
    constraint reservation_task_done_or_refused check (done_at is null or refusal is null)
);
create index reservation_task_open on mediation.reservation_task (house, action, slice_id, row_no, leg_no) where done_at is null and refusal is null;
comment on table mediation.reservation_task is 'A reservation to be settled at 1 set-off or 2 holding: 1 post, 2 void. Written where the outcome is, done by its own room. refusal: the problem code where that house refused for good, and a person must look. Narrow; changes.';

create table mediation.report_task (
    task_id     bigint generated always as identity constraint report_task_pkey primary key,
    delivery_id bigint      not null,
    answer      smallint    not null constraint report_task_answer_known check (answer in (0, 1, 2, 5, 7, 8, 9)),
    slice_id    bigint,
    answer_id   bigint,
    arisen_at   timestamptz not null,
    report_id   bigint
);
create index report_task_open on mediation.report_task (delivery_id, task_id) where report_id is null;
comment on table mediation.report_task is 'Something the payer is to be told, by return answer (retursvar) number: 5 and 7 of a slice, 8 and 9 on a bank''s answer. report_id: the file that told it, 0 where nobody is to be told. Narrow; changes.';

-- Partitions by slice: old months leave by dropping partitions, never by deleting rows ------------------------------------

create function mediation.ensure_partitions(up_to bigint) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    width constant bigint := 10000;
    lower_bound bigint := (up_to / width) * width;
    parent text;
begin
    foreach parent in array array['payment', 'leg'] loop
        if to_regclass(format('mediation.%I', parent || '_' || lower_bound)) is null then
            execute format('create table if not exists mediation.%I partition of mediation.%I for values from (%s) to (%s)',
                parent || '_' || lower_bound, parent, lower_bound, lower_bound + width);
        end if;
    end loop;
end $$;
comment on function mediation.ensure_partitions is 'Makes the partitions that hold the slice. Runs with the owner''s rights: the runtime role cannot change tables.';
select mediation.ensure_partitions(0);
select mediation.ensure_partitions(10000);

-- Idempotency, access log -------------------------------------------------------------------------------------------------

create table mediation.idempotency (
    caller text not null, operation text not null, key text not null, input_digest bytea not null, answer bytea,
    recorded_at timestamptz not null default now(), expires_at timestamptz not null,
    constraint idempotency_pkey primary key (caller, operation, key),
    constraint idempotency_input_digest_length check (octet_length(input_digest) = 32),
    constraint idempotency_key_length check (char_length(key) between 1 and 128)
);
create index idempotency_expires_at on mediation.idempotency (expires_at);
comment on table mediation.idempotency is 'Answers of state-changing calls, kept for a stated time.';

create table mediation.access_log (
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
comment on table mediation.access_log is 'One row for each call on personal data, committed before it is answered. Append-only.';
comment on column mediation.access_log.subjects is 'Whose data: per person 17 bytes, key version and synthetic IV of the sealed number.';
alter table mediation.access_log alter column subjects set storage external;

-- How far a payment has come: the one place that says so -------------------------------------------------------------------

create view mediation.leg_standing as
    select l.slice_id, l.row_no, l.leg_no, l.destination, l.group_no, l.reason,
        coalesce(
            (select max(o.status) from mediation.leg_outcome o
             where o.slice_id = l.slice_id and o.row_no = l.row_no and o.leg_no = l.leg_no),
            (select max(o.status) from mediation.leg_group g join mediation.batch_outcome o on o.batch_id = g.batch_id
             where g.slice_id = l.slice_id and g.group_no = l.group_no)) as outcome
    from mediation.leg l;
comment on view mediation.leg_standing is 'A leg with the bank''s last word: 1 accepted, 2 rejected, 3 returned after acceptance, null none yet. The leg''s own outcome wins over its batch''s.';

create view mediation.payment_standing as
    select p.slice_id, p.row_no,
        case
            when exists (select from mediation.stop t where t.slice_id = p.slice_id and t.row_no = p.row_no) then 7
            when s.state = 1 then 1
            when legs.rejected then 5
            when not legs.moves_money then 6
            when legs.accepted then 4
            when d.state = 2 then 3
            else 2
        end::smallint as state
    from mediation.payment p
    join mediation.slice s on s.slice_id = p.slice_id
    join mediation.disposal d on d.delivery_id = s.delivery_id and d.due_date = s.due_date
    cross join lateral (
        select bool_or(l.outcome in (2, 3)) as rejected, bool_or(l.destination <> 5) as moves_money,
            bool_and(l.destination = 5 or l.outcome is not distinct from 1) as accepted
        from mediation.leg_standing l where l.slice_id = p.slice_id and l.row_no = p.row_no) legs;
comment on view mediation.payment_standing is 'A payment''s state: 1 waiting, 2 allocated, 3 sent, 4 accepted, 5 rejected, 6 returned to the payer, 7 stopped.';

-- Rights of the runtime role: what never changes cannot be changed ---------------------------------------------------------

grant select, insert on
    mediation.delivery, mediation.delivery_chunk, mediation.delivery_header, mediation.delivery_claim, mediation.control_total,
    mediation.finding, mediation.payment_block, mediation.payment, mediation.payment_reference, mediation.leg, mediation.stop,
    mediation.file, mediation.file_chunk, mediation.batch, mediation.bank_answer, mediation.bank_answer_chunk,
    mediation.bank_answer_fault, mediation.batch_outcome, mediation.leg_outcome, mediation.access_log
    to nemkonto_mediation;
grant select on mediation.leg_standing, mediation.payment_standing to nemkonto_mediation;
grant select, insert, update on
    mediation.delivery_reading, mediation.disposal, mediation.slice, mediation.leg_group, mediation.file_sending,
    mediation.bank_answer_reading, mediation.reservation_task, mediation.report_task
    to nemkonto_mediation;
grant select, insert, update, delete on mediation.idempotency to nemkonto_mediation;
-- Numbers that are needed before their row can be written: a delivery's pieces and a slice's payments come first.
grant usage, select on sequence mediation.delivery_delivery_id_seq, mediation.slice_slice_id_seq, mediation.file_file_id_seq,
    mediation.bank_answer_answer_id_seq to nemkonto_mediation;
revoke all on function mediation.ensure_partitions from public;
grant execute on function mediation.ensure_partitions to nemkonto_mediation;
