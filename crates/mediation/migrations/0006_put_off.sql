-- What fails is put off, so that it does not hold what waits behind it. Units with a lease are put off by its end; these have none, or are
-- put off together with all that is for the same recipient.

create table mediation.recipient_hold (
    purpose    smallint    not null,
    recipient  text        not null,
    attempts   int         not null constraint recipient_hold_attempts_positive check (attempts > 0),
    not_before timestamptz not null,
    constraint recipient_hold_pkey primary key (purpose, recipient)
);
comment on table mediation.recipient_hold is 'Recipients of files that could not be reached: how many attempts have failed, and when the next file is tried. purpose and recipient as in mediation.file. The row goes when a file has got through. Narrow; changes.';
grant select, insert, update, delete on mediation.recipient_hold to nemkonto_mediation;

alter table mediation.recall add column attempts int not null default 0;
alter table mediation.recall add column not_before timestamptz;
comment on column mediation.recall.not_before is 'Before this moment banks are not asked again; attempts: how often asking them has failed.';

alter table mediation.report_task add column attempts int not null default 0;
alter table mediation.report_task add column not_before timestamptz;
comment on column mediation.report_task.not_before is 'Before this moment the task, and what follows it of the same delivery, is not told; attempts: how often telling it has failed.';
