//! Envelopes: elements of any name around a message, with or without the message's header before it.
//!
//! An envelope is any root element that is no message; what it says of itself is not validated. Inside it, however deep,
//! stand at most one `AppHdr` and then one message, each validated by its own grammar as if it stood alone.

use super::frame::Kind;
use super::problem::{Halt, Problem};
use super::walk::{Engine, Stage};
use super::{Flow, Sink};
use crate::header::{Heading, KeptHeader};
use crate::message::MessageKind;
use std::io::Read;

/// What the engine knows of the envelope it is in.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    /// How many of its elements are open around the message at hand; none around a message that stands alone.
    pub outside: usize,
    /// The header, once it has begun.
    pub header: Option<KeptHeader>,
}

/// The names that a message's root element has.
const ROOTS: [&[u8]; 2] = [b"Document", b"AppHdr"];

impl<R: Read> Engine<R> {
    /// The message that the tag's element is the root of; `None` for an element of an envelope.
    pub(super) fn named_message(&self) -> Result<Option<MessageKind>, Halt> {
        let name = &self.source.bytes()[self.tag.name.clone()];
        let (namespace, local) = self.namespaces.resolve_name(name)?;
        let Some(kind) = std::str::from_utf8(namespace).ok().and_then(MessageKind::from_namespace) else {
            return if ROOTS.contains(&local) { Err(self.unknown_message()) } else { Ok(None) };
        };
        let tables = kind.tables();
        let root = &tables.slots[usize::from(tables.root)];
        if root.name.as_bytes() != local {
            return Err(Halt::Bad(Box::new(Problem::unknown_message(&format!("root element {}", root.name)))));
        }
        Ok(Some(kind))
    }

    #[cold]
    pub(super) fn unknown_message(&self) -> Halt {
        Halt::Bad(Box::new(Problem::unknown_message(self.expected_messages)))
    }

    /// The root element is that of an envelope.
    pub(super) fn envelope_root(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        self.stage = Stage::Envelope;
        self.undeclared_element(Kind::Envelope, 0, sink)
    }

    /// An element inside an envelope: more of the envelope, the header or the message.
    pub(super) fn envelope_element(&mut self, namespaces: u32, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let Some(kind) = self.named_message()? else {
            return self.undeclared_element(Kind::Envelope, namespaces, sink);
        };
        let is_header = kind == MessageKind::Head001V02;
        if self.kind.is_some() || is_header && self.envelope.header.is_some() {
            let name = String::from_utf8_lossy(&self.source.bytes()[self.tag.name.clone()]).into_owned();
            self.report(Problem::unexpected_element("the end of the element".to_owned(), &name), sink);
            return self.undeclared_element(Kind::Skip, namespaces, sink);
        }
        self.envelope.outside = self.frames.len();
        if is_header {
            return self.begin_header(namespaces, sink);
        }
        self.stage = Stage::Content;
        let Some(binding) = (self.bind)(kind) else { return Err(self.unknown_message()) };
        self.kind = Some(kind);
        if self.is_named_otherwise(kind) {
            self.report_at(Problem::other_message(kind.name()), "/AppHdr/MsgDefIdr".to_owned(), sink);
            self.stage = Stage::Finished;
            return Ok(Flow::Continue);
        }
        self.begin_message(kind, binding, namespaces, sink)
    }

    fn begin_header(&mut self, namespaces: u32, sink: &mut impl Sink) -> Result<Flow, Halt> {
        self.stage = Stage::Header;
        let mut header = KeptHeader::new(self.limits);
        let binding = header.binding();
        let flow = self.begin_message(MessageKind::Head001V02, binding, namespaces, &mut Heading::new(&mut header, sink));
        self.envelope.header = Some(header);
        flow
    }

    /// The content of the header, which is told to nobody but kept.
    pub(super) fn header_content(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let Some(mut header) = self.envelope.header.take() else { return Ok(Flow::Continue) };
        let flow = self.content(&mut Heading::new(&mut header, sink));
        self.envelope.header = Some(header);
        flow
    }

    /// Whether the header names another message than this.
    fn is_named_otherwise(&self, kind: MessageKind) -> bool {
        let named = self.envelope.header.as_ref().and_then(KeptHeader::definition);
        named.is_some_and(|named| named != kind.name())
    }

    /// After the end of the outermost element, or of a message in an envelope.
    #[cold]
    pub(super) fn leave_message(&mut self) -> Result<(), Halt> {
        match self.stage {
            Stage::Content | Stage::Header if self.envelope.outside > 0 => {
                self.envelope.outside = 0;
                self.stage = Stage::Envelope;
            }
            Stage::Envelope if self.kind.is_none() => return Err(self.unknown_message()),
            Stage::Content | Stage::Envelope => self.stage = Stage::Epilog,
            _ => {}
        }
        Ok(())
    }

    /// The header before the message, once it has begun.
    pub fn header(&self) -> Option<&KeptHeader> {
        self.envelope.header.as_ref()
    }

    /// The header before the message, when all is read.
    pub fn into_header(self) -> Option<KeptHeader> {
        self.envelope.header
    }
}
