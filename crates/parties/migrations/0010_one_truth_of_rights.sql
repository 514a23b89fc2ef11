-- A recorded profile is two grants like any other: its functions and its benefits have ids of their own, so that they are listed with what was
-- granted since and end as it does.

alter table parties.user_grant add column functions_id uuid not null default gen_random_uuid();
alter table parties.user_grant add column scope_id uuid not null default gen_random_uuid();
alter table parties.user_grant alter column functions_id drop default;
alter table parties.user_grant alter column scope_id drop default;
create unique index user_grant_by_functions_id on parties.user_grant (functions_id);
create unique index user_grant_by_scope_id on parties.user_grant (scope_id);
comment on column parties.user_grant.functions_id is 'Grant id of the functions: what `grant_end` names.';
comment on column parties.user_grant.scope_id is 'Grant id of the benefits: what `grant_end` names.';
comment on table parties.grant_end is
    'A grant (also of a recorded profile) or a mandate ends before its time; of several ends the first day counts. Append-only.';
create index user_grant_by_authority on parties.user_grant (authority);
