//! Changes to a file, seeded: some leave it valid, most do not.

use crate::damage;
use crate::dice::Dice;
use crate::dress;
use crate::outline::{Span, outline};
use crate::sample::{Sampler, escaped};
use crate::types::Types;
use crate::value;
use iso20022::MessageKind;
use iso20022::grammar::model::{Base, ElementParticle};

/// Changes files of one message.
pub struct Mutator {
    types: Types,
    /// Makes new elements.
    sampler: Sampler,
    kind: MessageKind,
}

/// A file at hand.
struct Case<'t> {
    text: &'t str,
    spans: &'t [Span<'t>],
}

impl Case<'_> {
    fn splice(&self, start: usize, end: usize, new: &str) -> String {
        format!("{}{new}{}", &self.text[..start], &self.text[end..])
    }

    fn whole(&self, span: &Span) -> &str {
        &self.text[span.start..span.end]
    }

    fn any(&self, dice: &mut Dice) -> &Span<'_> {
        &self.spans[dice.below(self.spans.len())]
    }

    /// An element without elements in it; any one if there is none.
    fn leaf(&self, dice: &mut Dice) -> &Span<'_> {
        let start = dice.below(self.spans.len());
        let turned = || self.spans[start..].iter().chain(&self.spans[..start]);
        turned().find(|span| span.leaf && !span.is_self_closing()).unwrap_or(&self.spans[start])
    }

    /// An element with a value, each kind of value as likely as the others.
    fn valued(&self, types: &Types, dice: &mut Dice) -> &Span<'_> {
        const BASES: &[Base] = &[
            Base::Text,
            Base::Text,
            Base::Text,
            Base::Decimal,
            Base::Decimal,
            Base::Boolean,
            Base::Date,
            Base::DateTime,
            Base::Time,
            Base::Year,
            Base::YearMonth,
            Base::Base64,
        ];
        let base_of = |span: &&Span| span.type_name.and_then(|name| types.value(name)).map(|simple| simple.base);
        let wanted = BASES[dice.below(BASES.len())];
        let start = dice.below(self.spans.len());
        let turned = || self.spans[start..].iter().chain(&self.spans[..start]);
        turned().find(|span| base_of(span) == Some(wanted)).unwrap_or_else(|| self.leaf(dice))
    }

    /// An element that is meant to have elements in it.
    fn branch(&self, dice: &mut Dice) -> &Span<'_> {
        let start = dice.below(self.spans.len());
        let turned = || self.spans[start..].iter().chain(&self.spans[..start]);
        turned().find(|span| !span.leaf).unwrap_or(&self.spans[start])
    }

    /// The elements directly in one.
    fn children(&self, of: &Span) -> Vec<&Span<'_>> {
        let is_child = |span: &&Span| span.parent.is_some_and(|parent| self.spans[parent].start == of.start);
        self.spans.iter().filter(is_child).collect()
    }

    /// A place between the elements of one.
    fn gap(&self, of: &Span, dice: &mut Dice) -> usize {
        let children = self.children(of);
        match dice.below(children.len() + 1) {
            0 => of.content,
            place => children[place - 1].end,
        }
    }
}

impl Mutator {
    pub fn new(kind: MessageKind) -> Mutator {
        let mut sampler = Sampler::new(kind);
        sampler.missing.clear();
        Mutator { types: Types::of(kind), sampler, kind }
    }

    /// Changes a text and dresses it; the same dice give the same file.
    pub fn mutate(&mut self, text: &str, dice: &mut Dice) -> Vec<u8> {
        // One change alone is what tells the judges apart: a second one may hide what they say of the first.
        let rounds = *dice.pick(&[&0, &0, &1, &1, &1, &1, &1, &1, &1, &2]);
        let mut changed = text.to_owned();
        for _ in 0..rounds {
            changed = self.change(&changed, dice);
        }
        for _ in 0..*dice.pick(&[&0, &0, &1, &1, &2, &3]) {
            changed = dress::dress(&changed, &self.types, dice);
        }
        let bytes = dress::encode(&changed, dice);
        if dice.once_in(14) { damage::bytes(bytes, dice) } else { bytes }
    }

