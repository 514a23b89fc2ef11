//! Patterns of the schemas, as a straight line of byte classes.
//!
//! Every pattern of the ISO 20022 schemas is a sequence of character classes with counts,
//! with at most one optional group of fixed length at its end. Such a pattern needs no
//! backtracking when each variable count is followed by something its class cannot match;
//! [`Pattern::parse_schema`] refuses everything else, so the generator fails rather than
//! writing a matcher that differs from the schema.

use std::fmt;

/// A set of ASCII bytes, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByteClass(u128);

impl ByteClass {
    fn insert(&mut self, byte: u8) {
        self.0 |= 1 << byte;
    }

    #[inline]
    fn contains(self, byte: u8) -> bool {
        byte < 128 && (self.0 >> byte) & 1 == 1
    }

    fn disjoint(self, other: ByteClass) -> bool {
        self.0 & other.0 == 0
    }
}

/// A class with the number of times it may occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    class: ByteClass,
    min: u32,
    max: u32,
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    steps: Vec<Step>,
    /// The optional group at the end; empty when there is none.
    tail: Vec<Step>,
}

/// Why a pattern text is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pattern not understood at byte {position}: {problem}")]
pub struct PatternError {
    position: usize,
    problem: &'static str,
}

impl Pattern {
    /// Reads the pattern text of a schema.
    ///
    /// # Errors
    /// A construct outside the subset described at the module.
    pub fn parse_schema(text: &str) -> Result<Pattern, PatternError> {
        let mut parser = PatternParser { text: text.as_bytes(), position: 0 };
        let steps = parser.steps()?;
        let tail = if parser.peek() == Some(b'(') { parser.optional_group()? } else { Vec::new() };
        if parser.position < parser.text.len() {
            return Err(parser.error("only one optional group, at the end, is known"));
        }
        let pattern = Pattern { steps, tail };
        if pattern.needs_backtracking() {
            return Err(parser.error("a variable count is followed by something it may match"));
        }
        Ok(pattern)
    }

    /// Whether the whole value matches.
    #[inline]
    pub fn matches(&self, value: &[u8]) -> bool {
        let Some(rest) = consume(&self.steps, value) else { return false };
        rest.is_empty() || (!self.tail.is_empty() && consume(&self.tail, rest).is_some_and(<[u8]>::is_empty))
    }

    /// A shortest value that matches, for samples.
    #[must_use]
    pub fn example(&self) -> String {
        let lowest = |class: ByteClass| (0..128u8).find(|byte| class.contains(*byte));
        self.steps
            .iter()
            .flat_map(|step| std::iter::repeat_n(lowest(step.class), step.min as usize))
            .flatten()
            .map(char::from)
            .collect()
    }

    fn needs_backtracking(&self) -> bool {
        let all: Vec<Step> = self.steps.iter().chain(&self.tail).copied().collect();
        let ambiguous = |index: usize| {
            let step = all[index];
            step.min != step.max
                && all[index + 1..]
                    .iter()
                    .scan(true, |open, next| {
                        let reachable = *open;
                        *open &= next.min == 0;
                        reachable.then_some(next)
                    })
                    .any(|next| !step.class.disjoint(next.class))
        };
        (0..all.len()).any(ambiguous)
    }
}

#[inline]
fn consume<'v>(steps: &[Step], value: &'v [u8]) -> Option<&'v [u8]> {
    let mut rest = value;
    for step in steps {
        let limit = rest.len().min(step.max as usize);
        let matched = rest[..limit].iter().position(|&byte| !step.class.contains(byte)).unwrap_or(limit);
        if matched < step.min as usize {
            return None;
        }
        rest = &rest[matched..];
    }
    Some(rest)
}

impl fmt::Display for Pattern {
    /// Writes the notation, which is itself a pattern that [`Pattern::parse_schema`] reads.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_steps(out, &self.steps)?;
        if !self.tail.is_empty() {
            out.write_str("(")?;
            write_steps(out, &self.tail)?;
            out.write_str("){0,1}")?;
        }
        Ok(())
    }
}

fn write_steps(out: &mut fmt::Formatter<'_>, steps: &[Step]) -> fmt::Result {
    for step in steps {
        write_class(out, step.class)?;
        if (step.min, step.max) != (1, 1) {
            write!(out, "{{{},{}}}", step.min, step.max)?;
        }
    }
    Ok(())
}

fn write_class(out: &mut fmt::Formatter<'_>, class: ByteClass) -> fmt::Result {
    out.write_str("[")?;
    let mut byte = 0u8;
    while byte < 128 {
        if !class.contains(byte) {
            byte += 1;
            continue;
        }
        let first = byte;
        while byte < 127 && class.contains(byte + 1) {
            byte += 1;
        }
        write_class_byte(out, first)?;
        if byte > first + 1 {
            out.write_str("-")?;
        }
        if byte > first {
            write_class_byte(out, byte)?;
        }
        byte += 1;
    }
    out.write_str("]")
}

