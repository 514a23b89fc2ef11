//! The payments the payers have ordered.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use jiff::civil::Date;

use super::judge::{Judge, Verdict};
use super::key::{Key, Letters};
use super::reports::{Refusal, Reports};
use super::{AuditInput, files_by_folder, name_of};
use crate::scan::{BlockHead, CreditTransfers, Group, Row, ScanError, scan_pain001};

/// One ordered payment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// Agreement and reference.
    pub(super) key: Key,
    /// Hundred-thousandths.
    pub(super) steps: i64,
    pub(super) currency: Letters,
    pub(super) file: u32,
    pub(super) row: u32,
    pub(super) verdict: Verdict,
    pub(super) waits: bool,
    /// The payment itself, by a report.
    pub(super) refusal: Option<Refusal>,
    /// Its block, by a report.
    pub(super) block_refused: bool,
}

/// One delivered file.
#[derive(Clone, Debug)]
pub(super) struct OrderFile {
    pub(super) agreement: String,
    pub(super) name: String,
    pub(super) message_id: String,
    /// The whole delivery was refused.
    pub(super) refused: bool,
    readable: bool,
}

impl OrderFile {
    /// The file's name for people.
    pub(super) fn label(&self) -> String {
        format!("{}/{}", self.agreement, self.name)
    }
}

/// All ordered payments.
#[derive(Debug, Default)]
pub(super) struct Orders {
    pub(super) files: Vec<OrderFile>,
    pub(super) orders: Vec<Order>,
    pub(super) differences: Vec<String>,
}

/// Reads every delivered file. The same bytes delivered again by the same payer are one delivery.
pub(super) fn read(input: &AuditInput<'_>, reports: &Reports) -> io::Result<Orders> {
    let mut orders = Orders::default();
    for (agreement, files) in files_by_folder(input.input)? {
        let judge = Judge::new(input.world, &agreement);
        let mut delivered = HashMap::new();
        for path in files {
            if delivered.insert(Key::of_file(&path)?, ()).is_none() {
                orders.read_file(&path, &agreement, judge, (input.today, reports))?;
            }
        }
        orders.mark_refused(&agreement, reports);
    }
    Ok(orders)
}

impl Orders {
    fn read_file(&mut self, path: &Path, agreement: &str, judge: Judge<'_>, day: (Date, &Reports)) -> io::Result<()> {
        let before = self.orders.len();
        let mut reader = Reader {
            agreement,
            judge,
            today: day.0,
            reports: day.1,
            file: u32::try_from(self.files.len()).map_err(io::Error::other)?,
            message_id: String::new(),
            block: BlockHead::default(),
            block_refused: false,
            row: 0,
            orders: &mut self.orders,
        };
        let outcome = scan_pain001(BufReader::with_capacity(1 << 16, File::open(path)?), &mut reader);
        let message_id = reader.message_id;
        let readable = match outcome {
            Ok(()) => true,
            Err(ScanError::Io(error)) => return Err(error),
            // What cannot be read orders nothing.
            Err(ScanError::NotXml) => {
                self.orders.truncate(before);
                false
            }
        };
        let (agreement, name) = (agreement.to_owned(), name_of(path));
        self.files.push(OrderFile { agreement, name, message_id, refused: false, readable });
        Ok(())
    }

    /// Finds the files that were refused whole. A message id used again with other content means the later file.
    fn mark_refused(&mut self, agreement: &str, reports: &Reports) {
        let mut used: HashMap<String, ()> = HashMap::new();
        for file in self.files.iter_mut().filter(|file| file.agreement == agreement) {
            let refusals = reports.message(agreement, &file.message_id);
            if file.readable {
                let again = used.insert(file.message_id.clone(), ()).is_some();
                file.refused = if again { refusals.same_id || refusals.other } else { refusals.other };
            } else if !refusals.other && !reports.refuses_some_delivery(agreement) {
                self.differences.push(format!("{} cannot be read and was not refused", file.label()));
            }
        }
    }
}

struct Reader<'r> {
    agreement: &'r str,
    judge: Judge<'r>,
    today: Date,
    reports: &'r Reports,
    file: u32,
    message_id: String,
    block: BlockHead,
    block_refused: bool,
    row: u32,
    orders: &'r mut Vec<Order>,
}

impl CreditTransfers for Reader<'_> {
    fn group(&mut self, group: &Group) -> io::Result<()> {
        group.message_id.clone_into(&mut self.message_id);
        Ok(())
    }

    fn block(&mut self, block: &BlockHead) -> io::Result<()> {
        self.block = block.clone();
        self.block_refused = self.reports.refuses_block(self.agreement, &self.message_id, &block.id);
        Ok(())
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        self.row += 1;
        self.orders.push(Order {
            key: Key::of(&[self.agreement, &row.reference]),
            steps: row.amount.map_or(0, crate::scan::Fine::steps),
            currency: Letters::of(&row.currency),
            file: self.file,
            row: self.row,
            verdict: self.judge.verdict(row, self.block.benefit.as_deref()),
            waits: self.block.date.is_some_and(|date| date > self.today),
            refusal: self.reports.payment(self.agreement, &self.message_id, &row.reference),
            block_refused: self.block_refused,
        });
        Ok(())
    }

    fn block_end(&mut self) -> io::Result<()> {
        Ok(())
    }
}
