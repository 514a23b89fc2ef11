//! Bookings are read and written in memory that does not grow with the file.

use iso20022::{
    BookedTransaction, BookingReader, BookingRecord, BookingWriter, BookingsHead, Entry, Limits, MessageKind, Outcome,
    RecordEvent, Statement, TransactionRefs,
};
use primitives::{Currency, Money};
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

const TRANSACTIONS: u64 = 130_000;

/// The highest memory use of this process so far, in kB, as Linux counts it.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The two ends of a pipe in this process.
struct PipeIn(SyncSender<Vec<u8>>);
struct PipeOut(Receiver<Vec<u8>>, io::Cursor<Vec<u8>>);

impl Write for PipeIn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for PipeOut {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.1.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            match self.0.recv() {
                Ok(bytes) => self.1 = io::Cursor::new(bytes),
                Err(_) => return Ok(0),
            }
        }
    }
}

fn write(out: PipeIn) -> io::Result<()> {
    let mut writer = BookingWriter::new(out, MessageKind::Camt054V08)?;
    writer.write(&BookingRecord::Head(BookingsHead {
        message_id: "M",
        created: Some(jiff::Timestamp::UNIX_EPOCH),
        ..BookingsHead::default()
    }))?;
    let account = iso20022::AccountRef::of_bban("00400440116243");
    writer.write(&BookingRecord::Statement(Statement { id: "S", account, ..Statement::default() }))?;
    let amount = Some(Money::new(TRANSACTIONS.cast_signed() * 100, Currency::DKK));
    writer.write(&BookingRecord::Entry(Entry { amount, status: Some("BOOK"), kind: kind(), ..Entry::default() }))?;
    for number in 0..TRANSACTIONS {
        let id = format!("SOP-2026-03-{number:020}");
        let references = TransactionRefs { end_to_end_id: Some(&id), instruction_id: Some(&id), ..TransactionRefs::default() };
        let amount = Some(Money::new(100, Currency::DKK));
        writer.write(&BookingRecord::Transaction(BookedTransaction { references, amount, ..BookedTransaction::default() }))?;
    }
    writer.finish().map(drop)
}

fn kind() -> iso20022::TransactionCode<'static> {
    iso20022::TransactionCode { proprietary: Some("LON"), ..iso20022::TransactionCode::default() }
}

#[test]
fn a_large_notification_is_written_and_read_in_four_megabytes() {
    let Some(before) = peak_kilobytes() else {
        eprintln!("skipped: this system does not tell the memory use");
        return;
    };
    let (into, out) = sync_channel(2);
    let writer = std::thread::spawn(move || write(PipeIn(into)));
    let mut reader = BookingReader::new(PipeOut(out, io::Cursor::default()), Limits::default());
    let (mut transactions, mut cents) = (0, 0);
    let totals = loop {
        match reader.next_event().expect("no I/O error") {
            RecordEvent::Record(told) => {
                if let BookingRecord::Transaction(transaction) = told.record {
                    transactions += 1;
                    cents += transaction.amount.map_or(0, Money::minor);
                }
            }
            RecordEvent::Finding(finding) => panic!("{finding}"),
            RecordEvent::End(totals) => break totals,
        }
    };
    writer.join().expect("the writer does not panic").expect("valid");
    assert_eq!((totals.outcome, transactions), (Outcome::Readable, TRANSACTIONS));
    assert_eq!(cents, TRANSACTIONS.cast_signed() * 100);
    assert!(totals.bytes > 10_000_000, "{} bytes are no large file", totals.bytes);
    let grown = peak_kilobytes().expect("told before") - before;
    assert!(grown < 4_096, "{grown} kB for {} bytes", totals.bytes);
}
