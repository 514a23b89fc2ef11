//! The walk itself: prolog, content, end tags, epilog.

use super::envelope::Envelope;
use super::frame::{Frame, Habits, Kind};
use super::namespaces::Namespaces;
use super::problem::{Halt, Problem};
use super::scan::{self, Misc, Tag};
use super::source::{Refill, Source};
use super::{Flow, Sink, path};
use crate::finding::Level;
use crate::grammar::binding::Binding;
use crate::grammar::tables::Tables;
use crate::lanes::Block;
use crate::limits::Limits;
use crate::message::MessageKind;
use std::io::{self, Read};

/// What a run of the engine came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The sink asked to pause.
    Paused,
    /// What is at hand of the file is walked, and the file goes on elsewhere.
    Edge,
    /// The file is walked to its end, or as far as it can be.
    Finished,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Start,
    Prolog,
    /// Around a message.
    Envelope,
    /// In the header before a message.
    Header,
    Content,
    Epilog,
    Finished,
}

/// Chooses the wanted paths of a message; `None` refuses the message.
pub(crate) type Bind = fn(MessageKind) -> Option<&'static Binding>;

/// A message being walked.
pub(crate) struct Engine<R> {
    pub(super) source: Source<R>,
    pub(super) tables: &'static Tables,
    pub(super) binding: &'static Binding,
    pub(super) kind: Option<MessageKind>,
    pub(super) frames: Vec<Frame>,
    pub(super) habits: Habits,
    /// Names of open elements that are not written as their slot is named.
    pub(super) names: Vec<u8>,
    pub(super) namespaces: Namespaces,
    pub(super) tag: Tag,
    /// A value or attribute whose references are resolved.
    pub(super) cooked: String,
    /// The declared attribute of the element at hand, where it is not written plainly.
    pub(super) attribute_text: String,
    pub(super) stage: Stage,
    pub(super) limits: Limits,
    pub(super) bind: Bind,
    pub(super) expected_messages: &'static str,
    pub(super) findings: usize,
    pub(super) elements: u64,
    pub(super) envelope: Envelope,
}

impl<R: Read> Engine<R> {
    /// Starts on a file. `expected_messages` says in a finding which messages are read.
    pub fn new(input: R, limits: Limits, bind: Bind, expected_messages: &'static str) -> io::Result<Result<Self, Problem>> {
        let source = match Source::open(input, limits.construct_bytes)? {
            Ok(source) => source,
            Err(problem) => return Ok(Err(problem)),
        };
        Ok(Ok(Engine::over(source, limits, bind, expected_messages)))
    }

    /// At the beginning of a source.
    pub(super) fn over(source: Source<R>, limits: Limits, bind: Bind, expected_messages: &'static str) -> Self {
        // Replaced as soon as the root element names the message.
        let placeholder = MessageKind::Admi002V01;
        Engine {
            source,
            tables: placeholder.tables(),
            binding: crate::check::nothing_bound(placeholder),
            kind: None,
            frames: Vec::with_capacity(limits.depth.min(64)),
            habits: Habits::default(),
            names: Vec::new(),
            namespaces: Namespaces::default(),
            tag: Tag::default(),
            cooked: String::new(),
            attribute_text: String::new(),
            stage: Stage::Start,
            limits,
            bind,
            expected_messages,
            findings: 0,
            elements: 0,
            envelope: Envelope::default(),
        }
    }

    /// The message, once its root element is read.
    pub fn kind(&self) -> Option<MessageKind> {
        self.kind
    }

    /// Bytes walked so far (of the decoded file).
    pub fn bytes(&self) -> u64 {
        self.source.walked()
    }

    /// Line walked to so far.
    pub fn lines(&self) -> u64 {
        self.source.line()
    }

    /// Elements walked so far.
    pub fn elements(&self) -> u64 {
        self.elements
    }

    /// Walks on until the sink pauses it or the file ends.
    ///
    /// # Errors
    /// Only those of the input itself.
    pub fn run(&mut self, sink: &mut impl Sink) -> io::Result<Progress> {
        loop {
            let step = match self.stage {
                Stage::Start => self.declaration(),
                Stage::Prolog => self.prolog(sink),
                Stage::Envelope | Stage::Content => self.content(sink),
                Stage::Header => self.header_content(sink),
                Stage::Epilog => self.epilog(),
                Stage::Finished => return Ok(Progress::Finished),
            };
            match step {
                Ok(Flow::Continue) => {}
                Ok(Flow::Pause) => return Ok(Progress::Paused),
                Err(Halt::More) => {
                    let refill = self.source.refill()?;
                    if refill == Refill::Edge {
                        return Ok(Progress::Edge);
                    }
                    self.after_refill(refill, sink);
                }
                Err(Halt::Bad(problem)) => self.give_up(*problem, sink),
            }
        }
    }

