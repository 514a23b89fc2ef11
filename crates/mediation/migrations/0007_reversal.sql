-- Reservations whose money has gone back, and deposits that no attempt to allocate needs any more.

alter table mediation.reservation_task
    drop constraint reservation_task_action_known,
    add constraint reservation_task_action_known check (action in (1, 2, 3)),
    drop constraint reservation_task_pkey,
    add constraint reservation_task_pkey primary key (slice_id, row_no, leg_no, house);
comment on table mediation.reservation_task is 'A reservation to be settled at 1 set-off or 2 holding: 1 post, 2 void, 3 reverse. Written where the outcome is, done by its own room; what was posted, or was to be, is to be reversed when the bank gives the money back. refusal: the problem code where that house refused for good, and a person must look. Narrow; changes.';
