//! Find the accounts payees are to be paid on. The hot path of the whole system.

use std::collections::BTreeMap;

use contracts::register::{PayeeQuery, Resolution, ResolveAnswer, ResolveRequest, ResolvedAccount};
use contracts::{AccessResult, Context, Problem};
use jiff::Timestamp;
use jiff::civil::Date;
use platform::access_log::{AccessRecord, SUBJECT_KEY_BYTES, push_subject};
use platform::crash;
use platform::database::Database;
use platform::seal::index_key;
use primitives::{AgreementNumber, BenefitCode, EntryRef, HolderRef};
use sqlx::PgConnection;

use crate::House;
use crate::day::check_day;
use crate::fault::{Fault, check_size};
use crate::rights::check_not_self_service;
use crate::store::identifier::holders_of;
use crate::store::projection::{self, CurrentRow};
use crate::store::{access, head};
use crate::vault::{NumberColumns, SealedNumber, Vault};

/// Beyond so many payees a call has a transaction of its own.
const FEW_PAYEES: usize = 100;

impl House {
    pub(crate) async fn resolve_all(&self, context: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem> {
        check_size(request.payees.len())?;
        check_day(request.on, "on")?;
        if let Err(problem) = check_not_self_service(context) {
            let numbers: Vec<_> = request.payees.iter().map(|payee| self.vault.seal_number(&payee.identifier)).collect();
            return self.told(context, "resolve", &numbers, Err(problem)).await;
        }
        let question = Question::new(&self.lookups.vault, context, &request, self.clock.now());
        if question.asked.len() <= FEW_PAYEES {
            return self.gathering.ask(question).await;
        }
        let answers = self.lookups.answer(vec![question]).await?;
        Ok(answers.into_iter().next().ok_or(Fault::Corrupt("group of lookups"))??)
    }
}

/// A call, with its payees' numbers as they stand in the database.
#[derive(Debug)]
pub(crate) struct Question {
    payer: AgreementNumber,
    on: Date,
    asked: Vec<Asked>,
    /// The person behind the call, sealed for the log.
    person: Option<Vec<u8>>,
    context: Context,
    at: Timestamp,
}

/// A payee's numbers as they stand in the database.
#[derive(Debug)]
struct Asked {
    own: SealedNumber,
    fallback: Option<SealedNumber>,
    benefit: Option<BenefitCode>,
}

impl Question {
    fn new(vault: &Vault, context: &Context, request: &ResolveRequest, at: Timestamp) -> Self {
        let asked: Vec<Asked> = request.payees.iter().map(|payee| seal(vault, payee)).collect();
        let person = vault.seal_person(context);
        Self { payer: request.payer, on: request.on, asked, person, context: context.clone(), at }
    }

    /// A row for those who are known, and one for those who are not, where there are any.
    fn records<'q>(&'q self, [found, missed]: &'q [Vec<u8>; 2]) -> impl Iterator<Item = AccessRecord<'q>> {
        let record = |result, subjects: &'q [u8]| AccessRecord {
            at: self.at,
            context: &self.context,
            person: self.person.clone(),
            operation: "resolve",
            result,
            subjects,
        };
        let has_found = !found.is_empty() || missed.is_empty();
        let found = has_found.then(|| record(AccessResult::Found, found));
        found.into_iter().chain((!missed.is_empty()).then(|| record(AccessResult::NotFound, missed)))
    }
}

/// What it takes to answer lookups. A clone answers from the same register.
#[derive(Clone, Debug)]
pub(crate) struct Lookups {
    pub database: Database,
    pub vault: Vault,
}

/// What a group of lookups found.
struct Found {
    /// For each payer and day, the rows in force.
    rows: BTreeMap<(AgreementNumber, Date), Rows>,
    /// What was found of each payee of each question.
    payees: Vec<Vec<FoundPayee>>,
    as_known: Timestamp,
}

/// What was found of a payee.
#[derive(Clone, Copy)]
struct FoundPayee {
    /// Which of the rows in force it is paid by.
    row: Option<usize>,
    /// Without one, the holder of the number, if it is known at all.
    holder: Option<HolderRef>,
}

impl Lookups {
    /// Answers calls together: from one state of the register, all logged before one of them is answered.
    pub async fn answer(&self, questions: Vec<Question>) -> Result<Vec<Result<ResolveAnswer, Fault>>, Fault> {
        let found = self.database.snapshot("register.resolve", async |mut tx| {
            let found = find(&mut tx, &questions).await?;
            let subjects: Vec<[Vec<u8>; 2]> =
                questions.iter().zip(&found.payees).map(|(question, payees)| subjects_of(question, payees)).collect();
            let records: Vec<AccessRecord<'_>> =
                questions.iter().zip(&subjects).flat_map(|(question, subjects)| question.records(subjects)).collect();
            access::log(&mut tx, &records).await?;
            Ok::<_, Fault>(found)
        });
        let Found { rows, payees, as_known } = found.await?;
        crash::point("register.resolve.logged");
        let answers = questions
            .iter()
            .zip(&payees)
            .map(|(question, payees)| self.told(question, &rows[&(question.payer, question.on)], payees, as_known));
        Ok(answers.collect())
    }

    fn told(&self, question: &Question, rows: &Rows, payees: &[FoundPayee], as_known: Timestamp) -> Result<ResolveAnswer, Fault> {
        let mut answer = ResolveAnswer { as_known, resolutions: Vec::with_capacity(question.asked.len()), replaced: Vec::new() };
        for (place, (asked, payee)) in (0..).zip(question.asked.iter().zip(payees)) {
            let row = payee.row.map(|row| &rows.rows[row]);
            if row.is_some_and(|row| row.is_replaced && row.account.is_some()) {
                answer.replaced.push(place);
            }
            answer.resolutions.push(resolution(&self.vault, asked, row, payee.holder)?);
        }
        Ok(answer)
    }
}