    fn change(&mut self, text: &str, dice: &mut Dice) -> String {
        let spans = outline(text, &self.types);
        if spans.is_empty() {
            return text.to_owned();
        }
        let case = Case { text, spans: &spans };
        match dice.below(20) {
            0..=9 => change_value(&case, &self.types, dice),
            10..=11 => move_elements(&case, dice),
            12 => rename(&case, &self.types, self.kind, dice),
            13..=15 => insert_declared(&case, &self.types, &mut self.sampler, dice),
            16 => change_attributes(&case, &self.types, self.kind, dice),
            17 => damage::fragment(text, case.gap(case.branch(dice), dice), dice),
            18 => damage::fragment(text, case.leaf(dice).content, dice),
            _ => damage::text(text, dice),
        }
    }
}

fn change_value(case: &Case, types: &Types, dice: &mut Dice) -> String {
    let leaf = if dice.once_in(3) { case.leaf(dice) } else { case.valued(types, dice) };
    let declared = leaf.type_name.and_then(|name| types.value(name));
    let new = match (declared, dice.below(10)) {
        (_, 0) => {
            let other = case.leaf(dice);
            case.text[other.content..other.content_end].to_owned()
        }
        (Some(simple), 1..=2) => escaped(&value::valid(simple, dice)),
        (Some(simple), 3..=8) => escaped(&value::edge(simple, dice)),
        _ => dice.pick(damage::VALUES).to_owned(),
    };
    match dice.below(8) {
        0 => case.splice(leaf.content, leaf.content, &new),
        1 if new.is_empty() => {
            format!("{}/{}", &case.text[..leaf.attributes_end], &case.text[leaf.attributes_end..leaf.content])
                + &case.text[leaf.end..]
        }
        _ => case.splice(leaf.content, leaf.content_end, &new),
    }
}

/// Elements removed, repeated, exchanged, moved, wrapped, unwrapped.
fn move_elements(case: &Case, dice: &mut Dice) -> String {
    let (one, other) = (case.any(dice), case.any(dice));
    let whole = case.whole(one);
    match dice.below(10) {
        0..=1 => case.splice(one.start, one.end, ""),
        2 => case.splice(one.end, one.end, &whole.repeat(1 + dice.below(3))),
        3 => case.splice(one.end, one.end, &whole.repeat(4 + dice.below(8)).chars().take(60_000).collect::<String>()),
        4 => swap_with_next(case, one),
        5 => case.splice(one.start, one.end, case.whole(other)),
        6 => {
            let without = case.splice(one.start, one.end, "");
            let outside = other.end <= one.start || other.start >= one.end;
            let place = if other.start >= one.end { other.start - whole.len() } else { other.start };
            if outside { format!("{}{whole}{}", &without[..place], &without[place..]) } else { without }
        }
        7 => {
            let name = &case.text[one.start + 1..one.name_end];
            case.splice(one.start, one.end, &format!("<{name}>{whole}</{name}>"))
        }
        8 => case.splice(one.start, one.end, &case.text[one.content..one.content_end]),
        _ => case.splice(one.content, one.content_end, ""),
    }
}

fn swap_with_next(case: &Case, one: &Span) -> String {
    let next = case.spans.iter().find(|next| next.start >= one.end);
    next.map_or_else(
        || case.text.to_owned(),
        |next| {
            let between = &case.text[one.end..next.start];
            case.splice(one.start, next.end, &format!("{}{between}{}", case.whole(next), case.whole(one)))
        },
    )
}

/// Another name in one or both tags, or another namespace.
fn rename(case: &Case, types: &Types, kind: MessageKind, dice: &mut Dice) -> String {
    let one = case.any(dice);
    let name = &case.text[one.start + 1..one.name_end];
    let attributes = &case.text[one.name_end..one.attributes_end];
    let content = &case.text[one.content.min(one.content_end)..one.content_end];
    let target = kind.namespace();
    let siblings = one.parent.and_then(|parent| case.spans[parent].type_name).map(|owner| types.children(owner));
    let sibling = siblings.filter(|all| !all.is_empty()).map_or("Nm", |all| all[dice.below(all.len())].name.as_str());
    let (first, last) = match dice.below(13) {
        0 => (format!("{name}x"), format!("{name}x")),
        1 => (name.to_owned(), format!("{name}x")),
        2 => {
            let mut shorter = name.to_owned();
            shorter.pop();
            (shorter.clone(), shorter)
        }
        3 => (name.to_lowercase(), name.to_lowercase()),
        4 | 5 => (sibling.to_owned(), sibling.to_owned()),
        6 => (format!("q:{name} xmlns:q='{target}'"), format!("q:{name}")),
        7 => (format!("q:{name} xmlns:q='urn:other'"), format!("q:{name}")),
        8 => (format!("{name} xmlns='urn:other'"), name.to_owned()),
        9 => (format!("{name} xmlns=''"), name.to_owned()),
        10 => (format!("q:{name}"), format!("q:{name}")),
        11 => (format!("q:{name} xmlns:q='{target}'"), name.to_owned()),
        _ => (
            format!("{name} xmlns='{}'", dice.pick(MessageKind::ALL.iter().collect::<Vec<_>>().as_slice()).namespace()),
            name.to_owned(),
        ),
    };
    case.splice(one.start, one.end, &format!("<{first}{attributes}>{content}</{last}>"))
}

