//! Extracts, page by page: of everything as known at a moment, and of what has changed since another.

use std::collections::HashMap;

use contracts::register::{ExtractPage, ExtractQuery, ExtractRecord, MAX_RECORDS};
use contracts::{Context, Problem, ProblemCode};
use jiff::Timestamp;
use primitives::{HolderRef, Identifier};
use sqlx::PgConnection;
use uuid::Uuid;

use super::check_step;
use super::line::line_of;
use crate::House;
use crate::fault::Fault;
use crate::lookup::limit_out_of_range;
use crate::store::dossier::Dossiers;
use crate::store::{self, head, step};
use crate::vault::SealedNumber;

/// Where a page of everything ended: the place and the holder.
type Cursor = (i64, Uuid);

/// Before the first.
const BEGINNING: Cursor = (i64::MIN, Uuid::nil());

/// A page in the words of the house.
struct Page {
    /// Each with the place it was found at, as stored; without one, wherever it stands.
    holders: Vec<(Option<i64>, Uuid)>,
    next: Option<String>,
}

impl House {
    pub(crate) async fn page_of_extract(&self, context: &Context, query: ExtractQuery) -> Result<ExtractPage, Problem> {
        check_step(context)?;
        let most = u32::try_from(MAX_RECORDS).unwrap_or(u32::MAX);
        if !(1..=most).contains(&query.limit) {
            return Err(limit_out_of_range(most));
        }
        // Everybody must have a place before the first page is given; who comes later is not known at its moment.
        let followed = match (query.since, &query.after) {
            (None, None) => self.state_of_tree(context).await?.as_known,
            _ => Timestamp::MAX,
        };
        let now = self.clock.now();
        let page = self.database.transaction("register.extract", async |mut tx| {
            let taken = step::taken(&mut tx).await?;
            let latest = head::latest(&mut tx).await?;
            let at = query.as_known.map_or(latest, |at| recorded(taken, at)).min(followed);
            let page = match query.since {
                Some(since) => changes(&mut tx, recorded(taken, since), at, &query).await?,
                None => everything(&mut tx, &query).await?,
            };
            let holders: Vec<Uuid> = page.holders.iter().map(|(_, holder)| *holder).collect();
            let known = store::step_known::at(&mut tx, &holders, at).await?;
            let subjects: Vec<SealedNumber> = known.values().flat_map(|dossier| dossier.numbers.iter().cloned()).collect();
            self.log_access(&mut tx, context, "extract", &subjects, now).await?;
            let records = self.records(&mut tx, &page.holders, &known, &query, at).await?;
            Ok::<_, Fault>(ExtractPage { as_known: told(taken, at), records, next: page.next })
        });
        Ok(page.await?)
    }

    async fn records(
        &self, conn: &mut PgConnection, page: &[(Option<i64>, Uuid)], known: &Dossiers, query: &ExtractQuery, at: Timestamp,
    ) -> Result<Vec<ExtractRecord>, Fault> {
        let mut records: Vec<(i64, ExtractRecord)> = Vec::with_capacity(page.len());
        let mut gone = Vec::new();
        for (found_at, holder) in page {
            match known.get(&HolderRef(*holder)).map(|dossier| line_of(&self.vault, dossier)).transpose()?.flatten() {
                Some(line) => {
                    // A holder of several numbers is found at each, and told at the one that is current.
                    let place = self.stored_place(&line.identifiers[0]);
                    if found_at.is_none_or(|found_at| found_at == place) {
                        records.push((place, ExtractRecord::Holder(line)));
                    }
                }
                None if query.since.is_some() => gone.push(*holder),
                None => {}
            }
        }
        for identifiers in self.nobodys(conn, &gone, at).await? {
            records.push((self.stored_place(&identifiers[0]), ExtractRecord::Removed(identifiers)));
        }
        records.sort_by_key(|(place, _)| *place);
        Ok(records.into_iter().map(|(_, record)| record).collect())
    }

    /// The numbers of holders that are gone, if they are nobody's now. Those of a holder that became part of another are the other's.
    async fn nobodys(&self, conn: &mut PgConnection, gone: &[Uuid], at: Timestamp) -> Result<Vec<Vec<Identifier>>, Fault> {
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = store::step_known::last_numbers(conn, gone, at).await?;
        let mut of_holders: HashMap<Uuid, Vec<Identifier>> = HashMap::new();
        for (holder, number) in numbers {
            of_holders.entry(holder).or_default().push(self.vault.open_number(&number)?);
        }
        Ok(of_holders
            .into_values()
            .map(|mut numbers| {
                numbers.sort_unstable();
                numbers.dedup();
                numbers
            })
            .collect())
    }
}

/// While nothing has changed since an extract was taken over, the register is known at the extract's moment too.
fn told(taken: Option<(Timestamp, Timestamp)>, at: Timestamp) -> Timestamp {
    taken.filter(|(_, taken_at)| *taken_at == at).map_or(at, |(as_known, _)| as_known)
}

/// The moment here that is meant by one which may be that of an extract taken over.
fn recorded(taken: Option<(Timestamp, Timestamp)>, at: Timestamp) -> Timestamp {
    taken.filter(|(as_known, _)| *as_known == at).map_or(at, |(_, taken_at)| taken_at)
}

/// The next holders of all, in the order of their places.
async fn everything(conn: &mut PgConnection, query: &ExtractQuery) -> Result<Page, Fault> {
    let after = query.after.as_deref().map(parse_cursor).transpose()?.unwrap_or(BEGINNING);
    let leaves = step::leaves_after(conn, after, i64::from(query.limit)).await?;
    let is_full = leaves.len() == usize::try_from(query.limit).unwrap_or(usize::MAX);
    let next = leaves.last().filter(|_| is_full).map(|(place, holder)| format!("{place:x}/{holder}"));
    Ok(Page { holders: leaves.into_iter().map(|(place, holder)| (Some(place), holder)).collect(), next })
}

/// The holders of the next changes.
async fn changes(conn: &mut PgConnection, since: Timestamp, at: Timestamp, query: &ExtractQuery) -> Result<Page, Fault> {
    let after = query.after.as_deref().map(parse_moment).transpose()?.unwrap_or(since);
    if after >= at {
        return Ok(Page { holders: Vec::new(), next: None });
    }
    // At most so many of each of three kinds of change; a call's changes are never parted.
    let until = step::boundary(conn, after, at, i64::from(query.limit) - 1).await?;
    let holders = step::changed(conn, after, until).await?;
    let holders = holders.into_iter().map(|holder| (None, holder)).collect();
    Ok(Page { holders, next: (until < at).then(|| until.as_microsecond().to_string()) })
}

fn parse_cursor(text: &str) -> Result<Cursor, Problem> {
    let (place, holder) = text.split_once('/').ok_or_else(no_cursor)?;
    let place = u64::from_str_radix(place, 16).map_err(|_| no_cursor())?;
    Ok((place.cast_signed(), holder.parse().map_err(|_| no_cursor())?))
}

fn parse_moment(text: &str) -> Result<Timestamp, Problem> {
    let microseconds = text.parse().map_err(|_| no_cursor())?;
    Timestamp::from_microsecond(microseconds).map_err(|_| no_cursor())
}

fn no_cursor() -> Problem {
    let (da, en) = ("Værdien er ikke fra en tidligere side.", "The value is not from an earlier page.");
    Problem::new(ProblemCode::InvalidInput, da, en).in_field("after")
}
