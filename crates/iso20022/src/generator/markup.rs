//! A reader for the markup of a schema file: elements with attributes, comments, and nothing else.

use super::GeneratorError;

/// An element of the schema file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
}

impl Element {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of an attribute that must be there.
    pub fn required(&self, name: &str) -> Result<&str, GeneratorError> {
        self.attribute(name).ok_or_else(|| GeneratorError::new(&self.name, format!("attribute {name} is missing")))
    }

    /// Fails on an attribute that is not among the known ones.
    pub fn only_attributes(&self, known: &[&str]) -> Result<(), GeneratorError> {
        match self.attributes.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(GeneratorError::new(&self.name, format!("unknown attribute {name}"))),
            None => Ok(()),
        }
    }
}

/// Reads the root element of a schema file.
pub(super) fn read(text: &str) -> Result<Element, GeneratorError> {
    let mut open: Vec<Element> = Vec::new();
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after_marker(after, "-->")?;
        } else if let Some(after) = rest.strip_prefix("<?") {
            rest = after_marker(after, "?>")?;
        } else if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>').ok_or_else(|| unfinished("end tag"))?;
            let element = open.pop().filter(|element| element.name == name.trim());
            let element = element.ok_or_else(|| GeneratorError::new(name, "end tag without start"))?;
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => return Ok(element),
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix('<') {
            let (tag, after) = after.split_once('>').ok_or_else(|| unfinished("start tag"))?;
            let element = start_tag(tag.trim_end_matches('/'))?;
            match (tag.ends_with('/'), open.last_mut()) {
                (true, Some(parent)) => parent.children.push(element),
                (true, None) => return Ok(element),
                (false, _) => open.push(element),
            }
            rest = after;
        } else {
            return Err(GeneratorError::new("file", "text between the elements"));
        }
    }
}

fn unfinished(what: &str) -> GeneratorError {
    GeneratorError::new(what, "is not finished")
}

fn after_marker<'t>(text: &'t str, marker: &str) -> Result<&'t str, GeneratorError> {
    text.split_once(marker).map(|(_, after)| after).ok_or_else(|| unfinished("comment or instruction"))
}

fn start_tag(tag: &str) -> Result<Element, GeneratorError> {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut element = Element { name: name.to_owned(), attributes: Vec::new(), children: Vec::new() };
    loop {
        rest = rest.trim();
        if rest.is_empty() {
            return Ok(element);
        }
        let (name, after) = rest.split_once("=\"").ok_or_else(|| unfinished(tag))?;
        let (value, after) = after.split_once('"').ok_or_else(|| unfinished(tag))?;
        if value.contains('&') {
            return Err(GeneratorError::new(tag, "references are not known"));
        }
        element.attributes.push((name.trim().to_owned(), value.to_owned()));
        rest = after;
    }
}
