//! Private payers: bundles in, the same bundles back with account or error code. One lookup for each expected payout, none against a payee's
//! opt-out, and each with its levy. Logged like any lookup, so the payee sees which firms have asked.

use std::collections::{HashMap, HashSet};

use contracts::register::{
    LevyQuery, LevyStatement, MAX_BUNDLE, PayeeChoice, PrivateAnswer, PrivateBasis, PrivateBundle, PrivateChoice, PrivateMessage,
};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use platform::seal::index_key;
use primitives::{AgreementNumber, Currency, HolderRef, Money, copenhagen_date};
use serde_json::Value;
use sqlx::PgConnection;

use crate::House;
use crate::batch::label;
use crate::changes::{self, Change, content};
use crate::day::check_day;
use crate::designate::item_result;
use crate::fault::{Fault, check_size, check_text, forbidden, unknown_number};
use crate::keyed::{KeyedCall, Opened};
use crate::rights::Reach;
use crate::store::private::{self, Asked, Choices};
use crate::store::{identifier, projection};
use crate::vault::SealedNumber;

/// Longest id of a payout, in characters.
const PAYOUT_LIMIT: usize = 35;

/// What a bundle is answered from.
struct Desk {
    choices: Choices,
    /// Payouts asked for before, and in this bundle.
    asked: HashSet<String>,
    rows: HashMap<SealedNumber, projection::CurrentRow>,
    made: Vec<Asked>,
}

impl House {
    pub(crate) async fn complete_bundle(
        &self, context: &Context, key: &IdempotencyKey, bundle: PrivateBundle,
    ) -> Result<Vec<ItemResult<PrivateAnswer>>, Problem> {
        check_bundle(&bundle)?;
        let call = KeyedCall::new(self, context, "complete-bundle", key, &bundle)?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let numbers: Vec<SealedNumber> = bundle.messages.iter().map(|message| vault.seal_number(&message.identifier)).collect();
        self.told(context, "complete-bundle", &numbers, check_private(context, bundle.payer)).await?;
        let answer = self.database.transaction("register.complete_bundle", async |mut tx| {
            let found = identifier::holders_of(&mut tx, &numbers.iter().collect()).await?;
            // An answer that is given again is a lookup again.
            self.log_found(&mut tx, (context, "complete-bundle", now), &numbers, &found).await?;
            if let Some(answers) = call.replay(&mut tx).await? {
                return still_allowed(&mut tx, &bundle, &found, answers).await;
            }
            let mut desk = open_desk(&mut tx, &bundle, &numbers, &found).await?;
            let mut answers = Vec::with_capacity(numbers.len());
            for (message, (number, holder)) in bundle.messages.iter().zip(numbers.iter().zip(found)) {
                let answer = self.complete_one(&mut desk, message, (number, holder), answers.len());
                answers.push(item_result(answer)?);
            }
            let kept = private::keep(&mut tx, bundle.payer, &desk.made, copenhagen_date(now)).await?;
            for place in desk.made.iter().filter(|asked| !kept.contains(&asked.payout)).map(|asked| asked.place) {
                answers[place] = Err(asked_before());
            }
            call.close(&mut tx, answers).await
        });
        Ok(answer.await?)
    }

    fn complete_one(
        &self, desk: &mut Desk, message: &PrivateMessage, (number, holder): (&SealedNumber, Option<HolderRef>), place: usize,
    ) -> Result<PrivateAnswer, Fault> {
        check_text(&message.payout, PAYOUT_LIMIT, "payout")?;
        let holder = holder.ok_or_else(unknown_number)?;
        if desk.choices.opted_out.contains(&holder) {
            return Err(opted_out().into());
        }
        if message.basis == PrivateBasis::Consent && !desk.choices.consented.contains(&holder) {
            return Err(no_consent().into());
        }
        if !desk.asked.insert(message.payout.clone()) {
            return Err(asked_before().into());
        }
        desk.made.push(Asked { place, payout: message.payout.clone(), holder });
        let row = desk.rows.get(number).ok_or_else(no_account)?;
        let account = row.account.as_ref().ok_or_else(no_account)?;
        Ok(PrivateAnswer {
            payout: message.payout.clone(),
            account: self.vault.open_account(account)?,
            is_replaced: row.is_replaced,
        })
    }

    pub(crate) async fn choose_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<PrivateChoice>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        check_size(items.len())?;
        let call = KeyedCall::new(self, context, "choose-private", key, &items)?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let numbers: Vec<SealedNumber> = items.iter().map(|item| vault.seal_number(&item.identifier)).collect();
        let answer = self.database.transaction("register.choose_private", async |mut tx| {
            let at = match call.open(&mut tx, now).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let reach = Reach::of(&mut tx, &vault, context).await?;
            let found = identifier::holders_of(&mut tx, &numbers.iter().collect()).await?;
            let mut chosen = Vec::with_capacity(items.len());
            let (mut changes, by) = (Vec::new(), label(context, reach));
            for (item, holder) in items.iter().zip(found) {
                chosen.push(match check_chooser(context, item).and_then(|()| reach.check(holder)) {
                    Ok(holder) => {
                        private::choose(&mut tx, item.payer, holder, item.choice, at).await?;
                        let subject = format!("private-payer:{}/{}", item.payer, changes::holder(holder));
                        let change = Change::new(subject, Value::Null, content(&item.choice)?);
                        changes.push(change.by(&by, context.purpose.as_str()));
                        Ok(holder)
                    }
                    Err(problem) => Err(problem),
                });
            }
            self.log_changes(&mut tx, context, "choose-private", at, changes).await?;
            call.close(&mut tx, chosen).await
        });
        Ok(answer.await?)
    }

    pub(crate) async fn levy_of(&self, context: &Context, query: LevyQuery) -> Result<LevyStatement, Problem> {
        check_private(context, query.payer)?;
        check_day(query.month, "month")?;
        let (first, last) = (query.month.first_of_month(), query.month.last_of_month());
        let counting = self.database.transaction("register.levy", async |mut tx| {
            Ok::<_, Fault>(private::count(&mut tx, query.payer, first, last).await?)
        });
        let lookups = counting.await?;
        let rate = i64::from(self.settings.levy_ore);
        let amount =
            i64::try_from(lookups).ok().and_then(|lookups| lookups.checked_mul(rate)).ok_or_else(Problem::unavailable)?;
        let money = |minor| Money::new(minor, Currency::DKK);
        Ok(LevyStatement { payer: query.payer, first, last, lookups, rate: money(rate), amount: money(amount) })
    }
}

