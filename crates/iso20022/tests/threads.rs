//! A file walked by several threads in small pieces tells what a walk by one tells: same events, findings, order and totals.

use iso20022::{Event, Limits, Pain001Reader, Rules, Threads};
use proptest::prelude::*;
use std::io::{self, Cursor, Read};
use std::sync::OnceLock;
use std::time::Duration;

#[path = "support/large_file.rs"]
mod large_file;

/// All that a reader tells, as text.
fn transcript<R: Read>(mut reader: Pain001Reader<R>) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let event = match reader.next_event() {
            Ok(event) => event,
            Err(error) => {
                told.push(format!("cannot be read: {error}"));
                return told;
            }
        };
        if matches!(event, Event::PaymentInformation(_)) {
            // So that what follows is walked before this is.
            std::thread::sleep(Duration::from_millis(5));
        }
        let is_end = matches!(event, Event::End(_));
        told.push(match event {
            Event::Payment(row) => format!(
                "{row:?} {} {} {:?} {:?} {:?} {:?} {:?} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                row.position,
                row.position_in_block,
                row.span,
                row.instruction_id,
                row.end_to_end_id,
                row.amount,
                row.identifiers.iter().map(|identifier| identifier.canonical().into_owned()).collect::<Vec<_>>(),
                row.account.is_some(),
                row.creditor_name,
                row.country,
                row.address_parts().iter().collect::<Vec<_>>(),
                row.address_lines().collect::<Vec<_>>(),
                row.agent_bic,
                row.benefit,
                row.purpose,
                row.remittance,
                row.structured_reference,
                row.findings,
            ),
            other => format!("{other:?}"),
        });
        if is_end {
            return told;
        }
    }
}

fn check(file: &[u8], piece_bytes: usize, count: usize) {
    let alone = transcript(Pain001Reader::new(file, Limits::default()));
    let threads = Threads { count, piece_bytes };
    let together = Pain001Reader::on_threads(Cursor::new(file.to_vec()), Limits::default(), Rules::default(), threads);
    let together = transcript(together.expect("threads can be had"));
    for (number, (one, several)) in alone.iter().zip(&together).enumerate() {
        assert_eq!(one, several, "event {number} in pieces of {piece_bytes} bytes on {count} threads");
    }
    assert_eq!(alone.len(), together.len());
}

/// A file of some payments in three blocks, the second with another benefit.
fn blocks() -> &'static str {
    static FILE: OnceLock<String> = OnceLock::new();
    FILE.get_or_init(|| {
        let file = String::from_utf8(large_file::pain001(120).expect("a Vec can be written to")).expect("UTF-8");
        let row = |number: usize| file.match_indices("<CdtTrfTxInf>").nth(number).expect("there are 120").0;
        let head = &file[file.find("<PmtInf>").expect("a block")..row(0)];
        let second = head.replace("BLOK-1", "BLOK-2").replace("NKSSOP", "NKSBFY");
        let third = head.replace("BLOK-1", "BLOK-3");
        let (first_end, second_end) = (row(40), row(60));
        format!(
            "{}</PmtInf>{second}{}</PmtInf>\n\n{third}{}",
            &file[..first_end],
            &file[first_end..second_end],
            &file[second_end..]
        )
    })
}

/// Pieces of text that may stand, or must not stand, anywhere.
const INSERTED: &[&str] = &[
    "<!-- <CdtTrfTxInf><PmtId> -->",
    "<!--",
    "<![CDATA[<CdtTrfTxInf>]]>",
    "<?x <CdtTrfTxInf>?>",
    "<CdtTrfTxInf>",
    "</CdtTrfTxInf>",
    "</PmtInf><PmtInf>",
    "<Nm>Ingen</Nm>",
    "\r\n\t ",
    "&#x41;&amp;",
    "&unknown;",
    "x",
    "æ",
    "\u{FFFE}",
    "<CdtTrfTxInf xmlns=\"urn:example\">",
];

fn insert(file: &str, place: prop::sample::Index, text: &str) -> String {
    let mut place = place.index(file.len() + 1);
    while !file.is_char_boundary(place) {
        place -= 1;
    }
    format!("{}{text}{}", &file[..place], &file[place..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_tell_the_same(
        inserted in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(INSERTED)), 0..3),
        cut in prop::option::of((any::<prop::sample::Index>(), 0..200usize)),
        piece_bytes in prop::sample::select(&[300, 2_000, 6_000][..]),
        count in 1..4usize,
    ) {
        let mut file = blocks().to_owned();
        for (place, text) in inserted {
            file = insert(&file, place, text);
        }
        let mut file = file.into_bytes();
        if let Some((place, length)) = cut {
            let start = place.index(file.len());
            let end = file.len().min(start + length);
            file.drain(start..end);
        }
        check(&file, piece_bytes, count);
    }
}

