//! The thread that reads a message: bytes in, judged and sealed rows out.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use iso20022::{
    BlockTotals, Event, GroupHeader, Limits, Outcome, Pain001Reader, PaymentInformation, PaymentRow, ReasonCode, Rules, Totals,
    recognise,
};
use jiff::civil::Date;
use primitives::{ShiftRule, Text};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::block::{self, TakenBlock};
use super::fault::{Fault, Place};
use super::initiator::find_payer;
use super::left_out::{self, Notes};
use super::payer::Payer;
use super::recalled;
use super::routing;
use super::row;
use super::slice_rows::{NewRow, SliceRows};
use super::step::{Done, Portion, Step, Verdict};
use super::tally::Tally;
use crate::chunks::{ChunkReader, PIECE_BYTES};
use crate::delivery::RowReference;
use crate::due_date::due_date;
use crate::error::Error;
use crate::house::House;
use crate::recall::is_recall;
use crate::store::delivery::ClaimedReading;
use crate::store::receive::Header;
use crate::vault::Vault;

const INITIATOR: &str = "/Document/CstmrCdtTrfInitn/GrpHdr/InitgPty";
const MESSAGE_ID: &str = "/Document/CstmrCdtTrfInitn/GrpHdr/MsgId";

/// A file may name many days, in any order. Beyond this many full slices' worth of payments in all its open slices the fullest is closed, so
/// that memory stays bounded.
const OPEN_SLICES: usize = 8;

/// The most sealed bytes of one open slice, and of all of them, for the same reason: a payment may be as long as a message's element.
const SLICE_BYTES: usize = 64 << 20;
const OPEN_BYTES: usize = 4 * SLICE_BYTES;

/// Faults gathered before they are sent on without waiting for a full slice.
const FAULTS_AT_ONCE: usize = 5_000;

/// The most faults of the delivery as a whole that are kept; the last one says that there are more.
const MOST_WHOLE_FAULTS: usize = 1_000;

/// Blocks gathered before they are sent on, in bytes.
const BLOCK_BYTES_AT_ONCE: usize = 1024 * 1024;

/// The fewest bytes a payment takes in a message: an amount, a reference and a payee.
const SHORTEST_PAYMENT: u64 = 200;

/// The most days on which payments of one delivery fall: those of the furthest setting.
const MOST_DAYS: u64 = 366;

/// The most slices a delivery of this many bytes becomes: of the open ones the fullest is closed, which holds at least its share of all.
pub(super) fn most_slices(bytes: u64, slice_payments: usize) -> i64 {
    let open = u64::try_from(OPEN_SLICES.saturating_mul(slice_payments)).unwrap_or(u64::MAX);
    let by_rows = (bytes / SHORTEST_PAYMENT) / (open / MOST_DAYS).max(1);
    let by_bytes = bytes / (OPEN_BYTES as u64 / MOST_DAYS);
    i64::try_from(by_rows.saturating_add(by_bytes).saturating_add(MOST_DAYS)).unwrap_or(i64::MAX)
}

/// Whether to read on.
type Flow = ControlFlow<()>;

/// Reads the message whose stored pieces arrive at `pieces`, and sends what it finds until the end, or until nobody listens. A recall is
/// recognised by its beginning; everything else is read as an order, and refused if it is none.
pub(super) fn read(
    house: &House, claimed: &ClaimedReading, mut pieces: mpsc::Receiver<Result<Vec<u8>, Error>>, steps: mpsc::Sender<Step>,
    runtime: Handle,
) -> Result<(), Error> {
    let vault = house.vault.clone();
    let mut input = ChunkReader::new(vault.clone(), || pieces.blocking_recv());
    let mut beginning = Vec::with_capacity(PIECE_BYTES);
    input.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut beginning)?;
    let message = recognise(beginning.as_slice(), Limits::default())?;
    let input = Cursor::new(beginning).chain(input);
    if let Some(message) = message.filter(|message| is_recall(*message)) {
        return recalled::read(house, claimed, message, input, &steps, &runtime);
    }
    let mut reader = Pain001Reader::with_rules(input, Limits::default(), rules(house));
    let mut reading = Reading {
        house,
        claimed,
        vault,
        steps,
        runtime,
        header: Header::default(),
        payer: None,
        block: None,
        tally: Tally::default(),
        whole: Vec::new(),
        portion: Portion::default(),
        open: Vec::new(),
        open_rows: 0,
        open_bytes: 0,
        left_out: Notes::default(),
        address: String::new(),
    };
    while reading.take(reader.next_event()?)?.is_continue() {}
    Ok(())
}