    fn after_refill(&mut self, refill: Refill, sink: &mut impl Sink) {
        match refill {
            Refill::More | Refill::Edge => {}
            Refill::End if self.stage == Stage::Epilog && self.source.bytes()[self.source.pos()] == 0 => {
                self.stage = Stage::Finished;
            }
            Refill::End => self.give_up(Problem::ends_too_early(), sink),
            Refill::Undecodable => self.give_up(Problem::encoding("bytes that are not valid in it"), sink),
            Refill::Character => self.give_up(Problem::character(), sink),
            Refill::TooLong => {
                self.give_up(Problem::limit("a tag, value or comment of a bounded length"), sink);
            }
        }
    }

    #[cold]
    fn give_up(&mut self, problem: Problem, sink: &mut impl Sink) {
        self.report(problem, sink);
        self.stage = Stage::Finished;
    }

    /// Reports a problem at the innermost open element.
    #[cold]
    pub(super) fn report(&mut self, problem: Problem, sink: &mut impl Sink) {
        let path = path::of_frames(self.tables, &self.frames, &self.names);
        self.report_at(problem, path, sink);
    }

    #[cold]
    pub(super) fn report_at(&mut self, problem: Problem, path: String, sink: &mut impl Sink) {
        let mut finding = problem.at(self.source.line(), if path.is_empty() { "/".to_owned() } else { path });
        finding.offset = self.source.walked();
        self.findings += 1;
        if self.findings >= self.limits.findings && finding.level == Level::Schema {
            self.stage = Stage::Finished;
        }
        sink.finding(finding);
    }

    fn declaration(&mut self) -> Result<Flow, Halt> {
        let window = self.source.bytes();
        let start = self.source.pos();
        if scan::keyword(window, start, b"<?xml")? {
            match window[start + 5] {
                0 => return Err(Halt::More),
                byte if scan::is_space(byte) => {
                    let end = scan::declaration(window, start)?;
                    self.source.advance(end);
                }
                _ => {}
            }
        }
        self.stage = Stage::Prolog;
        Ok(Flow::Continue)
    }

    /// Skips white space and what is ignored outside the root; gives the next start tag's place.
    fn outside(&mut self) -> Result<(), Halt> {
        loop {
            let start = self.source.skip_spaces();
            let window = self.source.bytes();
            match (window[start], window[start + 1]) {
                (0, _) | (b'<', 0) => return Err(Halt::More),
                (b'<', b'!' | b'?') => match scan::misc(window, start)? {
                    (Misc::Ignored, end) => self.source.advance(end),
                    (Misc::CharacterData(_), _) => return outside_root(),
                },
                (b'<', _) => return Ok(()),
                _ => return outside_root(),
            }
        }
    }

    fn prolog(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        self.outside()?;
        let flow = self.root_element(sink)?;
        if self.stage == Stage::Prolog {
            self.stage = if self.frames.is_empty() { Stage::Epilog } else { Stage::Content };
        }
        Ok(flow)
    }

    fn epilog(&mut self) -> Result<Flow, Halt> {
        self.outside()?;
        Err(Halt::Bad(Box::new(Problem::syntax("the end of the file after the root element", "another element"))))
    }

    /// The hot loop: children, end tags and what stands between them.
    pub(super) fn content(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let stage = self.stage;
        while self.stage == stage {
            let start = self.source.skip_spaces();
            let window = self.source.bytes();
            let flow = match (window[start], window[start + 1]) {
                (0, _) | (b'<', 0) => return Err(Halt::More),
                (b'<', b'/') => self.end_tag(sink)?,
                (b'<', b'!' | b'?') => self.ignored_or_data(sink)?,
                (b'<', _) => self.start_tag(sink)?,
                _ => self.text(sink)?,
            };
            if flow == Flow::Pause {
                return Ok(Flow::Pause);
            }
        }
        Ok(Flow::Continue)
    }

    fn innermost(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("an element is open in the content stage")
    }

    /// An end tag; the name must be that of the innermost element.
    #[inline]
    fn end_tag(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let window = self.source.bytes();
        let start = self.source.pos() + 2;
        if let Some(frame) = self.frames.last()
            && frame.is_plain()
        {
            let slot = &self.tables.slots[usize::from(frame.slot)];
            if frame.kind == Kind::Complex
                && frame.may_end(self.tables)
                && slot.is_closed_in(Block::at(window, start), &window[start..])
            {
                let node = frame.node;
                let end = start + slot.name.len() + 1;
                self.source.advance_in_line(end);
                self.frames.pop();
                return Ok(self.tell_close(node, sink));
            }
        }
        self.general_end_tag(sink)
    }

    /// Any end tag: with a prefix, with blanks, or too early.
    fn general_end_tag(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let frame = *self.innermost();
        let window = self.source.bytes();
        let name = if frame.is_plain() {
            self.tables.slots[usize::from(frame.slot)].name.as_bytes()
        } else {
            &self.names[frame.name_start as usize..frame.name_end as usize]
        };
        let end = end_of_tag(window, self.source.pos() + 2, name)?;
        self.close(frame, end, sink)
    }

