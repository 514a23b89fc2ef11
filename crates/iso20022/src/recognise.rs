//! Which message a file is, by its beginning.

use crate::engine::{Engine, Flow, Place, Progress, Sink};
use crate::finding::Finding;
use crate::grammar::binding::{Binding, Field};
use crate::limits::Limits;
use crate::message::MessageKind;
use std::io::{self, Read};
use std::sync::OnceLock;

/// The message that a file is, by the namespace of its root element; also behind a header and in an envelope. Nothing behind
/// the begin of the message is walked, and nothing of it is validated. `None` where the file begins with no message we know.
///
/// ```
/// use iso20022::{Limits, MessageKind, recognise};
///
/// let beginning = br#"<?xml version="1.0"?><r:Document xmlns:r="urn:iso:std:iso:20022:tech:xsd:camt.055.001.08"><r:CstmrPm"#;
/// assert_eq!(recognise(&beginning[..], Limits::default())?, Some(MessageKind::Camt055V08));
/// assert_eq!(recognise(&b"<Document/>"[..], Limits::default())?, None);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Only those of the input itself.
pub fn recognise(input: impl Read, limits: Limits) -> io::Result<Option<MessageKind>> {
    let bind = |kind| Some(root_bound(kind));
    let Ok(mut engine) = Engine::new(input, limits, bind, "a message of ISO 20022 with a known version")? else {
        return Ok(None);
    };
    let mut root = Root { begun: false };
    while !root.begun && engine.run(&mut root)? == Progress::Paused {}
    Ok(engine.kind())
}

/// The binding that asks for the root element alone.
fn root_bound(kind: MessageKind) -> &'static Binding {
    static BINDINGS: [OnceLock<Binding>; MessageKind::ALL.len()] = [const { OnceLock::new() }; MessageKind::ALL.len()];
    BINDINGS[kind as usize].get_or_init(|| Binding::new(kind.tables(), &[("", 1)]).expect("every message has a root element"))
}

/// Stops the walk where the message begins.
struct Root {
    begun: bool,
}

impl Sink for Root {
    fn open(&mut self, _: Field, _: Place) -> Flow {
        self.begun = true;
        Flow::Pause
    }

    fn value(&mut self, _: Field, _: &str, _: &str, _: u64) {}

    fn close(&mut self, _: Field, _: u64) -> Flow {
        Flow::Continue
    }

    fn finding(&mut self, _: Finding) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(beginning: &str, expect: Option<MessageKind>) {
        assert_eq!(recognise(beginning.as_bytes(), Limits::default()).expect("no I/O error"), expect, "{beginning}");
    }

    #[test]
    fn every_message_is_recognised_by_its_namespace_wherever_it_begins() {
        for kind in MessageKind::ALL.iter().copied().filter(|kind| *kind != MessageKind::Head001V02) {
            let root = format!("<Document xmlns=\"{}\">", kind.namespace());
            check(&root, Some(kind));
            check(&format!("\u{feff}<?xml version=\"1.0\"?>\n<!-- a -->{root}<Cut"), Some(kind));
            check(&format!("<e:Envelope xmlns:e=\"urn:any\"><e:Body>{root}"), Some(kind));
        }
    }

    #[test]
    fn a_header_is_not_the_message() {
        let header = "<AppHdr xmlns=\"urn:iso:std:iso:20022:tech:xsd:head.001.001.02\"><Fr><FIId><FinInstnId/></FIId></Fr>\
             <To><FIId><FinInstnId/></FIId></To><BizMsgIdr>B</BizMsgIdr><MsgDefIdr>camt.029.001.09</MsgDefIdr>\
             <CreDt>2026-03-02T10:00:00Z</CreDt></AppHdr>";
        let message = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.029.001.09\">";
        check(&format!("<E>{header}{message}"), Some(MessageKind::Camt029V09));
        check(&format!("<E>{header}"), None);
    }

    #[test]
    fn what_is_no_message_is_not_recognised() {
        for beginning in ["", "no XML", "<Document/>", "<Document xmlns=\"urn:x\">", "<E></E>", "<E>", "<!DOCTYPE x><x/>", "<"] {
            check(beginning, None);
        }
    }
}
