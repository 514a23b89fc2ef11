//! Bank mergers and branch switches: a registration number becomes another from a day on, and the accounts move along without letters, notices or
//! news to others. Nobody has designated anything: it is the same account under another number.

use contracts::register::BranchMove;
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{Account, DanishAccount, EntryRef, HolderRef};
use serde_json::Value;
use sqlx::PgConnection;

use crate::House;
use crate::changes::{self, Change, content};
use crate::day::check_day;
use crate::designate::REASON_LIMIT;
use crate::dossier::{Dossier, EntryChanges};
use crate::entry::{Entry, Stamp, State};
use crate::fault::{Fault, check_size, check_text};
use crate::keyed::{KeyedCall, Opened};
use crate::rights::check_source;
use crate::store::branch::{self, Move, Moves};
use crate::store::{self, head, projection};
use crate::vault::Vault;

/// Who moves accounts: a label.
const BY: &str = "register:branch-move";

impl House {
    pub(crate) async fn take_branch_moves(
        &self, context: &Context, key: &IdempotencyKey, moves: Vec<BranchMove>,
    ) -> Result<Vec<ItemResult<Date>>, Problem> {
        check_size(moves.len())?;
        check_source(context)?;
        let call = KeyedCall::new(self, context, "move-branches", key, &moves)?;
        let by = context.actor.label();
        let answer = self.database.transaction("register.move_branches", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let mut taken = Vec::with_capacity(moves.len());
            let mut changes = Vec::new();
            for wanted in &moves {
                taken.push(match check(wanted) {
                    Ok(()) => {
                        let stamp = Stamp { at, by: by.clone(), reason: self.vault.seal_reason(&wanted.reason) };
                        if branch::insert(&mut tx, wanted, &stamp).await? {
                            let change = Change::new(format!("branch:{}", wanted.from), Value::Null, content(wanted)?);
                            changes.push(change.by(&by, &wanted.reason));
                            Ok(wanted.on)
                        } else {
                            Err(moved_before())
                        }
                    }
                    Err(problem) => Err(problem),
                });
            }
            self.log_changes(&mut tx, context, "move-branches", at, changes).await?;
            call.close(&mut tx, taken).await
        });
        Ok(answer.await?)
    }

    /// Moves the accounts of at most `limit` holders to where their branches have moved, by all moves that are under way; answers how many holders it
    /// looked at. A second call at the same time does nothing.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn move_accounts(&self, limit: u32) -> Result<u64, Problem> {
        let moving = self.database.transaction("register.move_accounts", async |mut tx| {
            let Some(pass) = branch::under_way(&mut tx).await? else { return Ok::<_, Fault>(0) };
            let holders = branch::holders_after(&mut tx, pass.reached, i64::from(limit)).await?;
            let found = store::dossier::load(&mut tx, holders.iter().copied().map(HolderRef)).await?;
            let affected = self.affected(&pass.moves, found.into_values())?;
            // Writers are kept waiting only where something moves.
            if !affected.is_empty() {
                let at = head::advance(&mut tx, self.clock.now()).await?;
                self.move_holders(&mut tx, &pass.moves, affected, at).await?;
            }
            branch::reach(&mut tx, &pass, holders.last().copied()).await?;
            Ok(holders.len().max(1) as u64)
        });
        Ok(moving.await?)
    }

    /// The holders with accounts that move.
    fn affected(&self, moves: &Moves, dossiers: impl Iterator<Item = Dossier>) -> Result<Vec<HolderRef>, Fault> {
        let mut affected = Vec::new();
        for dossier in dossiers {
            if !ways(&self.vault, moves, &dossier)?.is_empty() {
                affected.push(dossier.holder);
            }
        }
        Ok(affected)
    }

    /// What was found may have changed until this was the only writer: it is read again.
    async fn move_holders(
        &self, conn: &mut PgConnection, moves: &Moves, holders: Vec<HolderRef>, at: Timestamp,
    ) -> Result<(), Fault> {
        let mut dossiers = store::dossier::load(conn, holders).await?;
        let mut changes = EntryChanges::default();
        follow_all(conn, (&self.vault, moves), dossiers.values_mut(), (at, BY), &mut changes).await?;
        store::entry::write(conn, &changes, at).await?;
        projection::clear(conn, dossiers.values().flat_map(|dossier| &dossier.numbers)).await?;
        projection::write(conn, &dossiers.values().collect::<Vec<_>>()).await?;
        let told = changes::of_entries(&self.vault, &changes, &[], at)?;
        self.log_changes(conn, &changes::ourselves("branches that have moved")?, "move-accounts", at, told).await
    }
}

