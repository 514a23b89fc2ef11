//! Finding payments. What the caller may not see is not found.

#[cfg(test)]
mod tests;

use contracts::mediation::{PaymentPage, PaymentSearch};
use contracts::parties::{BenefitScope, UnitScope};
use contracts::{AccessResult, Actor, Context, Problem, ProblemCode};
use platform::seal::index_key;
use primitives::{AgreementNumber, BenefitCode, Identifier, PaymentRef, UnitCode};

use crate::error::Error;
use crate::house::House;
use crate::reach;
use crate::store;
use crate::store::search::{Conditions, FoundPayment, sealed_payees, state_code};

/// How many of a payer's slices are listed at a time.
const SLICES_AT_A_TIME: i64 = 64;

/// Finds payments of a payer, to a payee, or both. The search is logged, with the payees it gave out, before it is answered.
///
/// # Errors
/// `INVALID_INPUT` without payer and payee or with a limit out of range, `FORBIDDEN` for what is not the caller's own, `UNAVAILABLE`.
pub(crate) async fn search(house: &House, context: &Context, search: PaymentSearch) -> Result<PaymentPage, Problem> {
    if let Err(problem) = check(context, &search) {
        if problem.code == ProblemCode::Forbidden {
            log_attempt(house, context, "search", search.payee.as_ref()).await?;
        }
        return Err(problem);
    }
    let limit = usize::try_from(search.limit).map_err(|_| Problem::unavailable())?;
    let mut found = find(house, &search).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    if found.is_empty() {
        log_payee(house, context, ("search", AccessResult::NotFound), search.payee.as_ref()).await?;
    } else {
        log(house, context, "search", &found).await?;
    }
    let payments = found.iter().map(|payment| payment.summary(&house.vault)).collect::<Result<_, _>>()?;
    Ok(PaymentPage { payments, more })
}

fn check(context: &Context, search: &PaymentSearch) -> Result<(), Problem> {
    match context.actor {
        Actor::Payee { .. } => reach::of_payee(context, search.payee.as_ref())?,
        _ => reach::of_payer(context, search.payer)?,
    }
    if search.payer.is_none() && search.payee.is_none() {
        let (da, en) = ("Søgningen skal angive udbetaler eller betalingsmodtager.", "The search must name a payer or a payee.");
        return Err(Problem::new(ProblemCode::InvalidInput, da, en).in_field("payer"));
    }
    if !(1..=500).contains(&search.limit) {
        let (da, en) = ("Der kan vises 1 til 500 betalinger.", "1 to 500 payments can be shown.");
        return Err(Problem::new(ProblemCode::InvalidInput, da, en).in_field("limit"));
    }
    Ok(())
}

/// Finds one payment more than the page holds, if there are so many.
async fn find(house: &House, search: &PaymentSearch) -> Result<Vec<FoundPayment>, Error> {
    let conditions = conditions(search);
    match (&search.end_to_end_id, search.payer, &search.payee) {
        (Some(reference), Some(payer), _) => by_reference(house, search, &conditions, payer, reference).await,
        (Some(reference), None, _) => to_payee_with_reference(house, search, &conditions, reference).await,
        (None, _, Some(_)) => to_payee(house, search, &conditions).await,
        (None, Some(payer), None) => of_payer(house, payer, conditions).await,
        (None, None, None) => Ok(Vec::new()),
    }
}

fn conditions(search: &PaymentSearch) -> Conditions {
    let benefits = match &search.scope {
        None | Some(BenefitScope::All) => None,
        Some(BenefitScope::Only { benefits, without }) => {
            Some((benefits.iter().map(|benefit| benefit.as_str().to_owned()).collect(), *without))
        }
    };
    Conditions {
        payer: search.payer,
        delivery: search.delivery,
        from: search.from,
        until: search.until,
        states: search.states.iter().copied().map(state_code).collect(),
        benefits,
        units: listed(&search.units),
        after: search.after,
        limit: i64::from(search.limit) + 1,
    }
}

/// The units' benefits as the statements read them.
fn listed(units: &[UnitScope]) -> (Vec<String>, Vec<String>) {
    let of_unit = |unit: &UnitScope| {
        let seen = match &unit.benefits {
            BenefitScope::All => vec!["*".to_owned()],
            BenefitScope::Only { benefits, without } => {
                let none = without.then(String::new);
                benefits.iter().map(|benefit| benefit.as_str().to_owned()).chain(none).collect()
            }
        };
        let code = unit.unit.to_string();
        seen.into_iter().map(move |benefit| (code.clone(), benefit)).collect::<Vec<_>>()
    };
    units.iter().flat_map(of_unit).unzip()
}

async fn to_payee(house: &House, search: &PaymentSearch, conditions: &Conditions) -> Result<Vec<FoundPayment>, Error> {
    let Some(payee) = &search.payee else { return Ok(Vec::new()) };
    let (kind, sealed) = house.vault.seal_payee(payee);
    let hits = hits(house, &sealed).await?;
    store::search::by_payee(house.database.pool(), (kind, &sealed), &hits, conditions).await
}

/// Where the index says the payee's payments are.
async fn hits(house: &House, sealed: &[u8]) -> Result<Vec<PaymentRef>, Error> {
    let mut connection = house.database.pool().acquire().await?;
    Ok(store::payee_index::find(&mut connection, index_key(sealed)).await?)
}

