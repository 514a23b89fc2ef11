-- A change with a signal is held even where its day is no earlier than the end of the cooling-off: it waits no longer, but it is there to be
-- looked at, and two people still release it.

alter table register.hold drop constraint hold_some_day;
alter table register.hold add constraint hold_some_day check (until_day >= wished_day);
