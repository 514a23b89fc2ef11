-- Rights: role grants on two levels, mandates to act for another person, and functions that cannot be held together.

alter table parties.user_grant drop constraint user_grant_functions_known;
alter table parties.user_grant add constraint user_grant_functions_known check (functions <@ array[
    'search_payments', 'stop_payments', 'designate_accounts', 'specific_accounts', 'control_lists', 'administer_users',
    'manage_benefits', 'propose_changes', 'approve_changes']);

create table parties.role_grant (
    grant_id        uuid        not null,
    user_id         text        not null,
    authority       text        not null,
    functions       text[],
    unit            text,
    all_benefits    boolean,
    benefits        text[],
    without_benefit boolean,
    valid_from      date        not null,
    valid_until     date        not null,
    recorded_at     timestamptz not null,
    recorded_by     text        not null,
    constraint role_grant_pkey primary key (grant_id),
    constraint role_grant_user_length check (char_length(user_id) between 1 and 64),
    constraint role_grant_authority_digits check (authority ~ '^[0-9]{8}$'),
    constraint role_grant_functions_known check (functions <@ array[
        'search_payments', 'stop_payments', 'designate_accounts', 'specific_accounts', 'control_lists', 'administer_users',
        'manage_benefits', 'propose_changes', 'approve_changes'] and functions <> '{}'),
    constraint role_grant_one_level check (num_nonnulls(functions, all_benefits) = 1),
    constraint role_grant_scope_whole check (
        (all_benefits is null) = (benefits is null) and (all_benefits is null) = (without_benefit is null)
        and (unit is null or all_benefits is not null)),
    constraint role_grant_all_says_it_all check (not all_benefits or (benefits = '{}' and without_benefit)),
    constraint role_grant_unit_length check (char_length(unit) between 1 and 20),
    constraint role_grant_valid_some_day check (valid_until > valid_from)
);
create index role_grant_by_user on parties.role_grant (user_id);
create index role_grant_by_authority on parties.role_grant (authority);
comment on table parties.role_grant is
    'A right of a caseworker: functions (authority level), or benefits at a unit (unit level). Every grant ends on a day. Append-only.';
comment on column parties.role_grant.unit is 'Unit (LOS-enhed) of the scope; null: every unit of the authority.';

create table parties.mandate (
    mandate_id      uuid        not null,
    kind            text        not null,
    holder          bytea       not null,
    subject         bytea       not null,
    functions       text[]      not null,
    all_benefits    boolean     not null,
    benefits        text[]      not null,
    without_benefit boolean     not null,
    valid_from      date        not null,
    valid_until     date        not null,
    proof_kind      text        not null,
    proof_reference text        not null,
    recorded_at     timestamptz not null,
    recorded_by     text        not null,
    constraint mandate_pkey primary key (mandate_id),
    constraint mandate_kind_known check (kind in ('power_of_attorney', 'guardianship')),
    constraint mandate_for_another check (holder <> subject),
    constraint mandate_functions_known check (functions <@ array['search_payments', 'designate_accounts'] and functions <> '{}'),
    constraint mandate_all_says_it_all check (not all_benefits or (benefits = '{}' and without_benefit)),
    constraint mandate_proof_kind_known check (
        proof_kind in ('digital_power_of_attorney', 'signed_document', 'decision', 'register')),
    constraint mandate_proof_reference_length check (char_length(proof_reference) between 1 and 140),
    constraint mandate_valid_some_day check (valid_until > valid_from)
);
create index mandate_by_holder on parties.mandate (holder);
comment on table parties.mandate is 'A power of attorney (fuldmagt) or guardianship (værgemål) with its proof. Append-only.';
comment on column parties.mandate.holder is 'Sealed number of who acts.';
comment on column parties.mandate.subject is 'Sealed number of whom the holder acts for.';

create table parties.grant_end (
    end_id      bigint      not null generated always as identity,
    grant_id    uuid        not null,
    ends_on     date        not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    constraint grant_end_pkey primary key (end_id)
);
create index grant_end_by_grant on parties.grant_end (grant_id);
comment on table parties.grant_end is 'A grant or a mandate ends before its time; of several ends the first day counts. Append-only.';

create table parties.function_conflict (
    version     bigint      not null generated always as identity,
    one         text        not null,
    other       text        not null,
    valid_from  date        not null,
    valid_until date,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    constraint function_conflict_pkey primary key (version),
    constraint function_conflict_functions_known check (array[one, other] <@ array[
        'search_payments', 'stop_payments', 'designate_accounts', 'specific_accounts', 'control_lists', 'administer_users',
        'manage_benefits', 'propose_changes', 'approve_changes']),
    constraint function_conflict_once_each_way check (one < other),
    constraint function_conflict_valid_some_day check (valid_until > valid_from)
);
comment on table parties.function_conflict is
    'Two functions one user cannot hold together at an authority. Which they are has no public source: the operator records them. Append-only.';

grant select, insert on parties.role_grant, parties.mandate, parties.grant_end, parties.function_conflict to nemkonto_parties;
