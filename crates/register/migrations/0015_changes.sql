-- Who changed what: the tables of the change log, as the platform gives them (`platform::change_log::ddl`).

create table register.change (
    change_id bigint not null generated always as identity,
    at timestamptz not null,
    actor text not null,
    on_behalf_of text,
    operation text not null,
    subject text not null,
    approved_by text,
    trace uuid not null,
    digest bytea not null,
    content bytea,
    constraint change_pkey primary key (change_id),
    constraint change_digest_length check (octet_length(digest) = 32)
);
comment on table register.change is 'Who changed what. Append-only; verifiable by change_link and change_checkpoint.';
comment on column register.change.subject is 'What was changed, in words free of personal numbers.';
comment on column register.change.digest is 'SHA-256 over salt and content: outlives the content.';
comment on column register.change.content is 'Sealed salt and content (from, to, why); null once it was erased.';
create table register.change_queue (
    change_id bigint not null,
    constraint change_queue_pkey primary key (change_id)
);
comment on table register.change_queue is 'Changes that have no position yet.';
create table register.change_link (
    position bigint not null,
    change_id bigint not null,
    hash bytea not null,
    constraint change_link_pkey primary key (position),
    constraint change_link_once unique (change_id),
    constraint change_link_position_positive check (position > 0),
    constraint change_link_hash_length check (octet_length(hash) = 32)
);
comment on table register.change_link is 'The chain over the changes, in the order of their commits. Append-only.';
create table register.change_checkpoint (
    checkpoint_no bigint not null,
    position bigint not null,
    hash bytea not null,
    at timestamptz not null,
    key_version smallint not null,
    signature bytea not null,
    constraint change_checkpoint_pkey primary key (checkpoint_no),
    constraint change_checkpoint_no_positive check (checkpoint_no > 0),
    constraint change_checkpoint_hash_length check (octet_length(hash) = 32),
    constraint change_checkpoint_key_version_is_a_byte check (key_version between 1 and 255),
    constraint change_checkpoint_signature_length check (octet_length(signature) = 64)
);
comment on table register.change_checkpoint is 'The chain so far, signed (Ed25519), at the end of each step of the chaining room. Append-only.';
grant select, insert on register.change, register.change_link, register.change_checkpoint to nemkonto_register;
grant select, insert, delete on register.change_queue to nemkonto_register;