/// The payer's reference is sealed with the payment, so it is looked for page by page. A payee's payments are few.
async fn to_payee_with_reference(
    house: &House, search: &PaymentSearch, conditions: &Conditions, reference: &str,
) -> Result<Vec<FoundPayment>, Error> {
    let Some(payee) = &search.payee else { return Ok(Vec::new()) };
    let (kind, sealed) = house.vault.seal_payee(payee);
    let hits = hits(house, &sealed).await?;
    let mut conditions = conditions.clone();
    let wanted = usize::try_from(conditions.limit).unwrap_or_default();
    let mut matching = Vec::new();
    loop {
        let page = store::search::by_payee(house.database.pool(), (kind, &sealed), &hits, &conditions).await?;
        let last = page.last().map(FoundPayment::reference);
        let is_last_page = page.len() < wanted;
        for payment in page {
            if payment.summary(&house.vault)?.end_to_end_id == reference {
                matching.push(payment);
            }
        }
        if is_last_page || matching.len() >= wanted {
            matching.truncate(wanted);
            return Ok(matching);
        }
        conditions.after = last;
    }
}

/// A payer's reference is unique per data supplier: the keyed digests of all that have delivered for the payer find it.
async fn by_reference(
    house: &House, search: &PaymentSearch, conditions: &Conditions, payer: AgreementNumber, reference: &str,
) -> Result<Vec<FoundPayment>, Error> {
    let pool = house.database.pool();
    let suppliers = store::search::suppliers(pool, payer).await?;
    let digest =
        |supplier: &primitives::DataSupplierId| house.vault.payment_reference(payer.digits(), supplier.as_str(), reference);
    let references: Vec<_> = suppliers.iter().map(digest).collect();
    let mut places = store::search::referenced(pool, &references).await?;
    places.sort_unstable_by(|a, b| b.cmp(a));
    let mut found = Vec::new();
    for place in places {
        let Some(payment) = store::search::one(pool, place).await? else { continue };
        if fulfils(&payment, house, search, conditions)? {
            found.push(payment);
        }
    }
    Ok(found)
}

/// The conditions on a payment that was found by its reference.
fn fulfils(payment: &FoundPayment, house: &House, search: &PaymentSearch, conditions: &Conditions) -> Result<bool, Error> {
    let summary = payment.summary(&house.vault)?;
    Ok(search.payer == Some(summary.payer)
        && search.payee.as_ref().is_none_or(|payee| summary.payee.as_ref() == Some(payee))
        && search.delivery.is_none_or(|delivery| delivery == summary.delivery)
        && search.from.is_none_or(|from| summary.on >= from)
        && search.until.is_none_or(|until| summary.on <= until)
        && (search.states.is_empty() || search.states.contains(&summary.state))
        && in_scope(search, payment.unit()?, summary.benefit.as_ref())
        && conditions.after.is_none_or(|after: PaymentRef| summary.payment < after))
}

fn in_scope(search: &PaymentSearch, unit: Option<UnitCode>, benefit: Option<&BenefitCode>) -> bool {
    search.scope.as_ref().is_none_or(|scope| scope.allows(benefit)) || UnitScope::allow(&search.units, unit, benefit)
}

/// Goes through the payer's slices, the newest first, until the page is full: no statement is larger than a slice.
async fn of_payer(house: &House, payer: AgreementNumber, conditions: Conditions) -> Result<Vec<FoundPayment>, Error> {
    let pool = house.database.pool();
    let wanted = usize::try_from(conditions.limit).unwrap_or_default();
    let mut below = conditions.after.map_or(i64::MAX, |after| after.slice);
    let mut found = Vec::new();
    loop {
        let slices = store::search::slices_of_payer(pool, payer, &conditions, below, SLICES_AT_A_TIME).await?;
        for &slice in &slices {
            let rest = i64::try_from(wanted - found.len()).unwrap_or_default();
            found.extend(store::search::in_slice(pool, slice, &conditions, rest).await?);
            if found.len() >= wanted {
                return Ok(found);
            }
        }
        match slices.last() {
            Some(last) if *last > i64::MIN => below = last - 1,
            _ => return Ok(found),
        }
    }
}

/// Records who saw whose payments; committed before the answer.
pub(crate) async fn log(house: &House, context: &Context, operation: &str, found: &[FoundPayment]) -> Result<(), Error> {
    log_payments(house, context, (operation, AccessResult::Found), found).await
}

/// Records what came of looking at these payments.
pub(crate) async fn log_payments(
    house: &House, context: &Context, (operation, result): (&str, AccessResult), found: &[FoundPayment],
) -> Result<(), Error> {
    let mut connection = house.database.pool().acquire().await?;
    let seen = (result, sealed_payees(found));
    Ok(house.access.record(&mut connection, context, operation, house.clock.now(), seen).await?)
}

/// Records that somebody asked for this payee's data and had no right to it.
pub(crate) async fn log_attempt(
    house: &House, context: &Context, operation: &str, payee: Option<&Identifier>,
) -> Result<(), Error> {
    log_payee(house, context, (operation, AccessResult::Refused), payee).await
}

async fn log_payee(
    house: &House, context: &Context, (operation, result): (&str, AccessResult), payee: Option<&Identifier>,
) -> Result<(), Error> {
    let Some(payee) = payee else { return Ok(()) };
    let (_, sealed) = house.vault.seal_payee(payee);
    let mut connection = house.database.pool().acquire().await?;
    let seen = (result, std::iter::once(&sealed[..]));
    Ok(house.access.record(&mut connection, context, operation, house.clock.now(), seen).await?)
}
