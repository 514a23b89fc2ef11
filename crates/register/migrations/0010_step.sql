-- In step with another register: a digest tree over what is known of holders, kept by a room that follows the recorded changes.

create table register.step_leaf (
    place       bigint not null,
    holder_ref  uuid   not null,
    digest      bytea  not null,
    constraint step_leaf_pkey primary key (place, holder_ref),
    constraint step_leaf_digest_length check (octet_length(digest) = 16)
);
comment on table register.step_leaf is
    'The leaves of the digest tree: one for each number a holder has or had. The digest stands at the current number; it is zeros at the others, which are kept '
    'so that an extract as known at any time finds the holder where it stood then.';
comment on column register.step_leaf.place is
    'Keyed digest of the number, as a number less 2^63, so that places sort as they do in other registers.';
comment on column register.step_leaf.digest is 'Keyed digest of what is known of the holder.';

create table register.step_bucket (
    bucket   integer not null,
    digest   bytea   not null,
    holders  integer not null,
    constraint step_bucket_pkey primary key (bucket),
    constraint step_bucket_range check (bucket between 0 and 65535),
    constraint step_bucket_digest_length check (octet_length(digest) = 16),
    constraint step_bucket_holders_counted check (holders >= 0)
);
comment on table register.step_bucket is
    'The nodes of the tree at depth 8: the sum modulo 2^128 of the digests of the leaves whose places begin with these 16 bits. What is above is '
    'summed from here, what is below from the leaves.';

create table register.step_head (
    single          boolean     not null default true,
    key_check       bigint,
    followed_until  timestamptz not null default 'epoch',
    taken_as_known  timestamptz,
    taken_at        timestamptz,
    constraint step_head_pkey primary key (single),
    constraint step_head_single check (single),
    constraint step_head_taken_whole check ((taken_as_known is null) = (taken_at is null))
);
comment on table register.step_head is
    'How far the tree follows the changes, under which key, and which extract was taken over last. Who moves the tree locks this row.';
comment on column register.step_head.followed_until is 'Every change recorded until then is in the tree.';
comment on column register.step_head.taken_as_known is 'The moment the extract taken over last is known at.';
comment on column register.step_head.taken_at is 'The recorded time of its last change here: while that is the latest of all, the register is known at that moment too.';
insert into register.step_head default values;

-- What has changed since a moment. Recorded times only grow, so these trees grow at their right end, which costs next to nothing.
create index entry_recorded on register.entry (recorded_from);
create index holder_fact_recorded on register.holder_fact (recorded_from);
create index identifier_linked on register.identifier (linked_at);
create index identifier_unlinked_at on register.identifier (unlinked_at) where unlinked_at is not null;
create index identifier_unlinked_of_holder on register.identifier (holder_ref) where unlinked_at is not null;

grant select, insert, update, delete on register.step_leaf to nemkonto_register;
grant select, insert, update, delete on register.step_bucket to nemkonto_register;
grant select, update on register.step_head to nemkonto_register;