fn write_class_byte(out: &mut fmt::Formatter<'_>, byte: u8) -> fmt::Result {
    if !byte.is_ascii_alphanumeric() {
        out.write_str("\\")?;
    }
    write!(out, "{}", char::from(byte))
}

struct PatternParser<'t> {
    text: &'t [u8],
    position: usize,
}

impl PatternParser<'_> {
    fn error(&self, problem: &'static str) -> PatternError {
        PatternError { position: self.position, problem }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn take(&mut self) -> Result<u8, PatternError> {
        let byte = self.peek().ok_or_else(|| self.error("ends too early"))?;
        if !byte.is_ascii() {
            return Err(self.error("only ASCII is known"));
        }
        self.position += 1;
        Ok(byte)
    }

    fn steps(&mut self) -> Result<Vec<Step>, PatternError> {
        let mut steps = Vec::new();
        while let Some(next) = self.peek() {
            if matches!(next, b'(' | b')') {
                break;
            }
            let class = self.class()?;
            let (min, max) = self.count()?;
            steps.push(Step { class, min, max });
        }
        Ok(steps)
    }

    fn optional_group(&mut self) -> Result<Vec<Step>, PatternError> {
        self.take()?;
        let steps = self.steps()?;
        if steps.is_empty() || self.take()? != b')' {
            return Err(self.error("a group of plain classes was expected"));
        }
        if self.count()? != (0, 1) {
            return Err(self.error("only the count {0,1} is known for a group"));
        }
        Ok(steps)
    }

    fn class(&mut self) -> Result<ByteClass, PatternError> {
        let mut class = ByteClass::default();
        match self.take()? {
            b'[' => self.bracketed(&mut class)?,
            b'\\' => {
                let byte = self.escaped()?;
                class.insert(byte);
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => class.insert(byte),
            _ => return Err(self.error("unknown operator")),
        }
        Ok(class)
    }

    fn bracketed(&mut self, class: &mut ByteClass) -> Result<(), PatternError> {
        if self.peek() == Some(b'^') {
            return Err(self.error("negated classes are not known"));
        }
        loop {
            let first = match self.take()? {
                b']' => return Ok(()),
                b'\\' => self.escaped()?,
                b'[' | b'-' => return Err(self.error("unknown operator in a class")),
                byte => byte,
            };
            let is_range = self.peek() == Some(b'-') && self.text.get(self.position + 1) != Some(&b']');
            let last = if is_range {
                self.take()?;
                match self.take()? {
                    b'\\' => self.escaped()?,
                    byte => byte,
                }
            } else {
                first
            };
            if last < first {
                return Err(self.error("a range runs backwards"));
            }
            (first..=last).for_each(|byte| class.insert(byte));
        }
    }

    fn escaped(&mut self) -> Result<u8, PatternError> {
        let byte = self.take()?;
        if byte.is_ascii_alphanumeric() {
            return Err(self.error("character class escapes are not known"));
        }
        Ok(byte)
    }

    fn count(&mut self) -> Result<(u32, u32), PatternError> {
        match self.peek() {
            Some(b'{') => {}
            Some(b'*' | b'+' | b'?') => return Err(self.error("only counts in braces are known")),
            _ => return Ok((1, 1)),
        }
        self.take()?;
        let min = self.number()?;
        let max = match self.take()? {
            b'}' => return Ok((min, min)),
            b',' => self.number()?,
            _ => return Err(self.error("a count was expected")),
        };
        if self.take()? != b'}' || max < min {
            return Err(self.error("a count was expected"));
        }
        Ok((min, max))
    }

    fn number(&mut self) -> Result<u32, PatternError> {
        let start = self.position;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        std::str::from_utf8(&self.text[start..self.position])
            .ok()
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| self.error("a number was expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, value: &str, expect: bool) {
        let compiled = Pattern::parse_schema(pattern).expect("known pattern");
        assert_eq!(compiled.matches(value.as_bytes()), expect, "{pattern} on {value}");
        let again = Pattern::parse_schema(&compiled.to_string()).expect("own notation");
        assert_eq!(again, compiled);
    }

    #[test]
    fn matches_as_the_schema_says() {
        let bic = "[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}";
        check(bic, "DABADKKK", true);
        check(bic, "DABADKKKXXX", true);
        check(bic, "DABADKKKX", false);
        check(bic, "DABADKKO", false);
        check(bic, "DABADKKKXXXX", false);
        let phone = "\\+[0-9]{1,3}-[0-9()+\\-]{1,30}";
        check(phone, "+45-12345678", true);
        check(phone, "+45-(12)-34+", true);
        check(phone, "45-12345678", false);
        check(phone, "+4512-12345678", false);
        check("[+]{0,1}[0-9]{1,15}", "+1", true);
        check("[+]{0,1}[0-9]{1,15}", "++1", false);
        check("[A-Z]{3,3}", "DKæ", false);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for text in ["a*", "[^a]", "(a|b)", "\\d{2}", "(a){0,1}b", "[0-9]{1,3}[0-9]", "[a", "é"] {
            assert!(Pattern::parse_schema(text).is_err(), "{text}");
        }
    }
}
