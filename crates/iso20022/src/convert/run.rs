//! The conversion itself: the source's elements as they come, written as the plan says.

use super::emit::{Emitter, Refused};
use super::plan::{Plan, Step, plan};
use crate::engine::{Engine, Flow, Place, Progress, Sink};
use crate::finding::{Finding, Level};
use crate::grammar::binding::{Binding, Field};
use crate::limits::Limits;
use crate::message::MessageKind;
use crate::pain001::day_of_time;
use crate::reason::ReasonCode;
use crate::write::Pain001Version;
use primitives::Text;
use std::io::{self, Read, Write};

/// Losses that are named; more are counted.
const NAMED_LOSSES: usize = 1_000;

/// How a file is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConvertOptions {
    /// What the reader refuses to go beyond.
    pub limits: Limits,
    /// Leave out what the target has no place for, and say so; never what says who is paid, what, or what for.
    pub lossy: bool,
}

/// What a conversion came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conversion {
    /// What is wrong with the source, or stands in the way; if anything, what was written is void.
    pub obstacles: Vec<Finding>,
    /// What was left out, in the order of the file.
    pub losses: Vec<Loss>,
    /// Losses beyond the first thousand.
    pub untold_losses: u64,
}

/// Something left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Its line.
    pub line: u64,
    /// Its path.
    pub path: String,
}

/// Writes a `pain.001` of version 03, 09 or 12 as another one (or as the same, newly written), in memory that does not grow
/// with it. What is written is whole and valid if there are no [`Conversion::obstacles`], else to be thrown away.
///
/// # Errors
/// Only those of the input and the output.
pub fn convert(input: impl Read, to: Pain001Version, out: impl Write, options: ConvertOptions) -> io::Result<Conversion> {
    let bind: fn(MessageKind) -> Option<&'static Binding> = match to {
        Pain001Version::V03 => |kind| Some(&plan(kind, Pain001Version::V03)?.binding),
        Pain001Version::V09 => |kind| Some(&plan(kind, Pain001Version::V09)?.binding),
        Pain001Version::V12 => |kind| Some(&plan(kind, Pain001Version::V12)?.binding),
    };
    let mut engine = match Engine::new(input, options.limits, bind, "pain.001.001.03, .09 or .12")? {
        Ok(engine) => engine,
        Err(problem) => return Ok(Conversion { obstacles: vec![problem.at(1, "/".to_owned())], ..Conversion::default() }),
    };
    let mut converter = Converter::new(Emitter::new(out, to.message().tables()), to, options.lossy);
    while !converter.is_done() && engine.run(&mut converter)? == Progress::Paused {}
    converter.finish()
}

/// An open element of the source.
#[derive(Debug)]
struct Opened {
    field: Field,
    number: u32,
    /// Open elements of the target above which its children are written.
    base: usize,
    /// Open elements of the target once it is closed; `None` if it is not written itself.
    written_in: Option<usize>,
    /// The last repeated child and how many of it there were.
    repeated: (Field, u32),
}

struct Converter<W> {
    emitter: Emitter<W>,
    to: Pain001Version,
    /// Known when the root element has named the source's version.
    plan: Option<&'static Plan>,
    lossy: bool,
    open: Vec<Opened>,
    line: u64,
    conversion: Conversion,
    failed: Option<io::Error>,
}

impl<W: Write> Converter<W> {
    fn new(emitter: Emitter<W>, to: Pain001Version, lossy: bool) -> Self {
        Converter { emitter, to, plan: None, lossy, open: Vec::new(), line: 1, conversion: Conversion::default(), failed: None }
    }

    fn is_done(&self) -> bool {
        self.failed.is_some() || !self.conversion.obstacles.is_empty()
    }

