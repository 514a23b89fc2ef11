//! What is written down of accesses: who was looked at, what came of it, and by whom, before the call is answered.

use contracts::{AccessResult, ActingPerson, ActsBy, Context, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use platform::access_log::{AccessRecord, SUBJECT_KEY_BYTES};
use primitives::{HolderRef, Identifier};
use sqlx::PgConnection;

use crate::House;
use crate::fault::Fault;
use crate::store::access;
use crate::vault::SealedNumber;

/// A call, as the log names it: under which circumstances, which operation, when.
type Asked<'c> = (&'c Context, &'static str, Timestamp);

impl House {
    /// Logs a call that found all of the persons.
    pub(crate) async fn log_access(
        &self, conn: &mut PgConnection, context: &Context, operation: &'static str, numbers: &[SealedNumber], at: Timestamp,
    ) -> Result<(), Fault> {
        let found: Vec<_> = numbers.iter().map(|number| (number, AccessResult::Found)).collect();
        self.log_results(conn, (context, operation, at), &found).await
    }

    /// Logs a call that found the persons whose place has a holder.
    pub(crate) async fn log_found(
        &self, conn: &mut PgConnection, asked: Asked<'_>, numbers: &[SealedNumber], found: &[Option<HolderRef>],
    ) -> Result<(), Fault> {
        let result = |holder: &Option<HolderRef>| if holder.is_some() { AccessResult::Found } else { AccessResult::NotFound };
        let results: Vec<_> = numbers.iter().zip(found).map(|(number, holder)| (number, result(holder))).collect();
        self.log_results(conn, asked, &results).await
    }

    /// One row for each result that there is. A call that concerned nobody leaves a row too: that it was made.
    pub(crate) async fn log_results(
        &self, conn: &mut PgConnection, (context, operation, at): Asked<'_>, results: &[(&SealedNumber, AccessResult)],
    ) -> Result<(), Fault> {
        let person = self.vault.seal_person(context);
        let of = |result| subjects(results.iter().filter(|(_, had)| *had == result).map(|(number, _)| *number));
        let rows = [AccessResult::Found, AccessResult::NotFound, AccessResult::Refused].map(|result| (result, of(result)));
        let is_empty = results.is_empty();
        let records: Vec<AccessRecord<'_>> = rows
            .iter()
            .filter(|(result, subjects)| !subjects.is_empty() || (is_empty && *result == AccessResult::Found))
            .map(|(result, subjects)| AccessRecord { at, context, person: person.clone(), operation, result: *result, subjects })
            .collect();
        Ok(access::log(conn, &records).await?)
    }

    /// Passes on what a call came to. One that was refused, or found nobody, has left no row: it gets its own, or there is no answer.
    pub(crate) async fn told<T>(
        &self, context: &Context, operation: &'static str, numbers: &[SealedNumber], outcome: Result<T, Problem>,
    ) -> Result<T, Problem> {
        if let Err(problem) = &outcome
            && let Some(result) = came_to_nothing(problem)
        {
            let results: Vec<_> = numbers.iter().map(|number| (number, result)).collect();
            self.log_alone((context, operation, self.clock.now()), &results).await?;
        }
        outcome
    }

    /// Passes on what each item of a change came to, once it is written down; also when the answer is given again. The change is done then: whoever
    /// gets no answer repeats its key.
    pub(crate) async fn told_each<T>(
        &self, context: &Context, operation: &'static str, identifiers: &[Identifier],
        outcome: Result<Vec<ItemResult<T>>, Problem>,
    ) -> Result<Vec<ItemResult<T>>, Problem> {
        let numbers: Vec<SealedNumber> = identifiers.iter().map(|identifier| self.vault.seal_number(identifier)).collect();
        let items = self.told(context, operation, &numbers, outcome).await?;
        let result = |item: &ItemResult<T>| item.as_ref().err().and_then(came_to_nothing).unwrap_or(AccessResult::Found);
        let results: Vec<_> = numbers.iter().zip(&items).map(|(number, item)| (number, result(item))).collect();
        self.log_alone((context, operation, self.clock.now()), &results).await?;
        Ok(items)
    }

    async fn log_alone(&self, asked: Asked<'_>, results: &[(&SealedNumber, AccessResult)]) -> Result<(), Problem> {
        let logging =
            self.database.transaction("register.log_access", async |mut tx| self.log_results(&mut tx, asked, results).await);
        Ok(logging.await?)
    }
}

/// The circumstances in which a guardian acts for another: the log names who acted.
pub(crate) fn as_guardian(context: &Context) -> Context {
    let acting = context.person().map(|person| ActingPerson { by: ActsBy::Guardianship, ..person });
    Context { acting, ..context.clone() }
}

fn came_to_nothing(problem: &Problem) -> Option<AccessResult> {
    match problem.code {
        ProblemCode::NotFound => Some(AccessResult::NotFound),
        ProblemCode::Forbidden => Some(AccessResult::Refused),
        _ => None,
    }
}

/// The persons' keys, one after the other.
pub(crate) fn subjects<'n>(numbers: impl Iterator<Item = &'n SealedNumber>) -> Vec<u8> {
    let mut subjects = Vec::with_capacity(numbers.size_hint().0 * SUBJECT_KEY_BYTES);
    numbers.for_each(|number| subjects.extend_from_slice(number.subject_key()));
    subjects
}
