-- One function more: to see protected names and addresses (navne- og adressebeskyttelse).

alter table parties.user_grant drop constraint user_grant_functions_known;
alter table parties.user_grant add constraint user_grant_functions_known check (functions <@ array[
    'search_payments', 'stop_payments', 'designate_accounts', 'specific_accounts', 'control_lists', 'administer_users',
    'manage_benefits', 'propose_changes', 'approve_changes', 'see_protected']);

alter table parties.role_grant drop constraint role_grant_functions_known;
alter table parties.role_grant add constraint role_grant_functions_known check (functions <@ array[
    'search_payments', 'stop_payments', 'designate_accounts', 'specific_accounts', 'control_lists', 'administer_users',
    'manage_benefits', 'propose_changes', 'approve_changes', 'see_protected'] and functions <> '{}');

alter table parties.function_conflict drop constraint function_conflict_functions_known;
alter table parties.function_conflict add constraint function_conflict_functions_known check (array[one, other] <@ array[
    'search_payments', 'stop_payments', 'designate_accounts', 'specific_accounts', 'control_lists', 'administer_users',
    'manage_benefits', 'propose_changes', 'approve_changes', 'see_protected']);
