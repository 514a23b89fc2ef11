-- Oversight: how much is looked up, which certificates end, and how parties' systems fetch tokens. The tables of anti-scan are as the platform
-- gives them (`platform::anti_scan::ddl`).

create table parties.scan_limit (
    version bigint not null generated always as identity,
    scope text not null,
    holder text,
    size bigint not null,
    per_hour bigint not null,
    valid_from date not null,
    recorded_by text not null,
    constraint scan_limit_pkey primary key (version),
    constraint scan_limit_scope_known check (scope in ('user', 'party')),
    constraint scan_limit_size_in_range check (size between 1 and 1000000000),
    constraint scan_limit_per_hour_in_range check (per_hour between 0 and 1000000000)
);
create index scan_limit_by_holder on parties.scan_limit (scope, holder, version desc);
comment on table parties.scan_limit is 'How many tokens a user or party has for lookups, by dated versions. Append-only.';
comment on column parties.scan_limit.holder is 'Whose limit; null: of all of the scope that have none of their own.';
create table parties.scan_bucket (
    scope text not null,
    holder text not null,
    level bigint not null,
    at timestamptz not null,
    blocked boolean not null,
    constraint scan_bucket_pkey primary key (scope, holder),
    constraint scan_bucket_scope_known check (scope in ('user', 'party'))
);
comment on table parties.scan_bucket is 'How many tokens a user or party has left, in parts of 1/3600000. Who has no row has a full bucket.';
create table parties.scan_alert (
    alert_id bigint not null generated always as identity,
    scope text not null,
    holder text not null,
    at timestamptz not null,
    tokens bigint not null,
    constraint scan_alert_pkey primary key (alert_id),
    constraint scan_alert_scope_known check (scope in ('user', 'party'))
);
comment on table parties.scan_alert is 'A user or party became blocked. Append-only; one row for each time.';
comment on column parties.scan_alert.tokens is 'What the call cost that went too far.';
grant select, insert on parties.scan_limit, parties.scan_alert to nemkonto_parties;
grant select, insert, update on parties.scan_bucket to nemkonto_parties;

create table parties.certificate_seen (
    name       text        not null,
    kind       text,
    id         text,
    good_until timestamptz not null,
    seen_at    timestamptz not null,
    constraint certificate_seen_pkey primary key (name, good_until),
    constraint certificate_seen_name_length check (char_length(name) between 1 and 200),
    constraint certificate_seen_party_whole check ((kind is null) = (id is null))
);
comment on table parties.certificate_seen is
    'A certificate that is in use, and its last moment: a renewed one is another row of its name. Append-only.';
comment on column parties.certificate_seen.kind is 'Kind and id of the party whose it is; null: the system''s own.';
grant select, insert on parties.certificate_seen to nemkonto_parties;

create table parties.system_client (
    version          bigint not null,
    client_id        text   not null,
    public_key       text   not null,
    broker_client_id text,
    constraint system_client_pkey primary key (version),
    constraint system_client_version_fkey foreign key (version) references parties.party_terms (version),
    constraint system_client_id_length check (char_length(client_id) between 1 and 64),
    constraint system_client_key_length check (char_length(public_key) between 1 and 2000),
    constraint system_client_broker_length check (char_length(broker_client_id) between 1 and 128)
);
comment on table parties.system_client is 'How a party''s systems fetch tokens: client id, and the key that verifies its assertions. Append-only.';
comment on column parties.system_client.broker_client_id is 'Its client id at the identity broker: whose ID tokens it may exchange.';
grant select, insert on parties.system_client to nemkonto_parties;