/// Looks up in one state of the register: what is found, who is known, and the time it was known at.
async fn find(conn: &mut PgConnection, questions: &[Question]) -> Result<Found, Fault> {
    let mut together: BTreeMap<(AgreementNumber, Date), Vec<&Question>> = BTreeMap::new();
    for question in questions {
        together.entry((question.payer, question.on)).or_default().push(question);
    }
    let mut rows = BTreeMap::new();
    for ((payer, on), questions) in together {
        let keys = keys_of(questions.iter().flat_map(|question| &question.asked));
        rows.insert((payer, on), Rows::new(projection::in_force(conn, payer, on, &keys).await?));
    }
    let payees = payees(conn, &rows, questions).await?;
    Ok(Found { rows, payees, as_known: head::latest(conn).await? })
}

fn seal(vault: &Vault, payee: &PayeeQuery) -> Asked {
    Asked {
        own: vault.seal_number(&payee.identifier),
        fallback: payee.fallback.as_ref().map(|number| vault.seal_number(number)),
        benefit: payee.benefit,
    }
}

/// The index keys of all numbers, each once, in the order of the index.
fn keys_of<'a>(asked: impl Iterator<Item = &'a Asked>) -> Vec<i64> {
    let numbers = asked.flat_map(|asked| std::iter::once(&asked.own).chain(&asked.fallback));
    let mut keys: Vec<i64> = numbers.map(|number| index_key(&number.number)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Everybody who was looked at: those who are known, and those who are not. A fallback number goes with the number it stands beside, also where it
/// was not needed.
fn subjects_of(question: &Question, payees: &[FoundPayee]) -> [Vec<u8>; 2] {
    let mut subjects = [Vec::with_capacity(question.asked.len() * SUBJECT_KEY_BYTES), Vec::new()];
    for (asked, payee) in question.asked.iter().zip(payees) {
        let is_known = payee.row.is_some() || payee.holder.is_some();
        for number in std::iter::once(&asked.own).chain(&asked.fallback) {
            push_subject(&mut subjects[usize::from(!is_known)], &number.number);
        }
    }
    subjects
}

/// The rows in force, in the order of their keys. The keys stand by themselves too: a search among them stays in the processor's cache.
struct Rows {
    keys: Vec<i64>,
    rows: Vec<CurrentRow>,
}

impl Rows {
    fn new(mut rows: Vec<CurrentRow>) -> Self {
        rows.sort_unstable_by_key(|row| row.number_key);
        Self { keys: rows.iter().map(|row| row.number_key).collect(), rows }
    }

    /// The row the payee is paid by: the own number's, and where that has none, the fallback's, if it has an account. What else is wrong is
    /// told of the number that was given.
    fn of(&self, asked: &Asked) -> Option<usize> {
        let has_account = |row: &usize| self.rows[*row].account.is_some();
        let fallback = || self.of_number(asked.fallback.as_ref()?, asked.benefit).filter(has_account);
        self.of_number(&asked.own, asked.benefit).or_else(fallback)
    }

    /// A specific account of the benefit comes before the NemKonto.
    fn of_number(&self, number: &SealedNumber, benefit: Option<BenefitCode>) -> Option<usize> {
        let key = index_key(&number.number);
        let first = self.keys.partition_point(|known| *known < key);
        let same = self.keys[first..].iter().take_while(|known| **known == key).count();
        (first..first + same)
            .filter(|row| self.rows[*row].kind == number.kind && self.rows[*row].number == number.number)
            .filter(|row| self.rows[*row].payer.is_empty() || benefit.is_some_and(|of| self.rows[*row].benefit == of.as_str()))
            .max_by_key(|row| !self.rows[*row].payer.is_empty())
    }
}

/// What is found of each payee: the row it is paid by, and for those without one the holder of the number.
async fn payees(
    conn: &mut PgConnection, rows: &BTreeMap<(AgreementNumber, Date), Rows>, questions: &[Question],
) -> Result<Vec<Vec<FoundPayee>>, sqlx::Error> {
    let mut found: Vec<Vec<FoundPayee>> = Vec::with_capacity(questions.len());
    let mut missing = Vec::new();
    for (number, question) in questions.iter().enumerate() {
        let rows = &rows[&(question.payer, question.on)];
        found.push(question.asked.iter().map(|asked| FoundPayee { row: rows.of(asked), holder: None }).collect());
        let unfound = found[number].iter().enumerate().filter(|(_, payee)| payee.row.is_none());
        missing.extend(unfound.map(|(place, _)| ((number, place), &question.asked[place].own)));
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let numbers: NumberColumns = missing.iter().map(|(_, number)| *number).collect();
    for (((number, place), _), holder) in missing.iter().zip(holders_of(conn, &numbers).await?) {
        found[*number][*place].holder = holder;
    }
    Ok(found)
}

fn resolution(vault: &Vault, asked: &Asked, row: Option<&CurrentRow>, known: Option<HolderRef>) -> Result<Resolution, Fault> {
    let Some(row) = row else {
        return Ok(known.map_or(Resolution::Unknown, |holder| Resolution::NoAccount { holder }));
    };
    match (row.entry, &row.account) {
        (Some(entry), Some(account)) => Ok(Resolution::Found(ResolvedAccount {
            holder: HolderRef(row.holder),
            entry: EntryRef(entry),
            account: vault.open_account(account)?,
            specific: !row.payer.is_empty(),
            by_fallback: row.number != asked.own.number,
        })),
        (None, None) => Ok(Resolution::Closed { holder: HolderRef(row.holder) }),
        _ => Err(Fault::Corrupt("projection")),
    }
}
