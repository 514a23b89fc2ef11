//! `head.001`: the business application header, which stands before a message.

use crate::engine::{Flow, Place, Sink};
use crate::finding::Finding;
use crate::grammar::binding::{Binding, Field};
use crate::limits::Limits;
use crate::message::MessageKind;
use crate::parts::{BankRef, PartyRef};
use crate::record::{Collector, Message, RecordReader, message, record, told};
use jiff::Timestamp;

message! {
    /// `head.001`, the header before a message.
    ///
    /// Every reader tells it when it stands in an [`Envelope`](crate::Envelope) with its message:
    /// ```
    /// use iso20022::*;
    /// use primitives::Language;
    ///
    /// let bank = HeaderParty { bank: Some(BankRef { bic: Some("DABADKKK"), ..BankRef::default() }), organisation: None };
    /// let created = Some(jiff::Timestamp::UNIX_EPOCH);
    /// let header =
    ///     BusinessHeader { from: bank, to: bank, message_id: "B-1", definition: "admi.002.001.01", service: None, created };
    /// let envelope = Envelope::new(Vec::new(), "Envelope", &header)?;
    /// let file = refuse(envelope, "FILE-1", &[], jiff::Timestamp::UNIX_EPOCH, Language::Da)?.finish()?;
    ///
    /// let refusal = Whole::<Refusal>::read(file.as_slice(), Limits::default())?.expect("valid");
    /// assert_eq!(refusal.header(), Some(header));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct Header, "head.001.001.02" [Head001V02];
    /// The record of a [`Header`].
    pub enum HeaderRecord {
        /// The header.
        Header(BusinessHeader) Group at "",
    }
}

/// Reads a `head.001` that stands alone.
pub type HeaderReader<R> = RecordReader<Header, R>;

record! {
    /// Who sends a message, or gets it: an organisation or a bank; the schema wants one of them.
    #[derive(Debug)]
    pub struct HeaderParty<'a> {
        /// An organisation.
        organisation: Option<PartyRef<'a>> => "OrgId",
        /// A bank.
        bank: Option<BankRef<'a>> => "FIId",
    }
}

record! {
    /// What stands before a message.
    #[derive(Debug)]
    pub struct BusinessHeader<'a> {
        /// Who sends the message.
        from: HeaderParty<'a> => "Fr",
        /// Who gets it.
        to: HeaderParty<'a> => "To",
        /// Identification of the message.
        message_id: &'a str => "BizMsgIdr",
        /// Its name, such as `pain.001.001.09`.
        definition: &'a str => "MsgDefIdr",
        /// The service it belongs to.
        service: Option<&'a str> => "BizSvc",
        /// When the header was made.
        created: Option<Timestamp> => "CreDt",
    }
}

/// The header of a message that is being read.
#[derive(Debug)]
pub(crate) struct KeptHeader(Collector);

impl KeptHeader {
    /// A header that is about to begin.
    pub fn new(limits: Limits) -> Self {
        KeptHeader(Collector::new(Header::layout, false, limits.construct_bytes))
    }

    /// The elements it wants to hear of.
    pub fn binding(&self) -> &'static Binding {
        &Header::layout(MessageKind::Head001V02).expect("the header's own version").binding
    }

    /// What it says, once it has ended.
    pub fn header(&self) -> Option<BusinessHeader<'_>> {
        let (HeaderRecord::Header(header), _) = told::<Header>(self.0.layout?, self.0.ready.front()?);
        Some(header)
    }

    /// The message it names.
    pub fn definition(&self) -> Option<&str> {
        self.header().map(|header| header.definition)
    }
}

/// Keeps the header's values from a reader that has not asked for them; what is wrong in it concerns the reader all the same.
pub(crate) struct Heading<'k, S> {
    header: &'k mut KeptHeader,
    reader: &'k mut S,
}

impl<'k, S: Sink> Heading<'k, S> {
    pub fn new(header: &'k mut KeptHeader, reader: &'k mut S) -> Self {
        Heading { header, reader }
    }
}

impl<S: Sink> Sink for Heading<'_, S> {
    fn begin(&mut self, kind: MessageKind) {
        Sink::begin(&mut self.header.0, kind);
    }

    fn open(&mut self, field: Field, place: Place) -> Flow {
        self.header.0.open(field, place)
    }

    fn value(&mut self, field: Field, value: &str, attribute: &str, line: u64) {
        self.header.0.value(field, value, attribute, line);
    }

    fn close(&mut self, field: Field, end: u64) -> Flow {
        self.header.0.close(field, end)
    }

    fn finding(&mut self, finding: Finding) {
        self.header.0.refused = true;
        self.reader.finding(finding);
    }
}
