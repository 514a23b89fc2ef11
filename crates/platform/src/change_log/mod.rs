//! The change log of a house: who changed what, from, to, why, and who approved it, so that no row can be changed, removed or slipped in unseen.
//!
//! # How it holds
//! * A change is a row of `<schema>.change`, [appended](ChangeLog::append) in the transaction that makes it. Nothing is locked: any number of
//!   writers append at once.
//! * What was changed (the *content*: from, to, why, and the person behind the call where one is known) is sealed together with a random salt of 32 bytes. The row keeps
//!   `digest = SHA-256(tag ‖ salt ‖ content)` beside it, so the content can be [erased](erase()) where the law demands it, and the log is still
//!   verifiable; without the salt the digest says nothing about what was erased.
//! * One room, [`Chaining`], gives the committed changes their positions, gapless from 1, as feeds do, and writes a row of
//!   `<schema>.change_link` for each: its hash covers the link before it and everything of the change but the content.
//! * Each step of the room ends with a row of `<schema>.change_checkpoint`: number, position and hash signed with Ed25519 (RFC 8032). The
//!   key is derived from the [key ring](crate::seal::KeyRing); whoever can write the tables, but has not the key, cannot sign another chain.
//! * The runtime role may insert into these tables and read them, never update or delete. (`change_queue` holds only what still waits for its
//!   position; a row taken out of it leaves a change without a position, which is a finding.)
//!
//! [`verify()`] reads all of it again. What no log can show by itself is that its end was cut off together with the checkpoints there: each
//! checkpoint leaves an [`Anchor`] in a [file](AnchorFile) outside the database ([`Anchoring`]), and the log is verified against them.
//!
//! # The bytes
//! `text` is a length (4 bytes) and UTF-8; `option` is a byte 0, or 1 and the value; all numbers are big-endian; times are microseconds since
//! 1970 (8 bytes).
//!
//! | | is SHA-256 of, or Ed25519 over |
//! |---|---|
//! | digest | `nemkonto-content-1` ‖ salt (32) ‖ content |
//! | hash | `nemkonto-link-1` ‖ text house ‖ hash before (32; zeros at position 1) ‖ position (8) ‖ change number (8) ‖ time ‖ text actor ‖ option text on behalf of ‖ text operation ‖ text subject ‖ option text approved by ‖ trace (16) ‖ digest (32) |
//! | signature | `nemkonto-checkpoint-1` ‖ text house ‖ checkpoint number (8) ‖ position (8) ‖ hash (32) ‖ time ‖ key version (1) |

mod anchors;
mod append;
mod bytes;
mod chain;
mod erase;
mod export;
mod rows;
mod sign;
mod verify;

pub use anchors::{ANCHORS, AnchorFile, Anchored, Anchoring};
pub use append::{ChangeLog, NewChange};
pub use chain::Chaining;
pub use erase::{ERASE, erase};
pub use export::{ExportError, export};
pub use sign::PublicKey;
pub use verify::{Anchor, AnchorError, Finding, Verified, verify};

/// Bytes of a digest and of a hash.
pub const HASH_BYTES: usize = 32;

/// Bytes of the salt in front of a content.
pub const SALT_BYTES: usize = 32;

/// The statements that make the tables in schema `schema`, for a migration of the house.
#[must_use]
pub fn ddl(schema: &str) -> String {
    format!(
        "create table {schema}.change (
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
comment on table {schema}.change is 'Who changed what. Append-only; verifiable by change_link and change_checkpoint.';
comment on column {schema}.change.subject is 'What was changed, in words free of personal numbers.';
comment on column {schema}.change.digest is 'SHA-256 over salt and content: outlives the content.';
comment on column {schema}.change.content is 'Sealed salt and content (from, to, why); null once it was erased.';
create table {schema}.change_queue (
    change_id bigint not null,
    constraint change_queue_pkey primary key (change_id)
);
comment on table {schema}.change_queue is 'Changes that have no position yet.';
create table {schema}.change_link (
    position bigint not null,
    change_id bigint not null,
    hash bytea not null,
    constraint change_link_pkey primary key (position),
    constraint change_link_once unique (change_id),
    constraint change_link_position_positive check (position > 0),
    constraint change_link_hash_length check (octet_length(hash) = 32)
);
comment on table {schema}.change_link is 'The chain over the changes, in the order of their commits. Append-only.';
create table {schema}.change_checkpoint (
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
comment on table {schema}.change_checkpoint is 'The chain so far, signed (Ed25519), at the end of each step of the chaining room. Append-only.';
grant select, insert on {schema}.change, {schema}.change_link, {schema}.change_checkpoint to nemkonto_{schema};
grant select, insert, delete on {schema}.change_queue to nemkonto_{schema};
"
    )
}
