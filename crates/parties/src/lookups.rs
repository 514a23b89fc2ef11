//! How much is looked up: charged to who asks, limited by dated data, given back by payments.

use contracts::{
    Actor, Context, IdempotencyKey, ItemResult, Problem,
    parties::{LimitHolder, LimitKind, LookupAsker, LookupCharge, LookupLimit, PartyKey, PartyKind, SentPayments},
};
use jiff::Timestamp;
use platform::anti_scan::{self, Asker, Cost, Limit};
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::{AgreementNumber, copenhagen_date};
use sqlx::PgConnection;

use crate::{
    changes::change,
    checks::{check_text, check_why, invalid},
    house::House,
    limits::{MAX_CHANGES, MAX_PARTY_ID, MAX_USER_ID},
    record::Recorded,
    rights, store,
    words::Spelled,
};

const SCHEMA: &str = "parties";
/// The most tokens a limit may give.
const MAX_TOKENS: u32 = 1_000_000_000;

/// Charges the lookups, or says whether the asker may begin. A refusal is committed like an answer: the charge and the alert stay.
pub(crate) async fn charge_lookups(house: &House, context: &Context, charge: &LookupCharge) -> Result<(), Fault> {
    rights::require_recorder(context)?;
    check_asker(&charge.asker)?;
    let now = house.clock.now();
    let (party, user) = (party_label(&charge.asker.party), user_label(&charge.asker));
    let cost = Cost { hits: charge.hits, misses: charge.misses };
    let outcome: Result<(), Problem> = house
        .database
        .transaction("parties.charge_lookups", async |mut tx| {
            let party_limit = limit_of_terms(&mut tx, house, &charge.asker.party, now).await?;
            let asker = Asker { user: user.as_deref(), party: &party, party_limit };
            let charged = if cost == Cost::default() {
                anti_scan::admit(&mut tx, SCHEMA, asker, now).await?
            } else {
                anti_scan::charge(&mut tx, SCHEMA, asker, cost, now).await?
            };
            Ok::<_, Fault>(charged)
        })
        .await?;
    Ok(outcome?)
}

/// Gives the payer's tokens back, once for each key.
pub(crate) async fn payments_sent(
    house: &House, context: &Context, key: &IdempotencyKey, sent: &SentPayments,
) -> Result<(), Fault> {
    rights::require_recorder(context)?;
    let once = house.answers.call_with(context, "payments-sent", key, sent)?;
    let payer = PartyKey { kind: PartyKind::Authority, id: sent.payer.digits().to_owned() };
    let (party, now) = (party_label(&payer), house.clock.now());
    house
        .database
        .transaction("parties.payments_sent", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let party_limit = limit_of_terms(&mut tx, house, &payer, now).await?;
            let asker = Asker { user: None, party: &party, party_limit };
            anti_scan::give_back(&mut tx, SCHEMA, asker, sent.payments, now).await?;
            once.remember(&mut tx, ()).await
        })
        .await
}

/// Records each limit, or says why not.
pub(crate) async fn set_lookup_limits(
    house: &House, context: &Context, key: &IdempotencyKey, limits: &[LookupLimit],
) -> Result<Vec<ItemResult<()>>, Fault> {
    rights::require_operator(context)?;
    check_count(limits.len(), MAX_CHANGES, "input")?;
    let once = house.answers.call_with(context, "set-lookup-limits", key, &limits)?;
    house
        .database
        .transaction("parties.set_lookup_limits", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let recorded = Recorded { at: house.clock.now(), by: context.actor.label(), proposal: None };
            let mut results: Vec<ItemResult<()>> = Vec::with_capacity(limits.len());
            let mut log = Vec::new();
            for limit in limits {
                let result = check_limit(limit);
                if result.is_ok() {
                    let (scope, holder) = scope_of(&limit.holder);
                    store::lookups::insert_limit(&mut tx, (scope, holder.as_deref()), limit, &recorded).await?;
                    let subject = format!("lookup-limit:{scope}:{}", holder.as_deref().unwrap_or("*"));
                    log.push(change(subject, None, Some(limit), &limit.why)?);
                }
                results.push(result);
            }
            house.log.append(&mut tx, context, "set-lookup-limits", recorded.at, &log).await?;
            once.remember(&mut tx, results).await
        })
        .await
}

