//! The payments the payers have ordered, and those they have recalled.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader};
use std::ops::Range;
use std::path::Path;

use jiff::civil::Date;

use super::controls::{Controls, DeliveryFault};
use super::judge::{Judge, Verdict};
use super::key::{Key, Letters};
use super::reports::{MessageRefusals, Refusal, Reports};
use super::{AuditInput, files_by_folder, name_of};
use crate::scan::{
    BlockHead, CreditTransfers, Group, NOT_PROVIDED, Recall, Recalls, Row, ScanError, is_recall, scan_pain001, scan_recall,
};

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
    /// What speaks against it as a whole.
    fault: DeliveryFault,
    /// Which of the orders are its.
    rows: Range<usize>,
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
    /// Agreement and reference of each payment that its payer asked to be stopped.
    pub(super) recalled: HashSet<Key>,
    pub(super) differences: Vec<String>,
}

/// Reads every delivered file. The same bytes delivered again by the same payer are one delivery.
pub(super) fn read(input: &AuditInput<'_>, reports: &Reports, refusals_judged: bool) -> io::Result<Orders> {
    let mut orders = Orders::default();
    for (agreement, files) in files_by_folder(input.input)? {
        let judge = Judge::new(input.world, &agreement, refusals_judged);
        let mut delivered = HashMap::new();
        for path in files {
            if delivered.insert(Key::of_file(&path)?, ()).is_some() {
                continue;
            }
            if is_recall(BufReader::new(File::open(&path)?)).map_err(io::Error::other)? {
                orders.read_recall(&path, &agreement, reports)?;
            } else {
                orders.read_file(&path, &agreement, judge, (input.today, reports))?;
            }
        }
        orders.mark_refused(&agreement, reports, judge.is_informed());
    }
    Ok(orders)
}

impl Orders {
    fn read_file(&mut self, path: &Path, agreement: &str, judge: Judge<'_>, day: (Date, &Reports)) -> io::Result<()> {
        let before = self.orders.len();
        let name = name_of(path);
        let label = format!("{agreement}/{name}");
        let mut reader = Reader {
            agreement,
            label: &label,
            judge,
            today: day.0,
            reports: day.1,
            file: u32::try_from(self.files.len()).map_err(io::Error::other)?,
            message_id: String::new(),
            controls: Controls::new(judge, day.0),
            block: BlockHead::default(),
            block_refused: false,
            row: 0,
            orders: &mut self.orders,
            differences: &mut self.differences,
        };
        let outcome = scan_pain001(BufReader::with_capacity(1 << 16, File::open(path)?), &mut reader);
        let (message_id, fault) = (reader.message_id, reader.controls.finish());
        let readable = match outcome {
            Ok(()) => true,
            Err(ScanError::Io(error)) => return Err(error),
            // What cannot be read orders nothing.
            Err(ScanError::NotXml) => {
                self.orders.truncate(before);
                false
            }
        };
        let (agreement, rows) = (agreement.to_owned(), before..self.orders.len());
        self.files.push(OrderFile { agreement, name, message_id, refused: false, readable, fault, rows });
        Ok(())
    }

    /// Reads a recall; each payment of it must have been answered.
    fn read_recall(&mut self, path: &Path, agreement: &str, reports: &Reports) -> io::Result<()> {
        let mut asked = AskedBack { agreement, id: String::new(), payments: Vec::new() };
        match scan_recall(BufReader::new(File::open(path)?), &mut asked) {
            Ok(()) => {}
            Err(ScanError::Io(error)) => return Err(error),
            // What cannot be read recalls nothing.
            Err(ScanError::NotXml) => return Ok(()),
        }
        let refused = reports.message(agreement, &asked.id).other;
        let unanswered = asked.payments.iter().filter(|payment| reports.recall(**payment).is_none()).count();
        if unanswered > 0 && !refused {
            let label = format!("{agreement}/{}", name_of(path));
            self.differences.push(format!("{label}: {unanswered} recalled payments were not answered"));
        }
        self.recalled.extend(asked.payments);
        Ok(())
    }