    fn finish(mut self) -> io::Result<Conversion> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.conversion.obstacles.is_empty() {
            if self.emitter.close_to(0).is_err() {
                self.refuse(Refused::Missing, "/Document".to_owned());
            } else {
                self.emitter.finish()?;
            }
        }
        Ok(self.conversion)
    }

    /// Counts an element among its siblings of the same name; gives its number.
    fn number(&mut self, plan: &Plan, field: Field) -> u32 {
        let Some(parent) = self.open.last_mut().filter(|_| plan.node(field).repeated) else { return 1 };
        let count = if parent.repeated.0 == field { parent.repeated.1 + 1 } else { 1 };
        parent.repeated = (field, count);
        count
    }

    fn path(&self, plan: &Plan, field: Field, number: u32) -> String {
        let mut path = "/Document".to_owned();
        let elements = self.open.iter().map(|opened| (opened.field, opened.number)).chain([(field, number)]);
        for (field, number) in elements {
            let node = plan.node(field);
            path.extend(["/", node.name]);
            if node.repeated {
                path.push_str(&format!("[{number}]"));
            }
        }
        path
    }

    fn base(&self) -> usize {
        self.open.last().map_or(1, |opened| opened.base)
    }

    /// An element with children begins.
    fn element(&mut self, field: Field, line: u64) {
        let Some(plan) = self.plan else { return };
        self.line = line;
        let number = self.number(plan, field);
        let base = self.base();
        let mut opened = Opened { field, number, base, written_in: None, repeated: (0, 0) };
        match &plan.node(field).step {
            Step::Opened => {}
            Step::Written(route) => {
                let depth_outside = base + route.len() - 1;
                match self.emitter.open(base, route) {
                    Ok(()) => (opened.base, opened.written_in) = (self.emitter.depth(), Some(depth_outside)),
                    Err(refused) => self.obstacle(plan, field, number, refused),
                }
            }
            Step::Day(_) | Step::Lost => self.lose(plan, field, number),
        }
        self.open.push(opened);
    }

    fn close_element(&mut self) {
        let (Some(plan), Some(opened)) = (self.plan, self.open.pop()) else { return };
        let Some(depth) = opened.written_in else { return };
        if let Err(refused) = self.emitter.close_to(depth) {
            self.obstacle(plan, opened.field, opened.number, refused);
        }
        if let Err(error) = self.emitter.flush_chunk() {
            self.failed = Some(error);
        }
    }

    fn leaf(&mut self, field: Field, value: &str, attribute: &str) {
        let Some(plan) = self.plan else { return };
        let number = self.number(plan, field);
        let base = self.base();
        let written = match &plan.node(field).step {
            Step::Written(route) => self.emitter.value(base, route, value, attribute),
            Step::Day(route) => {
                self.lose(plan, field, number);
                match day_of_time(value) {
                    Some(day) => self.emitter.value(base, route, &day.to_string(), ""),
                    None => Err(Refused::Value),
                }
            }
            Step::Opened | Step::Lost => return self.lose(plan, field, number),
        };
        match written {
            Ok(()) => {}
            Err(Refused::Missing) => self.obstacle(plan, field, number, Refused::Missing),
            Err(_) => self.lose(plan, field, number),
        }
    }

    /// Leaves an element out, if that is allowed.
    #[cold]
    fn lose(&mut self, plan: &Plan, field: Field, number: u32) {
        if !self.lossy || plan.node(field).essential {
            return self.obstacle(plan, field, number, Refused::Place);
        }
        if self.conversion.losses.len() == NAMED_LOSSES {
            self.conversion.untold_losses += 1;
            return;
        }
        let path = self.path(plan, field, number);
        self.conversion.losses.push(Loss { line: self.line, path });
    }

    #[cold]
    fn obstacle(&mut self, plan: &Plan, field: Field, number: u32, refused: Refused) {
        let path = self.path(plan, field, number);
        self.refuse(refused, path);
    }

    #[cold]
    fn refuse(&mut self, refused: Refused, path: String) {
        let (code, text) = match refused {
            Refused::Place => (
                ReasonCode::CH17,
                Text::new("Den anden version har ikke plads til dette.", "The other version has no place for this."),
            ),
            Refused::Value => (
                ReasonCode::CH16,
                Text::new("Værdien er ikke tilladt i den anden version.", "The value is not allowed in the other version."),
            ),
            Refused::Missing => (
                ReasonCode::CH21,
                Text::new("Den anden version kræver mere, end der er her.", "The other version requires more than is here."),
            ),
        };
        let (expected, found) = (Text::new("", ""), Text::new("", ""));
        let line = self.line;
        self.conversion.obstacles.push(Finding { level: Level::Schema, line, offset: 0, path, code, expected, found, text });
    }

    fn flow(&self) -> Flow {
        if self.is_done() { Flow::Pause } else { Flow::Continue }
    }
}

impl<W: Write> Sink for Converter<W> {
    fn begin(&mut self, kind: MessageKind) {
        self.plan = plan(kind, self.to);
    }

    fn open(&mut self, field: Field, place: Place) -> Flow {
        self.element(field, place.line);
        self.flow()
    }

    fn value(&mut self, field: Field, value: &str, attribute: &str, line: u64) {
        if !self.is_done() {
            self.line = line;
            self.leaf(field, value, attribute);
        }
    }

    fn close(&mut self, _: Field, _: u64) -> Flow {
        if !self.is_done() {
            self.close_element();
        }
        self.flow()
    }

    fn finding(&mut self, finding: Finding) {
        self.conversion.obstacles.push(finding);
    }
}