/// The label of a party's bucket. Payers of every kind are one: a payment file names its payer by number alone.
pub(crate) fn party_label(party: &PartyKey) -> String {
    let kind = if party.kind.pays() { "payer" } else { party.kind.word() };
    format!("{kind}:{}", party.id)
}

fn user_label(asker: &LookupAsker) -> Option<String> {
    asker.user.as_ref().map(|user| format!("caseworker:{}:{user}", asker.party.id))
}

/// What the party's own terms allow: so many tokens, which come back within the hour.
async fn limit_of_terms(
    connection: &mut PgConnection, house: &House, party: &PartyKey, now: Timestamp,
) -> Result<Option<Limit>, Fault> {
    let kinds = PartyKind::ALL.into_iter().filter(|kind| *kind == party.kind || (party.kind.pays() && kind.pays()));
    let asked: Vec<PartyKey> = kinds.map(|kind| PartyKey { kind, id: party.id.clone() }).collect();
    let terms = store::terms::on(connection, &house.vault, copenhagen_date(now), None, &asked).await?;
    let limits = terms.iter().flat_map(|terms| &terms.limits).filter(|limit| limit.kind == LimitKind::LookupsPerHour);
    let most = limits.map(|limit| limit.most.min(i64::from(MAX_TOKENS))).min();
    Ok(most.map(|most| Limit { size: most, per_hour: most }))
}

fn check_asker(asker: &LookupAsker) -> Result<(), Problem> {
    check_text(&asker.party.id, MAX_PARTY_ID, "asker")?;
    asker.user.as_ref().map_or(Ok(()), |user| check_text(user, MAX_USER_ID, "asker"))
}

fn check_limit(limit: &LookupLimit) -> Result<(), Problem> {
    check_why(&limit.why)?;
    if limit.size == 0 || limit.size > MAX_TOKENS || limit.per_hour > MAX_TOKENS {
        return Err(invalid("size", "Der kan være 1 til 1.000.000.000 poletter.", "There can be 1 to 1,000,000,000 tokens."));
    }
    match &limit.holder {
        LimitHolder::User { user, .. } => check_text(user, MAX_USER_ID, "holder"),
        LimitHolder::Party { party } => check_text(&party.id, MAX_PARTY_ID, "holder"),
        LimitHolder::Users | LimitHolder::Parties => Ok(()),
    }
}

fn scope_of(holder: &LimitHolder) -> (&'static str, Option<String>) {
    match holder {
        LimitHolder::Users => ("user", None),
        LimitHolder::User { authority, user } => ("user", Some(format!("caseworker:{}:{user}", authority.digits()))),
        LimitHolder::Parties => ("party", None),
        LimitHolder::Party { party } => ("party", Some(party_label(party))),
    }
}

/// Whether what happened to the bucket concerns the caller.
pub(crate) fn concerns(actor: &Actor, who: &str) -> bool {
    let is_of = |authority: &AgreementNumber| {
        let number = authority.digits();
        who == format!("payer:{number}") || who.starts_with(&format!("caseworker:{number}:"))
    };
    match actor {
        Actor::Operator { .. } | Actor::House { .. } => true,
        Actor::Caseworker { authority, .. } => is_of(authority),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caseworker_sees_what_concerns_the_own_authority() {
        let actor = Actor::Caseworker { user: "kim".into(), authority: AgreementNumber::parse("00000001").unwrap() };
        for (who, expect) in [
            ("payer:00000001", true),
            ("caseworker:00000001:bo", true),
            ("payer:00000002", false),
            ("caseworker:00000002:bo", false),
            ("bank:00000001", false),
        ] {
            assert_eq!(concerns(&actor, who), expect, "{who}");
        }
        assert!(!concerns(&Actor::RecoveryAuthority, "payer:00000001"));
    }

    #[test]
    fn payers_of_every_kind_share_one_bucket() {
        let label = |kind| party_label(&PartyKey { kind, id: "00000001".into() });
        assert_eq!(label(PartyKind::Authority), label(PartyKind::PrivatePayer));
        assert_ne!(label(PartyKind::Authority), label(PartyKind::Bank));
    }
}
