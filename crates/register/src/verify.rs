//! Verification: does this account belong to this number, yes or no; and whether a number has a NemKonto at all. Neither tells a name or an
//! account. Each is logged like any lookup, and who scans for accounts is stopped.

use std::collections::HashMap;

use contracts::register::{AccountPresence, Verification};
use contracts::{Context, Problem, ProblemCode};
use primitives::{HolderRef, Identifier, copenhagen_date};

use crate::House;
use crate::dossier::Dossier;
use crate::fault::{Fault, check_size};
use crate::rights::check_not_self_service;
use crate::store::{self, identifier, verification};
use crate::vault::SealedNumber;

impl House {
    pub(crate) async fn presence_of(
        &self, context: &Context, identifiers: Vec<Identifier>,
    ) -> Result<Vec<AccountPresence>, Problem> {
        check_size(identifiers.len())?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let today = copenhagen_date(now);
        let numbers: Vec<SealedNumber> = identifiers.iter().map(|identifier| vault.seal_number(identifier)).collect();
        self.told(context, "have-accounts", &numbers, check_not_self_service(context)).await?;
        let reading = self.database.transaction("register.have_accounts", async |mut tx| {
            let found = identifier::holders_of(&mut tx, &numbers.iter().collect()).await?;
            let dossiers = store::dossier::load(&mut tx, found.iter().copied().flatten()).await?;
            self.log_found(&mut tx, (context, "have-accounts", now), &numbers, &found).await?;
            let presence = |holder: Option<HolderRef>| match holder.and_then(|holder| dossiers.get(&holder)) {
                None => AccountPresence::Unknown,
                Some(dossier) if dossier.nemkonto_on(today).is_some() => AccountPresence::HasNemKonto,
                Some(_) => AccountPresence::NoNemKonto,
            };
            Ok::<_, Fault>(found.into_iter().map(presence).collect())
        });
        Ok(reading.await?)
    }

    pub(crate) async fn verify_all(&self, context: &Context, items: Vec<Verification>) -> Result<Vec<bool>, Problem> {
        check_size(items.len())?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let today = copenhagen_date(now);
        let caller = context.caller();
        let numbers: Vec<SealedNumber> = items.iter().map(|item| vault.seal_number(&item.identifier)).collect();
        self.told(context, "verify", &numbers, check_not_self_service(context)).await?;
        let accounts: Vec<Vec<u8>> = items.iter().map(|item| vault.seal_account(&item.account)).collect();
        let verifying = self.database.transaction("register.verify", async |mut tx| {
            let found = identifier::holders_of(&mut tx, &numbers.iter().collect()).await?;
            let dossiers = store::dossier::load(&mut tx, found.iter().copied().flatten()).await?;
            self.log_found(&mut tx, (context, "verify", now), &numbers, &found).await?;
            let is_account = |(holder, account): (&Option<HolderRef>, &Vec<u8>)| {
                let dossier = holder.and_then(|holder| dossiers.get(&holder));
                dossier.and_then(|dossier| dossier.nemkonto_on(today)).is_some_and(|entry| entry.account == *account)
            };
            let answers: Vec<bool> = found.iter().zip(&accounts).map(is_account).collect();
            let misses = answers.iter().filter(|is_account| !**is_account).count();
            let total = verification::count_misses(&mut tx, &caller, today, misses).await?;
            Ok::<_, Fault>((answers, total))
        });
        // The misses are counted, whether the answer is given or not.
        let (answers, total) = verifying.await?;
        if total > i64::from(self.settings.verification_misses_a_day) { Err(too_many_misses()) } else { Ok(answers) }
    }

    pub(crate) async fn payees_of_account(
        &self, context: &Context, account: primitives::Account,
    ) -> Result<Vec<Identifier>, Problem> {
        crate::rights::check_source(context)?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let sealed = vault.seal_account(&account);
        let reading = self.database.transaction("register.payees_of_account", async |mut tx| {
            let holders = store::entry::holders_of_account(&mut tx, &sealed, copenhagen_date(now)).await?;
            let dossiers: HashMap<HolderRef, Dossier> =
                store::dossier::load(&mut tx, holders.iter().copied().map(HolderRef)).await?;
            let current = |holder: &uuid::Uuid| dossiers.get(&HolderRef(*holder)).and_then(Dossier::latest_facts);
            let numbers: Vec<SealedNumber> = holders.iter().filter_map(current).map(|facts| facts.current.clone()).collect();
            self.log_access(&mut tx, context, "payees-of-account", &numbers, now).await?;
            numbers.iter().map(|number| vault.open_number(number)).collect::<Result<Vec<_>, Fault>>()
        });
        Ok(reading.await?)
    }
}

fn too_many_misses() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Der er spurgt om for mange forkerte konti i dag.",
        "Too many wrong accounts have been asked about today.",
    )
}