/// What was answered before, without the accounts of payees that have opted out since.
async fn still_allowed(
    conn: &mut PgConnection, bundle: &PrivateBundle, found: &[Option<HolderRef>], answers: Vec<ItemResult<PrivateAnswer>>,
) -> Result<Vec<ItemResult<PrivateAnswer>>, Fault> {
    let holders: Vec<HolderRef> = found.iter().copied().flatten().collect();
    let choices = private::choices_of(conn, bundle.payer, &holders).await?;
    let has_opted_out = |holder: &Option<HolderRef>| holder.is_some_and(|holder| choices.opted_out.contains(&holder));
    let allowed = |(answer, holder): (ItemResult<PrivateAnswer>, _)| match answer {
        Ok(_) if has_opted_out(holder) => Err(opted_out()),
        answer => answer,
    };
    Ok(answers.into_iter().zip(found).map(allowed).collect())
}

async fn open_desk(
    conn: &mut PgConnection, bundle: &PrivateBundle, numbers: &[SealedNumber], found: &[Option<HolderRef>],
) -> Result<Desk, Fault> {
    let holders: Vec<HolderRef> = found.iter().copied().flatten().collect();
    let choices = private::choices_of(conn, bundle.payer, &holders).await?;
    let payouts: Vec<&str> = bundle.messages.iter().map(|message| &message.payout[..]).collect();
    let asked = private::asked(conn, bundle.payer, &payouts).await?;
    let keys: Vec<i64> = numbers.iter().map(|number| index_key(&number.number)).collect();
    let rows = projection::in_force(conn, bundle.payer, bundle.on, &keys).await?;
    let nemkonto = rows.into_iter().filter(|row| row.payer.is_empty());
    let rows = nemkonto.map(|row| (SealedNumber { kind: row.kind, number: row.number.clone() }, row)).collect();
    Ok(Desk { choices, asked, rows, made: Vec::new() })
}

fn check_bundle(bundle: &PrivateBundle) -> Result<(), Problem> {
    check_day(bundle.on, "on")?;
    if bundle.messages.len() <= MAX_BUNDLE {
        return Ok(());
    }
    let sent = bundle.messages.len();
    Err(Problem::new(
        ProblemCode::TooLarge,
        format!("Et bundt kan højst have {MAX_BUNDLE} meddelelser; der kom {sent}."),
        format!("A bundle may have at most {MAX_BUNDLE} messages; it had {sent}."),
    ))
}

/// The private payer, through its data supplier; houses and operators for any.
fn check_private(context: &Context, payer: AgreementNumber) -> Result<(), Problem> {
    let allowed = match &context.actor {
        Actor::House { .. } | Actor::Operator { .. } => true,
        Actor::DataSupplier { .. } => context.on_behalf_of == Some(payer),
        Actor::Caseworker { authority, .. } => *authority == payer,
        _ => false,
    };
    if allowed { Ok(()) } else { Err(forbidden("Kun udbetaleren selv kan det.", "Only the payer itself may.").in_field("payer")) }
}

/// Opting out is the payee's own; a consent is recorded by the payer it was given to, or by the payee.
fn check_chooser(context: &Context, item: &PrivateChoice) -> Result<(), Problem> {
    match (&context.actor, item.choice) {
        (Actor::Payee { .. } | Actor::Operator { .. }, _) => Ok(()),
        (_, PayeeChoice::Consent | PayeeChoice::WithdrawConsent) => check_private(context, item.payer),
        _ => Err(forbidden("Kun betalingsmodtageren selv kan fravælge.", "Only the payee itself opts out.").in_field("choice")),
    }
}

fn opted_out() -> Problem {
    forbidden("Betalingsmodtageren har fravalgt udbetaleren.", "The payee has opted out with this payer.").in_field("identifier")
}

fn no_consent() -> Problem {
    forbidden("Der er ikke registreret samtykke.", "No consent has been recorded.").in_field("basis")
}

fn asked_before() -> Problem {
    Problem::new(ProblemCode::Conflict, "Der er allerede spurgt for den udbetaling.", "This payout has been asked for already.")
        .in_field("payout")
}

fn no_account() -> Problem {
    Problem::new(
        ProblemCode::NotFound,
        "Betalingsmodtageren har ingen NemKonto den dag.",
        "The payee has no NemKonto on that day.",
    )
    .in_field("identifier")
}