/// How many UETRs and InstrIds of a file are remembered to find one used twice (DU03, DU05): some 20 megabytes. No public source: chosen by
/// us; EndToEndIds are found by the database, whatever their number.
const REMEMBERED_REFERENCES: usize = 400_000;

/// What the reader asks of an order beyond its schema.
fn rules(house: &House) -> Rules {
    Rules {
        received: Some(house.clock.today()),
        horizon: house.settings.horizon(),
        largest_amount: row::LARGEST_MINOR,
        remembered_payments: REMEMBERED_REFERENCES,
        remembers_end_to_end: false,
        ..Rules::default()
    }
}

struct Reading<'h> {
    house: &'h House,
    claimed: &'h ClaimedReading,
    vault: Vault,
    steps: mpsc::Sender<Step>,
    runtime: Handle,
    header: Header,
    payer: Option<Payer>,
    block: Option<OpenBlock>,
    tally: Tally,
    /// Faults of the delivery as a whole.
    whole: Vec<Fault>,
    /// Blocks and faults that wait to be sent.
    portion: Portion,
    /// Slices under way, one per day.
    open: Vec<SliceRows>,
    /// The payments in all of them, and their sealed bytes.
    open_rows: usize,
    open_bytes: usize,
    /// What of the payments taken does not pass on to the bank.
    left_out: Notes,
    /// The creditor's address while a row is taken up; kept for its memory.
    address: String,
}

/// The block whose rows are being read.
struct OpenBlock {
    block: TakenBlock,
    /// Its due date by shift rule: previous, next.
    due: [Date; 2],
}

