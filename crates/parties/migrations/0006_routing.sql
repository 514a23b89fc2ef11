-- Which system pays a payer, while two run beside each other: dated versions that are never overwritten and always approved by a second person.
--
-- What applies on a day is the latest recorded version that has begun; where there is none, this system pays.

create table parties.routing (
    version     bigint      not null generated always as identity,
    payer       text        not null,
    system      text        not null,
    valid_from  date        not null,
    proposal_id uuid        not null,
    recorded_at timestamptz not null,
    recorded_by text        not null,
    constraint routing_pkey primary key (version),
    constraint routing_proposal_fkey foreign key (proposal_id) references parties.proposal (proposal_id),
    constraint routing_payer_digits check (payer ~ '^[0-9]{8}$'),
    constraint routing_system_known check (system in ('new', 'old'))
);
create index routing_by_payer on parties.routing (payer, version desc);
create trigger routing_approved before insert on parties.routing for each row execute function parties.approved_change();
comment on table parties.routing is 'A version of which system pays a payer: this one (new) or the one it runs in parallel with (old). Append-only.';

grant select, insert on parties.routing to nemkonto_parties;
