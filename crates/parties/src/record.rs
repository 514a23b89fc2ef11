//! Records parties: each change is a new dated version, nothing is overwritten.

use contracts::{
    Context, IdempotencyKey, ItemResult, Problem,
    parties::{PartyChange, PayerProfile, UserProfile},
};
use jiff::{Timestamp, civil::Date};
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::copenhagen_date;
use sqlx::PgConnection;

use crate::{
    checks::{check, invalid},
    house::House,
    limits::MAX_CHANGES,
    rights::require_recorder,
    store,
};

/// When and by whom a version was recorded.
pub(crate) struct Recorded {
    pub(crate) at: Timestamp,
    pub(crate) by: String,
}

impl Recorded {
    /// The civil day of the record in Denmark.
    pub(crate) fn day(&self) -> Date {
        copenhagen_date(self.at)
    }
}

/// Records the changes in their order, so that a payer may name a bank recorded before it in the same call. A change that breaks a rule
/// is refused alone.
pub(crate) async fn record(
    house: &House, context: &Context, key: &IdempotencyKey, changes: &[PartyChange],
) -> Result<Vec<ItemResult<()>>, Fault> {
    require_recorder(context)?;
    check_count(changes.len(), MAX_CHANGES, "input")?;
    let once = house.answers.call_with(context, "record", key, &changes)?;
    let recorded = Recorded { at: house.clock.now(), by: context.actor.label() };
    house
        .database
        .transaction("parties.record", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let mut results = Vec::with_capacity(changes.len());
            for change in changes {
                results.push(record_one(&mut tx, house, change, &recorded).await?);
            }
            once.remember(&mut tx, results).await
        })
        .await
}

/// The outer result is a fault of the house, the inner one the change's own.
async fn record_one(
    connection: &mut PgConnection, house: &House, change: &PartyChange, recorded: &Recorded,
) -> Result<ItemResult<()>, Fault> {
    if let Err(problem) = check(change) {
        return Ok(Err(problem));
    }
    match change {
        PartyChange::Bank(bank) => store::bank::insert(connection, bank, recorded).await?,
        PartyChange::Payer(payer) => {
            if let Err(problem) = check_banks_known(connection, payer).await? {
                return Ok(Err(problem));
            }
            store::agreement::insert(connection, &house.vault, payer, recorded).await?;
        }
        PartyChange::User(user) => {
            if let Err(problem) = check_authority_known(connection, user).await? {
                return Ok(Err(problem));
            }
            store::user::insert(connection, user, recorded).await?;
        }
    }
    Ok(Ok(()))
}

async fn check_banks_known(connection: &mut PgConnection, payer: &PayerProfile) -> Result<Result<(), Problem>, Fault> {
    let banks: Vec<_> = payer.debtor_accounts.iter().map(|debtor| debtor.bank).collect();
    if store::bank::all_known(connection, &banks).await? {
        return Ok(Ok(()));
    }
    Ok(Err(invalid(
        "debtor_accounts",
        "En konto føres i et pengeinstitut, som ikke er registreret.",
        "An account is kept by a bank that is not recorded.",
    )))
}

async fn check_authority_known(connection: &mut PgConnection, user: &UserProfile) -> Result<Result<(), Problem>, Fault> {
    if store::agreement::is_known(connection, user.authority).await? {
        return Ok(Ok(()));
    }
    Ok(Err(invalid("authority", "Myndigheden har ingen aftale.", "The authority has no agreement.")))
}
