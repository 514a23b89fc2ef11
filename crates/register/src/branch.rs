//! Bank mergers and branch switches: a registration number becomes another from a day on, and the accounts move along without letters, notices or
//! news to others. Nobody has designated anything: it is the same account under another number.

use contracts::register::BranchMove;
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{Account, DanishAccount, EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::day::check_day;
use crate::designate::REASON_LIMIT;
use crate::dossier::{Dossier, EntryChanges};
use crate::entry::{Stamp, State};
use crate::fault::{Fault, check_size, check_text};
use crate::keyed::{KeyedCall, Opened};
use crate::rights::check_source;
use crate::store::branch::{self, Move};
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
            for wanted in &moves {
                taken.push(match check(wanted) {
                    Ok(()) => {
                        let stamp = Stamp { at, by: by.clone(), reason: self.vault.seal_reason(&wanted.reason) };
                        if branch::insert(&mut tx, wanted, &stamp).await? { Ok(wanted.on) } else { Err(moved_before()) }
                    }
                    Err(problem) => Err(problem),
                });
            }
            call.close(&mut tx, taken).await
        });
        Ok(answer.await?)
    }

    /// Moves the accounts of at most `limit` holders to where their branches have moved; answers how many holders it looked at.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn move_accounts(&self, limit: u32) -> Result<u64, Problem> {
        let moving = self.database.transaction("register.move_accounts", async |mut tx| {
            if branch::unfinished(&mut tx).await?.is_none() {
                return Ok::<_, Fault>(0);
            }
            let at = head::advance(&mut tx, self.clock.now()).await?;
            let Some(wanted) = branch::unfinished(&mut tx).await? else { return Ok(0) };
            let holders = branch::holders_after(&mut tx, wanted.reached, i64::from(limit)).await?;
            self.move_holders(&mut tx, &wanted, &holders, at).await?;
            branch::reach(&mut tx, &wanted, holders.last().copied()).await?;
            Ok(holders.len().max(1) as u64)
        });
        Ok(moving.await?)
    }

    async fn move_holders(&self, conn: &mut PgConnection, wanted: &Move, holders: &[Uuid], at: Timestamp) -> Result<(), Fault> {
        let moves = std::slice::from_ref(wanted);
        let mut changed = Vec::new();
        for dossier in store::dossier::load(conn, holders.iter().copied().map(HolderRef)).await?.into_values() {
            if has_moved(&self.vault, moves, &dossier)? {
                changed.push(dossier);
            }
        }
        let stamp = Stamp { at, by: BY.to_owned(), reason: wanted.reason.clone() };
        let mut changes = EntryChanges::default();
        follow_all(conn, (&self.vault, moves), changed.iter_mut(), &stamp, &mut changes).await?;
        store::entry::write(conn, &changes, at).await?;
        projection::clear(conn, changed.iter().flat_map(|dossier| &dossier.numbers)).await?;
        Ok(projection::write(conn, &changed.iter().collect::<Vec<_>>()).await?)
    }
}

/// Moves the accounts of dossiers to where their branches have moved.
pub(crate) async fn follow_all<'d>(
    conn: &mut PgConnection, (vault, moves): (&Vault, &[Move]), dossiers: impl Iterator<Item = &'d mut Dossier>, stamp: &Stamp,
    changes: &mut EntryChanges,
) -> Result<(), Fault> {
    for dossier in dossiers {
        for wanted in moves {
            let parts = parts_of(vault, wanted, dossier)?;
            let numbers = head::take_entries(conn, parts.len()).await?;
            for ((entry, account), number) in parts.into_iter().zip(numbers) {
                dossier.move_account(entry, account, (wanted.on, number), stamp, changes);
            }
        }
    }
    Ok(())
}

fn has_moved(vault: &Vault, moves: &[Move], dossier: &Dossier) -> Result<bool, Fault> {
    for wanted in moves {
        if !parts_of(vault, wanted, dossier)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The entries in force on or after the day whose branch moves, with their new sealed accounts.
fn parts_of(vault: &Vault, wanted: &Move, dossier: &Dossier) -> Result<Vec<(EntryRef, Vec<u8>)>, Fault> {
    let mut parts = Vec::new();
    let open = dossier.entries.iter().filter(|entry| entry.state == State::Active && !entry.valid.is_over(wanted.on));
    for entry in open {
        if let Some(account) = moved_account(&vault.open_account(&entry.account)?, wanted)? {
            parts.push((entry.entry, vault.seal_account(&account)));
        }
    }
    Ok(parts)
}

fn moved_account(account: &Account, wanted: &Move) -> Result<Option<Account>, Fault> {
    let Account::Danish(danish) = account else { return Ok(None) };
    if danish.registration() != wanted.from {
        return Ok(None);
    }
    let moved = DanishAccount::new(&wanted.into, danish.number()).map_err(|_| Fault::Corrupt("registration number"))?;
    Ok(Some(Account::Danish(moved)))
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