/// An account that moves, once or more: on the day of each move it becomes another, sealed.
struct Way<'m> {
    entry: EntryRef,
    steps: Vec<(&'m Move, Vec<u8>)>,
}

/// Moves the accounts of a dossier to where branches have moved or will.
pub(crate) async fn follow_known(
    conn: &mut PgConnection, vault: &Vault, dossier: &mut Dossier, stamp: (Timestamp, &str), changes: &mut EntryChanges,
) -> Result<(), Fault> {
    let moves = branch::all(conn).await?;
    follow_all(conn, (vault, &moves), std::iter::once(dossier), stamp, changes).await
}

/// Moves the accounts of dossiers by these moves. The reason is that of the move.
pub(crate) async fn follow_all<'d>(
    conn: &mut PgConnection, (vault, moves): (&Vault, &Moves), dossiers: impl Iterator<Item = &'d mut Dossier>,
    (at, by): (Timestamp, &str), changes: &mut EntryChanges,
) -> Result<(), Fault> {
    let mut moving = Vec::new();
    for dossier in dossiers {
        let ways = ways(vault, moves, dossier)?;
        moving.push((dossier, ways));
    }
    let steps: usize = moving.iter().flat_map(|(_, ways)| ways).map(|way| way.steps.len()).sum();
    if steps == 0 {
        return Ok(());
    }
    let mut numbers = head::take_entries(conn, steps).await?;
    for (dossier, ways) in moving {
        for Way { mut entry, steps } in ways {
            for (wanted, account) in steps {
                let number = numbers.next().ok_or(Fault::Corrupt("entry numbers"))?;
                let stamp = Stamp { at, by: by.to_owned(), reason: wanted.reason.clone() };
                entry = dossier.move_account(entry, account, (wanted.on, number), &stamp, changes);
            }
        }
    }
    Ok(())
}

/// The accounts in force, or to come, whose branch moves.
fn ways<'m>(vault: &Vault, moves: &'m Moves, dossier: &Dossier) -> Result<Vec<Way<'m>>, Fault> {
    let mut ways = Vec::new();
    for entry in dossier.entries.iter().filter(|entry| entry.state == State::Active) {
        let steps = steps(vault, moves, entry)?;
        if !steps.is_empty() {
            ways.push(Way { entry: entry.entry, steps });
        }
    }
    Ok(ways)
}

/// An account is opened once, however many moves there are; what has moved somewhere moves on with a later move from there.
fn steps<'m>(vault: &Vault, moves: &'m Moves, entry: &Entry) -> Result<Vec<(&'m Move, Vec<u8>)>, Fault> {
    let mut steps: Vec<(&Move, Vec<u8>)> = Vec::new();
    if moves.is_empty() {
        return Ok(steps);
    }
    let Account::Danish(mut account) = vault.open_account(&entry.account)? else { return Ok(steps) };
    while let Some(next) = moves.get(account.registration()) {
        let is_later = steps.last().is_none_or(|(last, _)| (last.on, &last.from) < (next.on, &next.from));
        if !is_later || entry.valid.is_over(next.on) {
            break;
        }
        account = DanishAccount::new(&next.into, account.number()).map_err(|_| Fault::Corrupt("registration number"))?;
        steps.push((next, vault.seal_account(&Account::Danish(account))));
    }
    Ok(steps)
}

fn check(wanted: &BranchMove) -> Result<(), Problem> {
    check_text(&wanted.reason, REASON_LIMIT, "reason")?;
    check_day(wanted.on, "on")?;
    let is_registration = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_registration(&wanted.from) && is_registration(&wanted.into) && wanted.from != wanted.into {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::InvalidInput,
        "Registreringsnumrene skal være to forskellige på 4 cifre.",
        "The registration numbers must be two different ones of 4 digits.",
    )
    .in_field("from"))
}

fn moved_before() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Registreringsnummeret er allerede flyttet.",
        "The registration number has been moved already.",
    )
    .in_field("from")
}
