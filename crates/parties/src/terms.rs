//! Terms of parties, and whose system calls.

use std::collections::HashMap;

use contracts::{
    Context,
    parties::{CertificateQuery, PartyKey, PartyTerms, TermsQuery},
};
use platform::fault::Fault;
use platform::limits::check_count;

use crate::{
    house::House,
    limits::MAX_ASKED,
    rights::{may_see_terms, require_recorder},
    store,
};

/// The terms in the order asked for; `None` where none apply, or the actor may not see them.
pub(crate) async fn terms(house: &House, context: &Context, query: &TermsQuery) -> Result<Vec<Option<PartyTerms>>, Fault> {
    check_count(query.parties.len(), MAX_ASKED, "parties")?;
    let seen: Vec<PartyKey> = query.parties.iter().filter(|party| may_see_terms(&context.actor, party)).cloned().collect();
    let mut connection = house.database.pool().acquire().await?;
    let found: HashMap<PartyKey, PartyTerms> = store::terms::on(&mut connection, &house.vault, query.on, query.known_at, &seen)
        .await?
        .into_iter()
        .map(|terms| (terms.party.clone(), terms))
        .collect();
    Ok(query.parties.iter().map(|party| found.get(party).cloned()).collect())
}

/// The one party in force whose terms allow the certificate and the address.
pub(crate) async fn certificate_holder(
    house: &House, context: &Context, query: &CertificateQuery,
) -> Result<Option<PartyTerms>, Fault> {
    require_recorder(context)?;
    let mut connection = house.database.pool().acquire().await?;
    let mut holders = store::terms::allowing(&mut connection, &house.vault, query.on, &query.certificate).await?;
    holders.retain(|terms| terms.networks.is_empty() || terms.networks.iter().any(|network| network.contains(query.address)));
    Ok(if holders.len() == 1 { holders.pop() } else { None })
}

/// Whether the parties' terms have named certificates by the day, in the order asked for.
pub(crate) async fn certificates_named(house: &House, context: &Context, query: &TermsQuery) -> Result<Vec<bool>, Fault> {
    require_recorder(context)?;
    check_count(query.parties.len(), MAX_ASKED, "parties")?;
    let mut connection = house.database.pool().acquire().await?;
    let named = store::terms::naming(&mut connection, query.on, query.known_at, &query.parties).await?;
    Ok(query.parties.iter().map(|party| named.contains(party)).collect())
}