    /// Finds the files of a payer that were refused whole, and says where that, or the contrary, has no reason. `judged`: whether enough is
    /// known to say so.
    fn mark_refused(&mut self, agreement: &str, reports: &Reports, judged: bool) {
        let mut by_message: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, file) in self.files.iter().enumerate().filter(|(_, file)| file.agreement == agreement) {
            if file.readable {
                by_message.entry(file.message_id.clone()).or_default().push(place);
            } else if !reports.message(agreement, &file.message_id).other && !reports.refuses_some_delivery(agreement) {
                self.differences.push(format!("{} cannot be read and was not refused", file.label()));
            }
        }
        // A refusal that could not tell the message's id can mean no other file than the only one.
        let nameless = match by_message.len() {
            1 => reports.message(agreement, NOT_PROVIDED),
            _ => MessageRefusals::default(),
        };
        for (message_id, places) in by_message {
            let named = reports.message(agreement, &message_id);
            let refusals = MessageRefusals { same_id: named.same_id, other: named.other || nameless.other };
            self.mark_message(&places, refusals, judged);
        }
    }

    /// The readable files with one message id, in the order they came. The id belongs to the first that is not refused.
    fn mark_message(&mut self, places: &[usize], refusals: MessageRefusals, judged: bool) {
        let blamed = self.blamed(places, refusals);
        let mut is_taken = false;
        for &place in places {
            let has_used_id = refusals.same_id && (is_taken || places.len() == 1);
            let refused = blamed.contains(&place) || has_used_id;
            let file = &mut self.files[place];
            file.refused = refused;
            let is_justified = has_used_id && is_taken || file.fault.justifies_refusal();
            let objection = match (refused, file.fault.contradiction) {
                (true, _) => (judged && !is_justified).then_some("was refused though nothing is wrong with it"),
                (false, Some(contradiction)) => Some(contradiction),
                (false, None) => is_taken.then_some("uses a message id again"),
            };
            if let Some(objection) = objection {
                let taken = if refused { "" } else { " and was not refused" };
                self.differences.push(format!("{} {objection}{taken}", file.label()));
            }
            is_taken |= !refused;
        }
    }

    /// The files that a refusal other than for a used id means: those with a fault, or else the first. Where every row is refused for
    /// itself, the report says so of the whole as well, and the rows are judged one by one.
    fn blamed(&self, places: &[usize], refusals: MessageRefusals) -> HashSet<usize> {
        if !refusals.other {
            return HashSet::new();
        }
        let faulty: HashSet<usize> =
            places.iter().copied().filter(|&place| self.files[place].fault.justifies_refusal()).collect();
        let row_by_row = |place: &&usize| {
            let rows = &self.orders[self.files[**place].rows.clone()];
            !rows.is_empty() && rows.iter().all(|row| row.block_refused || row.refusal.is_some())
        };
        if faulty.is_empty() && !places.iter().any(|place| row_by_row(&place)) {
            return places.iter().copied().take(1).collect();
        }
        faulty
    }
}

/// The payments of a recall.
struct AskedBack<'r> {
    agreement: &'r str,
    id: String,
    payments: Vec<Key>,
}

impl Recalls for AskedBack<'_> {
    fn payment(&mut self, recall: &Recall) -> io::Result<()> {
        recall.id.clone_into(&mut self.id);
        self.payments.push(Key::of(&[self.agreement, &recall.reference]));
        Ok(())
    }
}

struct Reader<'r> {
    agreement: &'r str,
    /// The file's name for people.
    label: &'r str,
    judge: Judge<'r>,
    today: Date,
    reports: &'r Reports,
    file: u32,
    message_id: String,
    controls: Controls<'r>,
    block: BlockHead,
    block_refused: bool,
    row: u32,
    orders: &'r mut Vec<Order>,
    differences: &'r mut Vec<String>,
}

impl CreditTransfers for Reader<'_> {
    fn group(&mut self, group: &Group) -> io::Result<()> {
        group.message_id.clone_into(&mut self.message_id);
        self.controls.group(group, self.agreement);
        Ok(())
    }

    fn block(&mut self, block: &BlockHead) -> io::Result<()> {
        self.block = block.clone();
        self.block_refused = self.reports.refuses_block(self.agreement, &self.message_id, &block.id);
        let is_faulty = self.controls.block(block);
        if self.block_refused && !is_faulty && self.judge.is_informed() {
            self.differences.push(format!("{} has a block that was refused though nothing is wrong with it", self.label));
        }
        Ok(())
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        self.row += 1;
        self.controls.row(row);
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
        self.controls.block_end();
        Ok(())
    }
}
