-- What two persons have agreed on is one version of each thing their proposal names, and nothing else: an approved proposal admits no row of
-- another subject, and none a second time. The words of a subject are those of the change log (`changes.rs`); a proposal's subject names them all,
-- with a blank between two, and no subject holds one.

create or replace function parties.approved_change() returns trigger language plpgsql as $$
declare
    fields constant jsonb := to_jsonb(new);
    about constant text := case tg_table_name
        when 'agreement' then 'agreement:' || (fields ->> 'agreement')
        when 'party_terms' then 'terms:' || (fields ->> 'kind') || ':' || (fields ->> 'id')
        when 'routing' then 'routing:' || (fields ->> 'payer')
    end;
begin
    if not exists (
        select from parties.proposal p
        where p.proposal_id = new.proposal_id and p.kind = 'agreement' and p.state = 'approved'
          and about = any (string_to_array(p.subject, ' '))) then
        raise exception 'the proposal is not approved for this' using errcode = 'check_violation', constraint = tg_table_name || '_approved';
    end if;
    return new;
end $$;

create unique index agreement_proposal_once on parties.agreement (proposal_id, agreement) where proposal_id is not null;
create unique index party_terms_proposal_once on parties.party_terms (proposal_id, kind, id);
create unique index routing_proposal_once on parties.routing (proposal_id, payer);

-- A party whose id holds a blank would be two subjects. What was recorded before is not looked at again.
alter table parties.party_terms add constraint party_terms_id_is_one_word check (id !~ '\s') not valid;
