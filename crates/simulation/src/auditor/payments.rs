//! The payments that were sent to the banks.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use primitives::Account;

use super::answers::Answers;
use super::judge::{AccountHash, Purse};
use super::key::{Key, Letters};
use super::{files_by_folder, name_of};
use crate::denmark::World;
use crate::scan::{AccountKey, BlockHead, CreditTransfers, Fine, Group, Row, ScanError, scan_pain001};

/// One payment sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payment {
    /// Agreement and reference.
    pub(super) key: Key,
    /// Hundred-thousandths.
    pub(super) steps: i64,
    pub(super) currency: Letters,
    /// The agreement number, as a number.
    pub(super) agreement: u32,
    pub(super) file: u32,
    pub(super) row: u32,
    pub(super) account: AccountHash,
    pub(super) purse: Purse,
    /// The bank refused it.
    pub(super) refused: bool,
    /// The money came back after the bank had executed it.
    pub(super) sent_back: bool,
}

/// All payments sent.
#[derive(Debug, Default)]
pub(super) struct Payments {
    pub(super) files: Vec<String>,
    pub(super) payments: Vec<Payment>,
    pub(super) differences: Vec<String>,
}

/// Reads every file to a bank.
pub(super) fn read(folder: &Path, world: Option<&World>, answers: Option<&Answers>) -> io::Result<Payments> {
    let mut payments = Payments::default();
    let purses = purses(world);
    for (bank, files) in files_by_folder(folder)? {
        for path in files {
            let label = format!("bank/{bank}/{}", name_of(&path));
            let file = u32::try_from(payments.files.len()).map_err(io::Error::other)?;
            let mut reader =
                Reader { answers, purses: &purses, file, row: 0, sum: 0, group: Group::default(), all: &mut payments };
            match scan_pain001(BufReader::with_capacity(1 << 16, File::open(&path)?), &mut reader) {
                Ok(()) => reader.compare(&label),
                Err(ScanError::Io(error)) => return Err(error),
                Err(ScanError::NotXml) => payments.differences.push(format!("{label} is not readable")),
            }
            payments.files.push(label);
        }
    }
    Ok(payments)
}

/// The accounts that are no payee's.
fn purses(world: Option<&World>) -> HashMap<AccountHash, Purse> {
    let Some(world) = world else { return HashMap::new() };
    let errors = (0..world.authorities()).filter_map(|authority| Some((world.error_account(authority)?, Purse::ErrorAccount)));
    let state = [(world.recovery_account(), Purse::Recovery), (world.holding_account(), Purse::Holding)];
    let key = |account: &Account| AccountHash::of(&AccountKey::of_account(account));
    state.into_iter().chain(errors).map(|(account, purse)| (key(&account), purse)).collect()
}

struct Reader<'r> {
    answers: Option<&'r Answers>,
    purses: &'r HashMap<AccountHash, Purse>,
    file: u32,
    row: u32,
    sum: i128,
    group: Group,
    all: &'r mut Payments,
}

impl Reader<'_> {
    /// The file's own count and sum must be those of its rows.
    fn compare(self, label: &str) {
        if self.group.payments.is_some_and(|payments| payments != u64::from(self.row)) {
            self.all.differences.push(format!("{label} declares another number of payments than it has"));
        }
        if self.group.sum.is_some_and(|sum| i128::from(sum.steps()) != self.sum) {
            self.all.differences.push(format!("{label} declares another control sum than its rows have"));
        }
    }
}

impl CreditTransfers for Reader<'_> {
    fn group(&mut self, group: &Group) -> io::Result<()> {
        self.group = group.clone();
        Ok(())
    }

    fn block(&mut self, _: &BlockHead) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        self.row += 1;
        let agreement = row.instruction.get(..8).unwrap_or_default();
        let account = row.account.key().as_ref().map(AccountHash::of).unwrap_or_default();
        let steps = row.amount.map_or(0, Fine::steps);
        self.sum += i128::from(steps);
        self.all.payments.push(Payment {
            key: Key::of(&[agreement, &row.reference]),
            steps,
            currency: Letters::of(&row.currency),
            agreement: agreement.parse().unwrap_or(0),
            file: self.file,
            row: self.row,
            account,
            purse: self.purses.get(&account).copied().unwrap_or(Purse::Accounts),
            refused: self.answers.is_some_and(|answers| answers.refuses(&self.group.message_id, &row.instruction)),
            sent_back: self.answers.is_some_and(|answers| answers.sends_back(&row.instruction)),
        });
        Ok(())
    }

    fn block_end(&mut self) -> io::Result<()> {
        Ok(())
    }
}
