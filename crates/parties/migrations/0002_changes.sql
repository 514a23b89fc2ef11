-- Who changed what, and the second person it takes: the tables of the change log and of four eyes, as the platform gives them
-- (`platform::change_log::ddl`, `platform::four_eyes::ddl`), and the rule that a known agreement changes by an approved proposal only.

create table parties.change (
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
comment on table parties.change is 'Who changed what. Append-only; verifiable by change_link and change_checkpoint.';
comment on column parties.change.subject is 'What was changed, in words free of personal numbers.';
comment on column parties.change.digest is 'SHA-256 over salt and content: outlives the content.';
comment on column parties.change.content is 'Sealed salt and content (from, to, why); null once it was erased.';
create table parties.change_queue (
    change_id bigint not null,
    constraint change_queue_pkey primary key (change_id)
);
comment on table parties.change_queue is 'Changes that have no position yet.';
create table parties.change_link (
    position bigint not null,
    change_id bigint not null,
    hash bytea not null,
    constraint change_link_pkey primary key (position),
    constraint change_link_once unique (change_id),
    constraint change_link_position_positive check (position > 0),
    constraint change_link_hash_length check (octet_length(hash) = 32)
);
comment on table parties.change_link is 'The chain over the changes, in the order of their commits. Append-only.';
create table parties.change_checkpoint (
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
comment on table parties.change_checkpoint is 'The chain so far, signed (Ed25519), at the end of each step of the chaining room. Append-only.';
grant select, insert on parties.change, parties.change_link, parties.change_checkpoint to nemkonto_parties;
grant select, insert, delete on parties.change_queue to nemkonto_parties;

create table parties.proposal (
    proposal_id uuid not null,
    kind text not null,
    subject text not null,
    payload bytea not null,
    proposed_by text not null,
    proposed_at timestamptz not null,
    expires_at timestamptz not null,
    state text not null default 'open',
    decided_by text,
    decided_at timestamptz,
    constraint proposal_pkey primary key (proposal_id),
    constraint proposal_state_known check (state in ('open', 'approved', 'rejected', 'withdrawn')),
    constraint proposal_has_time check (expires_at > proposed_at),
    constraint proposal_decision_whole check ((state = 'open') = (decided_by is null) and (state = 'open') = (decided_at is null)),
    constraint proposal_four_eyes check (state not in ('approved', 'rejected') or decided_by <> proposed_by),
    constraint proposal_withdrawn_by_proposer check (state <> 'withdrawn' or decided_by = proposed_by),
    constraint proposal_decided_in_time check (decided_at >= proposed_at and decided_at < expires_at)
);
create index proposal_open on parties.proposal (proposed_at) where state = 'open';
comment on table parties.proposal is 'What one person proposes and another approves. Only the decision is written later, once.';
comment on column parties.proposal.payload is 'What is proposed, sealed.';
create function parties.proposal_step() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' and new.state <> 'open' then
        raise exception 'a proposal begins open' using errcode = 'check_violation', constraint = 'proposal_begins_open';
    end if;
    if tg_op = 'UPDATE' and old.state <> 'open' then
        raise exception 'a proposal is decided once' using errcode = 'check_violation', constraint = 'proposal_decided_once';
    end if;
    return new;
end $$;
create trigger proposal_step before insert or update on parties.proposal for each row execute function parties.proposal_step();
grant select, insert, update (state, decided_by, decided_at) on parties.proposal to nemkonto_parties;

alter table parties.agreement add column proposal_id uuid;
alter table parties.agreement
    add constraint agreement_proposal_fkey foreign key (proposal_id) references parties.proposal (proposal_id);
comment on column parties.agreement.proposal_id is 'The approved proposal that brought the version; null for the first one, which an operator records.';

-- Of agreements and of terms: what two persons must agree on.
create function parties.approved_change() returns trigger language plpgsql as $$
begin
    if not exists (select from parties.proposal p where p.proposal_id = new.proposal_id and p.state = 'approved') then
        raise exception 'the proposal is not approved' using errcode = 'check_violation', constraint = tg_table_name || '_approved';
    end if;
    return new;
end $$;
create function parties.first_agreement() returns trigger language plpgsql as $$
begin
    if exists (select from parties.agreement a where a.agreement = new.agreement) then
        raise exception 'a known agreement is changed by an approved proposal' using errcode = 'check_violation', constraint = 'agreement_approved';
    end if;
    return new;
end $$;
create trigger agreement_approved before insert on parties.agreement
    for each row when (new.proposal_id is not null) execute function parties.approved_change();
create trigger agreement_first before insert on parties.agreement
    for each row when (new.proposal_id is null) execute function parties.first_agreement();