#[test]
fn any_dress_tells_the_same() {
    let file = blocks();
    let prefixed = {
        let named = file.replace("xmlns=", "xmlns:p=").replace("</", "\u{1}").replace("<?", "\u{2}").replace('<', "<p:");
        named.replace('\u{1}', "</p:").replace('\u{2}', "<?")
    };
    let latin: Vec<u8> = file
        .replace("UTF-8", "ISO-8859-1")
        .chars()
        .map(|character| u8::try_from(u32::from(character)).expect("the file has only characters of Latin-1"))
        .collect();
    let dresses = [
        file.as_bytes().to_vec(),
        format!("\u{FEFF}{file}").into_bytes(),
        prefixed.into_bytes(),
        latin,
        file.replace('\n', "\r\n").into_bytes(),
        file.replace('\n', "").into_bytes(),
        file.replace("<CdtTrfTxInf>", "<CdtTrfTxInf >").into_bytes(),
        file.replace("UTF-8", "UTF-16").into_bytes(),
        file.replace("</EndToEndId>", "</EndToEndId><!-- <CdtTrfTxInf> -->").into_bytes(),
        format!("{file}\n<!-- after -->").into_bytes(),
        b"<a>".to_vec(),
        Vec::new(),
    ];
    for dress in &dresses {
        for piece_bytes in [100, 3_000, 1 << 20] {
            check(dress, piece_bytes, 2);
        }
    }
}

/// A prefix of the message's namespace, declared on one block and used in another one from some payments on.
fn with_prefix(declared: usize, used: usize) -> String {
    let file = blocks();
    let starts: Vec<usize> = file.match_indices("<PmtInf>").map(|(place, _)| place).collect();
    let used = starts[used] + file[starts[used]..].match_indices("<Ctry>").nth(8).expect("a block has at least 20").0;
    let declaration = " xmlns:q=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"";
    let declared = starts[declared] + "<PmtInf".len();
    let prefixed = file[used..].replace("<Ctry>", "<q:Ctry>").replace("</Ctry>", "</q:Ctry>");
    format!("{}{declaration}{}{prefixed}", &file[..declared], &file[declared..used])
}

#[test]
fn a_prefix_of_one_block_is_none_of_another() {
    let (undeclared, declared) = (with_prefix(0, 1), with_prefix(2, 2));
    for _ in 0..5 {
        for piece_bytes in [1_000, 2_000, 3_000] {
            check(undeclared.as_bytes(), piece_bytes, 3);
            check(declared.as_bytes(), piece_bytes, 3);
        }
    }
    let outcome = |file: &str| transcript(Pain001Reader::new(file.as_bytes(), Limits::default())).pop();
    assert!(outcome(&undeclared).is_some_and(|end| end.contains("Unreadable")));
    assert!(outcome(&declared).is_some_and(|end| end.contains("outcome: Readable")));
}

/// An input that breaks off.
struct Broken(Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the line is down")),
            read => Ok(read),
        }
    }
}

#[test]
fn what_comes_before_an_error_of_the_input_is_told() {
    let half = blocks().as_bytes()[..30_000].to_vec();
    let threads = Threads { count: 2, piece_bytes: 4_000 };
    let input = Broken(Cursor::new(half));
    let reader = Pain001Reader::on_threads(input, Limits::default(), Rules::default(), threads).expect("threads can be had");
    let told = transcript(reader);
    assert!(told.last().is_some_and(|last| last.contains("the line is down")), "{:?}", told.last());
    assert!(told.len() > 20, "{}", told.len());
}

/// An input that panics.
struct Panics(u8);

impl Read for Panics {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0 += 1;
        assert!(self.0 < 3, "a fault of the input's own");
        buffer.fill(b' ');
        Ok(buffer.len())
    }
}

#[test]
fn a_panic_of_the_input_is_an_error_and_no_hang() {
    let threads = Threads { count: 2, piece_bytes: 4_000 };
    let reader = Pain001Reader::on_threads(Panics(0), Limits::default(), Rules::default(), threads).expect("threads can be had");
    assert!(transcript(reader).last().is_some_and(|last| last.starts_with("cannot be read")));
}

#[test]
fn a_reader_may_be_dropped_early() {
    let threads = Threads { count: 2, piece_bytes: 2_000 };
    let input = Cursor::new(blocks().as_bytes().to_vec());
    let mut reader = Pain001Reader::on_threads(input, Limits::default(), Rules::default(), threads).expect("threads can be had");
    assert!(matches!(reader.next_event(), Ok(Event::GroupHeader(_))));
}