impl Reading<'_> {
    fn take(&mut self, event: Event<'_>) -> Result<Flow, Error> {
        match event {
            Event::GroupHeader(header) => self.open(header),
            Event::PaymentInformation(block) => Ok(self.begin_block(block)),
            Event::Payment(row) => Ok(self.row(&row)),
            Event::PaymentInformationEnd(totals) => Ok(self.end_block(totals)),
            Event::Finding(finding) => {
                self.note(Fault::of_finding(finding));
                Ok(Flow::Continue(()))
            }
            Event::End(totals) => Ok(self.end(totals)),
        }
    }

    /// Sends a step; nobody listens any more when the delivery is settled or the work was given up.
    fn send(&self, step: Step) -> Flow {
        match self.steps.blocking_send(step) {
            Ok(()) => Flow::Continue(()),
            Err(_) => Flow::Break(()),
        }
    }

    /// The delivery is refused whole.
    fn refuse(&mut self, answer: i16, faults: Vec<Fault>) -> Flow {
        let header = Header { payments: 0, rejected: 0, ..self.header.clone() };
        let _ = self.send(Step::Done(Done { header, verdict: Verdict::Refused { answer, faults } }));
        Flow::Break(())
    }

    fn open(&mut self, header: &GroupHeader) -> Result<Flow, Error> {
        self.header = Header {
            message_name: Some(header.message.name()),
            message_id: Some(self.vault.seal_message_id(&header.message_id)),
            created: Some(header.created.clone()),
            ..Header::default()
        };
        if !header.findings.is_empty() {
            return Ok(self.refuse(1, header.findings.iter().map(Fault::of_finding).collect()));
        }
        let initiator = (header.initiator_line, INITIATOR);
        let payer = match self.runtime.block_on(find_payer(self.house, &self.claimed.supplier, &header.initiator, initiator))? {
            Ok(payer) => payer,
            Err(fault) => return Ok(self.refuse(1, vec![fault])),
        };
        self.header.payer = Some(payer.agreement);
        let agreement = payer.agreement;
        let claim = self.vault.delivery_claim(agreement, &self.claimed.supplier, &header.message_id);
        self.payer = Some(payer);
        let message_id = Place { line: header.message_id_line, path: MESSAGE_ID.to_owned(), ..Place::default() };
        let routed =
            self.runtime.block_on(routing::paid_elsewhere(self.house, agreement, self.claimed.received_on, initiator))?;
        Ok(self.send(Step::Opened { header: self.header.clone(), claim, message_id, paid_elsewhere: routed }))
    }

    fn begin_block(&mut self, block: &PaymentInformation) -> Flow {
        let Some(payer) = self.payer.as_ref().filter(|_| !self.is_refused()) else {
            return Flow::Continue(());
        };
        match block::judge(block, payer) {
            Ok(taken) => {
                taken.encode(self.claimed.delivery, &self.vault, &mut self.portion.blocks);
                self.left_out.take(block.left_out, block.line);
                let due = |shift| due_date(taken.requested, payer.date_terms(&taken.bank, shift), payer.today);
                let due = [due(ShiftRule::Previous), due(ShiftRule::Next)];
                self.block = Some(OpenBlock { block: taken, due });
            }
            Err(mut faults) => {
                let reference = RowReference { end_to_end_id: block.id.clone(), ..RowReference::default() };
                let reference = self.vault.seal_row_reference(&reference.encode());
                for fault in &mut faults {
                    fault.reference = Some(reference.clone());
                }
                self.portion.faults.append(&mut faults);
                self.block = None;
            }
        }
        self.send_on_if_much()
    }

    fn row(&mut self, row: &PaymentRow<'_>) -> Flow {
        let (Some(payer), Some(open)) = (&self.payer, self.block.as_ref().filter(|_| self.whole.is_empty())) else {
            return self.count(row, false);
        };
        match row::judge(row, payer, &open.block) {
            Ok(good) => {
                let due = open.due[usize::from(good.shift == ShiftRule::Next)];
                self.left_out.take(row.left_out, row.line);
                if self.count(row, true).is_break() {
                    return Flow::Break(());
                }
                self.take_up(row, good, due)
            }
            Err(mut faults) => {
                let reference = self.vault.seal_row_reference(&row::reference(row).encode());
                for fault in &mut faults {
                    fault.reference = Some(reference.clone());
                }
                self.portion.faults.append(&mut faults);
                if self.count(row, false).is_break() {
                    return Flow::Break(());
                }
                self.send_on_if_much()
            }
        }
    }

    /// Counts a row; sums beyond 64 bits are no payer's files, and speak at the row that is one too many.
    fn count(&mut self, row: &PaymentRow<'_>, taken: bool) -> Flow {
        if self.tally.count(row.amount, taken).is_some() {
            return Flow::Continue(());
        }
        let text = Text::new("Leverancens samlede beløb er for stort.", "The delivery's total amount is too large.");
        let place = row::fault_place(row::place(row), "Amt");
        self.refuse(1, vec![Fault::of_delivery(place.line, &place.path, ReasonCode::AM02, text)])
    }

    fn take_up(&mut self, row: &PaymentRow<'_>, good: row::GoodRow<'_>, due: Date) -> Flow {
        let (Some(payer), Some(open)) = (&self.payer, &self.block) else {
            return Flow::Continue(());
        };
        self.address.clear();
        for line in row.address_lines() {
            if !self.address.is_empty() {
                self.address.push('\n');
            }
            // A line end within a line of the file is a blank; here it ends the line.
            self.address.extend(line.chars().map(|character| if character == '\n' { ' ' } else { character }));
        }
        let reference = self.vault.payment_reference(payer.agreement.digits(), self.claimed.supplier.as_str(), row.end_to_end_id);
        let new = NewRow {
            place: row::place(row),
            reference,
            amount: good.amount,
            payee: good.payee,
            fallback: good.fallback,
            benefit: row.benefit.as_ref().or(open.block.benefit.as_ref()),
            account: row.account,
            exempt: payer.exempt,
            carry: row::carry(row, &self.address),
        };
        let limit = self.house.settings.slice_payments;
        let place = self.open.iter().position(|slice| slice.due == due).unwrap_or_else(|| {
            self.open.push(SliceRows::new(due, 0));
            self.open.len() - 1
        });
        let before = self.open[place].bytes_held();
        self.open[place].push(&self.vault, &new);
        if self.open[place].len() >= limit || self.open[place].bytes_held() >= SLICE_BYTES {
            return self.close_slice(place);
        }
        self.open_rows += 1;
        self.open_bytes += self.open[place].bytes_held() - before;
        if self.open_rows >= OPEN_SLICES * limit {
            return self.close_fullest(SliceRows::len);
        }
        if self.open_bytes >= OPEN_BYTES {
            return self.close_fullest(SliceRows::bytes_held);
        }
        Flow::Continue(())
    }

    fn close_fullest<K: Ord>(&mut self, how_full: impl Fn(&SliceRows) -> K) -> Flow {
        let fullest = (0..self.open.len()).max_by_key(|place| how_full(&self.open[*place]));
        fullest.map_or(Flow::Continue(()), |fullest| self.close_slice(fullest))
    }

    fn close_slice(&mut self, place: usize) -> Flow {
        let slice = self.open.swap_remove(place);
        self.open_rows = self.open.iter().map(SliceRows::len).sum();
        self.open_bytes = self.open.iter().map(SliceRows::bytes_held).sum();
        let portion = Portion { slice: Some(slice), ..std::mem::take(&mut self.portion) };
        self.send(Step::Portion(portion))
    }

    fn send_on_if_much(&mut self) -> Flow {
        let Portion { blocks, faults, .. } = &self.portion;
        if faults.len() < FAULTS_AT_ONCE && blocks.len() < BLOCK_BYTES_AT_ONCE {
            return Flow::Continue(());
        }
        let portion = std::mem::take(&mut self.portion);
        self.send(Step::Portion(portion))
    }

    /// Keeps a fault of the delivery as a whole, which is refused for it: from here on nothing of it is stored.
    fn note(&mut self, fault: Fault) {
        if self.whole.len() + 1 < MOST_WHOLE_FAULTS {
            self.whole.push(fault);
        } else if self.whole.len() + 1 == MOST_WHOLE_FAULTS {
            let text = Text::new("Der er flere fejl end vist her.", "There are more faults than are shown here.");
            self.whole.push(Fault { text, ..fault });
        }
        self.portion = Portion::default();
        self.open.clear();
        (self.open_rows, self.open_bytes) = (0, 0);
    }

    fn is_refused(&self) -> bool {
        !self.whole.is_empty()
    }

    /// A block whose control totals do not hold speaks against the whole file: nobody can say which row is missing or changed.
    fn end_block(&mut self, totals: &BlockTotals) -> Flow {
        self.block = None;
        for finding in &totals.findings {
            let mut fault = Fault::of_finding(finding);
            fault.place.block = i32::try_from(totals.position).ok();
            fault.level = iso20022::Level::Group;
            self.note(fault);
        }
        Flow::Continue(())
    }

    fn end(&mut self, totals: &Totals) -> Flow {
        self.header.message_name = self.header.message_name.or(totals.message.map(|message| message.name()));
        for finding in &totals.findings {
            self.note(Fault::of_finding(finding));
        }
        let whole = std::mem::take(&mut self.whole);
        match totals.outcome {
            Outcome::Unreadable => return self.refuse(0, whole),
            Outcome::Readable if whole.is_empty() => {}
            Outcome::Readable | Outcome::Invalid => return self.refuse(1, whole),
        }
        while !self.open.is_empty() {
            if self.close_slice(0).is_break() {
                return Flow::Break(());
            }
        }
        self.left_out.take(totals.left_out, totals.lines);
        self.portion.faults.extend(self.left_out.told().chain(left_out::uncompared(totals.uncompared_references)));
        let portion = std::mem::take(&mut self.portion);
        if self.send(Step::Portion(portion)).is_continue() {
            let (header, verdict) = (self.header.clone(), Verdict::Received(std::mem::take(&mut self.tally)));
            let _ = self.send(Step::Done(Done { header, verdict }));
        }
        Flow::Break(())
    }
}
