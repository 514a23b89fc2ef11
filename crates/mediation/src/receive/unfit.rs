//! What a payment has that its payer's bank cannot be told in the bank's own characters.
//!
//! The reader has judged every text and reference by the characters that any bank may ask for. A bank may take fewer: what is text is converted for it
//! when its file is written, but a reference comes back from it and must be the same then, and a name that grows must not be cut.

use iso20022::{CharacterSet, Extra, ExtraKind, PaymentRow, ReasonCode, Rules};
use primitives::{Text, UnitCode};

use crate::characters::has_room;

/// The most characters of a name, and of a text for a bank.
const NAME_CHARACTERS: usize = 140;

/// A fault of a row or a block: the element it stands in, its code and its text.
pub(super) type Unfit = (&'static str, ReasonCode, Text);

/// Whether the bank can be told all of the row.
#[inline]
pub(super) fn fits(row: &PaymentRow<'_>, set: CharacterSet) -> bool {
    set == CharacterSet::Unicode || faults(row, set).next().is_none()
}

/// What the bank cannot be told.
pub(super) fn faults<'r>(row: &'r PaymentRow<'_>, set: CharacterSet) -> impl Iterator<Item = Unfit> + 'r {
    // A reference that no bank can carry is a finding of the reader already.
    let of_every_bank = |reference: &str| Rules::default().characters.allows_reference(reference);
    let references = [
        ("PmtId/EndToEndId", Some(row.end_to_end_id).filter(|reference| of_every_bank(reference))),
        ("RmtInf/Strd/CdtrRefInf/Ref", row.structured_reference),
    ];
    let references = references
        .into_iter()
        .filter(move |(_, reference)| reference.is_some_and(|reference| !set.allows_reference(reference)))
        .map(|(element, _)| (element, ReasonCode::RR10, reference()));
    let names = [("Cdtr/Nm", row.creditor_name)];
    let names = names
        .into_iter()
        .filter(move |(_, name)| name.is_some_and(|name| !has_room(set, name, NAME_CHARACTERS)))
        .map(|(element, _)| (element, ReasonCode::RR10, name()));
    references.chain(names).chain(of_extras(row.extras.iter(), set))
}

/// What the bank cannot be told of what few payments or blocks have.
pub(super) fn of_extras<'e>(
    extras: impl Iterator<Item = (Extra, &'e str)> + 'e, set: CharacterSet,
) -> impl Iterator<Item = Unfit> + 'e {
    extras.filter_map(move |(extra, text)| match extra.kind() {
        ExtraKind::Reference if !set.allows_reference(text) => Some((extra.path(), ReasonCode::RR10, reference())),
        ExtraKind::Text if !has_room(set, text, NAME_CHARACTERS) => Some((extra.path(), ReasonCode::RR10, name())),
        _ => None,
    })
}

fn reference() -> Text {
    Text::new(
        "Udbetalers bank kan ikke bære et tegn i referencen, eller en skråstreg på det sted, og referencer laves ikke om.",
        "The payer's bank cannot carry a character of the reference, or a slash in that place, and references are not converted.",
    )
}

fn name() -> Text {
    Text::new(
        "Navnet eller teksten bliver for lang, når den skrives med de tegn, udbetalers bank kan bære: højst 140 tegn.",
        "The name or text becomes too long in the characters that the payer's bank can carry: at most 140 characters.",
    )
}

/// A unit's code that the bank cannot carry; it stands in the agreement, so only there can it be changed.
pub(super) fn unit(unit: &UnitCode) -> Text {
    Text::new(
        format!("Udbetalers bank kan ikke bære et tegn i enhedens kode {}, og koder laves ikke om.", unit.as_str()),
        format!("The payer's bank cannot carry a character of the unit's code {}, and codes are not converted.", unit.as_str()),
    )
}