    /// Ends the innermost element, of which `end` is the index after its last byte.
    pub(super) fn close(&mut self, frame: Frame, end: usize, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let complete = match frame.kind {
            Kind::Complex => frame.may_end(self.tables),
            Kind::Any(_) => frame.count == 1,
            Kind::Lax | Kind::Skip | Kind::Envelope => true,
        };
        if !complete {
            self.report_missing(&frame, sink);
        }
        self.source.advance(end);
        self.frames.pop();
        self.names.truncate(frame.name_start as usize);
        self.namespaces.pop_to(frame.namespaces as usize);
        if self.frames.len() == self.envelope.outside {
            self.leave_message()?;
        }
        Ok(self.tell_close(frame.node, sink))
    }

    #[inline]
    fn tell_close(&self, node: u16, sink: &mut impl Sink) -> Flow {
        match self.binding.field(node) {
            0 => Flow::Continue,
            field => sink.close(field, self.source.walked()),
        }
    }

    #[cold]
    fn report_missing(&mut self, frame: &Frame, sink: &mut impl Sink) {
        let expected = match frame.kind {
            Kind::Any(_) => "one element".to_owned(),
            _ => path::names_of(self.tables, &frame.allowed(self.tables)),
        };
        self.report(Problem::missing_element(expected), sink);
    }

    fn ignored_or_data(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let window = self.source.bytes();
        let (misc, end) = scan::misc(window, self.source.pos())?;
        if let Misc::CharacterData(_) = misc {
            // A blank CDATA section between elements is no white space to XML 1.0, nor to libxml2.
            self.report_text(sink);
        }
        self.source.advance(end);
        Ok(Flow::Continue)
    }

    /// Text between the elements, up to the next markup.
    fn text(&mut self, sink: &mut impl Sink) -> Result<Flow, Halt> {
        let start = self.source.pos();
        let Text { end, first_word, halt } = text_from(self.source.bytes(), start);
        if let Some(place) = first_word {
            self.source.advance(place);
            self.report_text(sink);
        }
        self.source.advance(end);
        match halt {
            // What came before it is done; the rest is looked at again when there is more of it.
            Some(Halt::More) if end > start => Ok(Flow::Continue),
            Some(halt) => Err(halt),
            None => Ok(Flow::Continue),
        }
    }

    /// Text is allowed inside wildcards only; it is reported once an element.
    fn report_text(&mut self, sink: &mut impl Sink) {
        let frame = self.innermost();
        if frame.text_reported || !matches!(frame.kind, Kind::Complex | Kind::Any(_)) {
            return;
        }
        frame.text_reported = true;
        self.report(Problem::content_kind("elements only", "text between the elements"), sink);
    }
}

/// Text between elements, as far as the window has it.
struct Text {
    end: usize,
    /// Where the first of it stands that is no blank.
    first_word: Option<usize>,
    /// Why it ends there, where no element follows.
    halt: Option<Halt>,
}

fn text_from(window: &[u8], start: usize) -> Text {
    let (mut end, mut first_word) = (start, None);
    let halt = loop {
        match character(window, end) {
            Ok(Some((is_blank, behind))) => {
                if !is_blank {
                    first_word.get_or_insert(end);
                }
                end = behind;
            }
            Ok(None) => break None,
            Err(halt) => break Some(halt),
        }
    };
    Text { end, first_word, halt }
}

/// Whether the character of text at `index` is a blank, and the index behind it; `None` where no text stands.
fn character(window: &[u8], index: usize) -> Result<Option<(bool, usize)>, Halt> {
    Ok(match window[index] {
        b'<' | 0 => None,
        b'&' => {
            let (character, behind) = scan::reference(window, index)?;
            Some((matches!(character, ' ' | '\t' | '\n' | '\r'), behind))
        }
        b']' if scan::keyword(window, index, b"]]>")? => {
            return Err(Halt::Bad(Box::new(Problem::syntax("no ]]> in text", "]]>"))));
        }
        byte => Some((scan::is_space(byte), index + 1)),
    })
}

fn outside_root<T>() -> Result<T, Halt> {
    Err(Halt::Bad(Box::new(Problem::syntax("nothing outside the root element", "text"))))
}

/// The end of an end tag whose name, beginning at `start`, must be `name`.
#[inline]
pub(super) fn end_of_tag(window: &[u8], start: usize, name: &[u8]) -> Result<usize, Halt> {
    let mut index = start + name.len();
    if window.get(start..index) == Some(name) {
        if window[index] == b'>' {
            return Ok(index + 1);
        }
        index = scan::spaces(window, index);
        if window[index] == b'>' {
            return Ok(index + 1);
        }
    }
    wrong_end_tag(window, start, name)
}

#[cold]
fn wrong_end_tag(window: &[u8], start: usize, name: &[u8]) -> Result<usize, Halt> {
    let ends_early = memchr::memchr2(b'>', b'<', &window[start..]).is_none();
    if ends_early {
        return Err(Halt::More);
    }
    let expected = format!("end tag </{}>", String::from_utf8_lossy(name));
    Err(Halt::Bad(Box::new(Problem::syntax(&expected, "another end tag"))))
}
