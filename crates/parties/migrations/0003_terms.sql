-- Parties of every kind and the terms they take part on, in dated versions that are never overwritten and always approved by a second person.
--
-- What applies on a day is found as for agreements: the latest recorded version that has begun, unless its last day is past.

create table parties.party_terms (
    version            bigint      not null generated always as identity,
    kind               text        not null,
    id                 text        not null,
    name               text        not null,
    cvr                text,
    valid_from         date        not null,
    valid_until        date,
    set_off_takes_part boolean,
    set_off_own_claims boolean,
    set_off_reference  text,
    contact            bytea,
    proposal_id        uuid        not null,
    recorded_at        timestamptz not null,
    recorded_by        text        not null,
    constraint party_terms_pkey primary key (version),
    constraint party_terms_proposal_fkey foreign key (proposal_id) references parties.proposal (proposal_id),
    constraint party_terms_kind_known check (kind in ('authority', 'private_payer', 'private_account_intermediary',
        'infrastructure_operator', 'bank', 'bank_data_centre', 'data_supplier', 'recovery_authority', 'system_owner')),
    constraint party_terms_id_length check (char_length(id) between 1 and 35),
    constraint party_terms_payer_id_digits check (
        kind not in ('authority', 'private_payer', 'recovery_authority', 'system_owner') or id ~ '^[0-9]{8}$'),
    constraint party_terms_name_length check (char_length(name) between 1 and 140),
    constraint party_terms_cvr_digits check (cvr ~ '^[0-9]{8}$'),
    constraint party_terms_valid_some_day check (valid_until > valid_from),
    constraint party_terms_set_off_whole check ((set_off_takes_part is null) = (set_off_own_claims is null)),
    constraint party_terms_set_off_reference check (
        set_off_reference is null or (set_off_takes_part is not null and char_length(set_off_reference) between 1 and 35)),
    constraint party_terms_set_off_of_payers check (
        set_off_takes_part is null or kind in ('authority', 'private_payer', 'recovery_authority', 'system_owner'))
);
create index party_terms_by_party on parties.party_terms (kind, id, version desc);
create trigger party_terms_approved before insert on parties.party_terms
    for each row execute function parties.approved_change();
comment on table parties.party_terms is 'A version of the terms a party takes part on. Append-only; its parts stand in the tables below.';
comment on column parties.party_terms.id is 'Agreement number of a payer, code of a bank, id of a data supplier, and so on.';
comment on column parties.party_terms.contact is 'Who is asked in matters of the agreement, sealed.';

create table parties.allowed_certificate (
    version      bigint not null,
    organisation text   not null,
    serial       text   not null,
    constraint allowed_certificate_pkey primary key (version, organisation, serial),
    constraint allowed_certificate_version_fkey foreign key (version) references parties.party_terms (version),
    constraint allowed_certificate_organisation_length check (char_length(organisation) between 1 and 64),
    constraint allowed_certificate_serial_digits check (serial ~ '^[0-9a-f]{1,64}$')
);
create index allowed_certificate_by_certificate on parties.allowed_certificate (organisation, serial);
comment on table parties.allowed_certificate is 'A certificate the party''s systems call with: organisation identifier and serial number. Append-only.';

create table parties.allowed_network (
    version bigint not null,
    network cidr   not null,
    constraint allowed_network_pkey primary key (version, network),
    constraint allowed_network_version_fkey foreign key (version) references parties.party_terms (version)
);
comment on table parties.allowed_network is 'A network the party''s systems call from; none: from everywhere. Append-only.';

create table parties.party_limit (
    version bigint not null,
    kind    text   not null,
    most    bigint not null,
    constraint party_limit_pkey primary key (version, kind),
    constraint party_limit_version_fkey foreign key (version) references parties.party_terms (version),
    constraint party_limit_kind_known check (
        kind in ('payments_per_delivery', 'amount_per_payment', 'amount_per_day', 'lookups_per_hour')),
    constraint party_limit_not_negative check (most >= 0)
);
comment on table parties.party_limit is 'What the party may do at most; amounts in øre. Append-only.';

grant select, insert on parties.party_terms, parties.allowed_certificate, parties.allowed_network, parties.party_limit
    to nemkonto_parties;