/// Elements that the grammar knows, where they belong and where they do not.
fn insert_declared(case: &Case, types: &Types, sampler: &mut Sampler, dice: &mut Dice) -> String {
    let branch = case.branch(dice);
    let owner = match dice.below(4) {
        0 => case.branch(dice).type_name,
        _ => branch.type_name,
    };
    let children: Vec<ElementParticle> =
        owner.map(|owner| types.children(owner).into_iter().cloned().collect()).unwrap_or_default();
    if children.is_empty() {
        return damage::fragment(case.text, branch.content, dice);
    }
    let element = &children[dice.below(children.len())];
    let new = sampler.fragment(element, dice);
    let standing: Vec<&Span> = case.children(branch);
    match (dice.below(4), standing.is_empty()) {
        // In place of one that stands there; if it has the same name, the file stays valid.
        (0, false) => {
            let old = standing[dice.below(standing.len())];
            case.splice(old.start, old.end, &new)
        }
        // Where the grammar has it: behind the last child that comes before it.
        (1 | 2, false) => {
            let position = |name: &str| children.iter().position(|child| child.name == name);
            let own = position(&element.name);
            let before = standing.iter().rfind(|child| position(&case.text[child.start + 1..child.name_end]) <= own);
            let place = before.map_or(branch.content, |child| child.end);
            case.splice(place, place, &new)
        }
        _ => {
            let place = case.gap(branch, dice);
            case.splice(place, place, &new)
        }
    }
}

fn change_attributes(case: &Case, types: &Types, kind: MessageKind, dice: &mut Dice) -> String {
    let valued: Vec<&Span> =
        case.spans.iter().filter(|span| span.type_name.is_some_and(|name| types.attribute(name).is_some())).collect();
    if !valued.is_empty() && dice.once_in(2) {
        let one = valued[dice.below(valued.len())];
        let (name, simple) = one.type_name.and_then(|name| types.attribute(name)).expect("filtered by it");
        let value = if dice.once_in(3) { value::valid(simple, dice) } else { value::edge(simple, dice) };
        let value = escaped(&value).replace('\n', "&#10;");
        let new = match dice.below(8) {
            0 => String::new(),
            1 => format!(" {name}='{}'", value.replace('\'', "&apos;")),
            2 => format!(" q:{name}=\"{value}\" xmlns:q=\"{}\"", kind.namespace()),
            3 => format!("\n{name}\t=\r\n\"{value}\" "),
            4 => format!(" {}=\"{value}\"", name.to_lowercase()),
            5 => format!(" {name}=\"{value}\" {name}=\"{value}\""),
            _ => format!(" {name}=\"{value}\""),
        };
        return case.splice(one.name_end, one.attributes_end, &new);
    }
    let one = if dice.once_in(3) { case.leaf(dice) } else { case.any(dice) };
    let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let own_type = one.type_name.unwrap_or("Max35Text");
    let other_type = &types.schema.types[dice.below(types.schema.types.len())].name;
    let target = kind.namespace();
    let new = match dice.below(12) {
        0 => format!(" {xsi} xsi:type=\"{own_type}\""),
        1 => format!(" {xsi} xsi:type=\"{other_type}\""),
        2 => format!(" {xsi} xmlns:t='{target}' xsi:type=\" t:{own_type}\n\""),
        3 => format!(
            " {xsi} xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xs:{}\"",
            dice.pick(&["string", "anyType", "decimal", "date"])
        ),
        4 => format!(
            " {xsi} xsi:type=\"{}{own_type}{}\"",
            dice.pick(&["", " ", "\n", "&#9;"]),
            dice.pick(&["", " ", "x", "&#10;"])
        ),
        5 => format!(" {xsi} xsi:schemaLocation=\"{target} {}.xsd\"", kind),
        _ => dice.pick(damage::ATTRIBUTES).to_owned(),
    };
    case.splice(one.attributes_end, one.attributes_end, &new)
}
