//! Profiles of payers on a day.

use std::collections::HashMap;

use contracts::{
    Context,
    parties::{PayerKey, PayerProfile, PayerQuery, PayersAsKnown},
};
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::{AgreementNumber, Cvr};

use crate::{
    house::House,
    limits::MAX_ASKED,
    rights::{may_see_payer, require_profile_reader},
    store,
};

/// The payers in the order asked for; `None` where no agreement is in force, a CVR number has several, or the actor may not see it.
pub(crate) async fn payers(house: &House, context: &Context, query: &PayerQuery) -> Result<Vec<Option<PayerProfile>>, Fault> {
    require_profile_reader(context)?;
    check_count(query.payers.len(), MAX_ASKED, "payers")?;
    let mut connection = house.database.pool().acquire().await?;
    let in_force = store::agreement::on(&mut connection, &house.vault, query.on, &query.payers).await?;
    let index = Index::new(&in_force);
    let answer = query.payers.iter().map(|key| index.find(key).filter(|payer| may_see_payer(&context.actor, payer)));
    Ok(answer.map(Option::<&PayerProfile>::cloned).collect())
}

/// As [`payers`], by what had been recorded at a time.
pub(crate) async fn payers_as_known(
    house: &House, context: &Context, query: &PayersAsKnown,
) -> Result<Vec<Option<PayerProfile>>, Fault> {
    require_profile_reader(context)?;
    check_count(query.payers.len(), MAX_ASKED, "payers")?;
    let mut connection = house.database.pool().acquire().await?;
    let in_force = store::agreement::as_known(&mut connection, &house.vault, query.on, query.known_at, &query.payers).await?;
    let index = Index::new(&in_force);
    let answer = query.payers.iter().map(|key| index.find(key).filter(|payer| may_see_payer(&context.actor, payer)));
    Ok(answer.map(Option::<&PayerProfile>::cloned).collect())
}

/// The agreements in force, by number and by CVR number.
struct Index<'a> {
    by_agreement: HashMap<AgreementNumber, &'a PayerProfile>,
    by_cvr: HashMap<Cvr, Vec<&'a PayerProfile>>,
}

impl<'a> Index<'a> {
    fn new(in_force: &'a [PayerProfile]) -> Self {
        let mut by_cvr: HashMap<Cvr, Vec<&PayerProfile>> = HashMap::new();
        for payer in in_force {
            by_cvr.entry(payer.cvr).or_default().push(payer);
        }
        Self { by_agreement: in_force.iter().map(|payer| (payer.agreement, payer)).collect(), by_cvr }
    }

    fn find(&self, key: &PayerKey) -> Option<&'a PayerProfile> {
        match key {
            PayerKey::Agreement { number } => self.by_agreement.get(number).copied(),
            PayerKey::Cvr { number } => match self.by_cvr.get(number)?.as_slice() {
                [only] => Some(only),
                _ => None,
            },
        }
    }
}
