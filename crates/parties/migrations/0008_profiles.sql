-- The characters a bank takes, as a dated part of its profile.
--
-- What was recorded before had no such part: its files were written as the payer wrote, which is 'unicode'. The default stays, so that the
-- release before this one can record a bank.

alter table parties.bank add column characters text not null default 'unicode';
alter table parties.bank add constraint bank_characters_known check (characters in ('unicode', 'danish', 'sepa'));
comment on column parties.bank.characters is
    'Characters its files are written in: unicode (as the payer wrote), danish (SWIFT X and Danish letters), sepa (SWIFT X). References are never converted.';

-- What an agreement says of a requested date that is no bank day: until now it was always moved.

alter table parties.agreement add column closed_days text not null default 'move';
alter table parties.agreement add constraint agreement_closed_days_known check (closed_days in ('move', 'refuse'));
comment on column parties.agreement.closed_days is
    'What becomes of payments whose requested date is no bank day: move (by the benefit''s rule) or refuse (DT03).';
