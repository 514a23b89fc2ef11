//! Where the elements of a text are, and of which type; copes with texts that are already damaged.

use crate::types::Types;

/// An element in the text.
#[derive(Clone, Copy)]
pub struct Span<'t> {
    /// Where its start tag begins.
    pub start: usize,
    /// Where the start tag's name ends.
    pub name_end: usize,
    /// Where an attribute may be added: before the end of the start tag.
    pub attributes_end: usize,
    /// Between the tags; empty, at its end, for a self-closing element.
    pub content: usize,
    pub content_end: usize,
    pub end: usize,
    /// Has no element in it.
    pub leaf: bool,
    /// Its type, where the grammar knows the element.
    pub type_name: Option<&'t str>,
    /// Place of the element it stands in, in the outline.
    pub parent: Option<usize>,
}

impl Span<'_> {
    pub fn is_self_closing(&self) -> bool {
        self.content == self.end
    }

    /// Has a name, and all its parts, in order: where a tag is cut off it may not.
    fn is_whole(&self, text: &str) -> bool {
        let places = [self.start, self.name_end, self.attributes_end, self.content, self.content_end, self.end];
        self.name_end > self.start + 1 && places.is_sorted() && places.iter().all(|place| text.is_char_boundary(*place))
    }
}

/// All elements in the order of their start tags. Elements that never end are left out.
pub fn outline<'t>(text: &str, types: &'t Types) -> Vec<Span<'t>> {
    let mut spans: Vec<Option<Span<'t>>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut index = 0;
    while let Some(start) = text[index..].find('<').map(|offset| index + offset) {
        let rest = &text[start..];
        if let Some(length) = ignored(rest) {
            index = start + length;
            continue;
        }
        let end = start + tag_length(rest);
        index = end;
        if rest.starts_with("</") {
            if let Some(span) = open.pop().and_then(|place| spans[place].as_mut()) {
                (span.content_end, span.end) = (start, end);
            }
            continue;
        }
        let span = start_tag(text, start, end, &spans, open.last().copied(), types);
        if let Some(parent) = span.parent.and_then(|parent| spans[parent].as_mut()) {
            parent.leaf = false;
        }
        if !span.is_self_closing() {
            open.push(spans.len());
        }
        spans.push(Some(span));
    }
    let unfinished: Vec<usize> = open;
    unfinished.iter().for_each(|place| spans[*place] = None);
    spans.iter_mut().filter(|span| span.is_some_and(|span| !span.is_whole(text))).for_each(|span| *span = None);
    let mut places = vec![None; spans.len()];
    let mut kept = Vec::with_capacity(spans.len());
    for (place, span) in spans.into_iter().enumerate() {
        if let Some(span) = span {
            places[place] = Some(kept.len());
            let parent = span.parent.and_then(|parent| places[parent]);
            kept.push(Span { parent, ..span });
        }
    }
    kept
}

/// The length of a comment, instruction or CDATA section.
fn ignored(rest: &str) -> Option<usize> {
    let end = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")]
        .into_iter()
        .find(|(start, _)| rest.starts_with(start))?
        .1;
    Some(rest.find(end).map_or(rest.len(), |place| place + end.len()))
}

/// The length of a tag; a `>` in quotes does not end it.
fn tag_length(rest: &str) -> usize {
    let mut quote = None;
    for (place, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'>') => return place + 1,
            _ => {}
        }
    }
    rest.len()
}

fn start_tag<'t>(
    text: &str, start: usize, end: usize, spans: &[Option<Span<'t>>], parent: Option<usize>, types: &'t Types,
) -> Span<'t> {
    let tag = &text[start + 1..end];
    let name_length = tag.find([' ', '\n', '\t', '\r', '/', '>']).unwrap_or(tag.len());
    let name = tag[..name_length].split(':').next_back().unwrap_or_default();
    let type_name = match parent {
        None if name == types.schema.root => Some(types.schema.root_type.as_str()),
        None => None,
        Some(parent) => {
            let owner = spans[parent].as_ref().and_then(|span| span.type_name);
            owner.and_then(|owner| types.child(owner, name)).map(|element| element.type_name.as_str())
        }
    };
    let self_closing = tag.ends_with("/>");
    let content = end;
    let attributes_end = end.saturating_sub(if self_closing { 2 } else { 1 }).max(start + 1 + name_length);
    let name_end = start + 1 + name_length;
    Span { start, name_end, attributes_end, content, content_end: end, end, leaf: true, type_name, parent }
}
