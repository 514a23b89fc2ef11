-- Money that turns round: releases that come back from the payee's bank, deposits whose money has gone back, and legs that were voided before
-- anything was reserved for them.

-- Steps ----------------------------------------------------------------------------------------------------------------

alter table holding.deposit_state
    drop constraint deposit_state_state,
    add constraint deposit_state_state
        check (state in ('reserved', 'posted', 'voided', 'releasing', 'released', 'expired', 'reversed'));
comment on table holding.deposit_state is
    'Where a deposit stands: reserved -> posted | voided; posted -> releasing | expired | reversed; releasing -> released | posted; released -> posted. Its row lock decides races.';

create or replace function holding.check_deposit_step() returns trigger language plpgsql as $$
begin
    if (old.state, new.state) not in (
        ('reserved', 'posted'), ('reserved', 'voided'), ('posted', 'releasing'), ('posted', 'expired'), ('posted', 'reversed'),
        ('releasing', 'released'), ('releasing', 'posted'), ('released', 'posted'))
    then
        raise check_violation using constraint = 'deposit_state_step', message = 'a deposit cannot go from ' || old.state || ' to ' || new.state;
    end if;
    return new;
end $$;

alter table holding.release_state
    drop constraint release_state_state,
    add constraint release_state_state check (state in ('ordered', 'submitted', 'released', 'returned', 'failed')),
    add column watched_until timestamptz,
    add constraint release_state_watched check (watched_until is null or state = 'released');
comment on table holding.release_state is
    'Where an order stands: ordered -> submitted | failed; submitted -> released | failed; released -> returned, when the bank gives the money back.';
comment on column holding.release_state.watched_until is
    'How long mediation is asked whether a released payment has come back; none when the time is over.';

create or replace function holding.check_release_step() returns trigger language plpgsql as $$
begin
    if (old.state, new.state) not in (
        ('ordered', 'ordered'), ('ordered', 'submitted'), ('ordered', 'failed'), ('submitted', 'submitted'), ('submitted', 'released'),
        ('submitted', 'failed'), ('released', 'released'), ('released', 'returned'))
    then
        raise check_violation using constraint = 'release_state_step', message = 'an order cannot go from ' || old.state || ' to ' || new.state;
    end if;
    return new;
end $$;

-- What was released before anybody watched, is watched for the default time from its release.
update holding.release_state set watched_until = changed_at + interval '30 days', asked_at = coalesce(asked_at, changed_at) where state = 'released';
create index release_state_watched on holding.release_state (asked_at) where watched_until is not null;

-- Ledger -----------------------------------------------------------------------------------------------------------------

alter table holding.transfer
    drop constraint transfer_purpose,
    add constraint transfer_purpose check (purpose in ('deposit', 'release', 'expiry', 'reversal')),
    add column reverses bigint constraint transfer_reverses references holding.transfer constraint transfer_reversed_once unique,
    add constraint transfer_reversal check ((purpose = 'reversal') = (reverses is not null));
comment on column holding.transfer.reverses is 'The posted transfer that this one undoes, with the accounts the other way round.';

create table holding.reversal (
    deposit_id bigint      not null constraint reversal_pkey primary key
                           constraint reversal_deposit references holding.deposit,
    asked_at   timestamptz not null
);
comment on table holding.reversal is
    'Deposits whose money has left the state''s account again by the bank that brought it. One whose release is under way is reversed when the release fails. Append-only.';

-- Legs that nothing may be reserved for --------------------------------------------------------------------------------------

create table holding.voided_leg (
    leg_slice  bigint      not null,
    leg_row    integer     not null,
    leg_number smallint    not null,
    voided_at  timestamptz not null,
    constraint voided_leg_pkey primary key (leg_slice, leg_row, leg_number)
);
comment on table holding.voided_leg is
    'Legs voided while they had no deposit: one that is reserved afterwards, by a call that was late, is refused. Append-only.';

-- What is due --------------------------------------------------------------------------------------------------------------

create sequence holding.due_version_number as bigint;
alter table holding.release_due add column version bigint not null default nextval('holding.due_version_number');
comment on table holding.release_due is 'Deposits that may have got an account: worked when they are posted and their day is near, then removed.';
comment on column holding.release_due.not_before is 'The first day the account can be used; where the register is to be asked, the day before which it is not.';
comment on column holding.release_due.version is 'Another with each word on the deposit: what came after it was read is not removed with it.';

-- How far the feed is read --------------------------------------------------------------------------------------------------

alter table holding.feed_cursor add column epoch integer not null default 1;
comment on column holding.feed_cursor.epoch is
    'The epoch of the fact at the position. Where the feed says another now, the register has been restored, and all is read anew.';

grant usage on sequence holding.due_version_number to nemkonto_holding;
grant select, insert on holding.reversal, holding.voided_leg to nemkonto_holding;
