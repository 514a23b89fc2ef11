//! The references of a message: their length and characters.

use super::fault::{Fault, words};
use crate::reason::ReasonCode;

/// The most characters of an `EndToEndId`: the 8 digits of the agreement number and these make the 35 of the bank's reference.
const END_TO_END_ID_LENGTH: usize = 27;

/// Whether an `EndToEndId` leaves no room for the agreement number.
#[inline]
pub(super) fn is_too_long(end_to_end_id: &str) -> bool {
    end_to_end_id.len() > END_TO_END_ID_LENGTH && end_to_end_id.chars().count() > END_TO_END_ID_LENGTH
}

/// An `EndToEndId` that leaves no room for the agreement number.
pub(super) const TOO_LONG: Fault = Fault {
    code: ReasonCode::FF08,
    text: words(
        "EndToEndId er for lang: med aftalenummeret foran skal bankens reference kunne være på 35 tegn.",
        "The EndToEndId is too long: with the agreement number before it the bank's reference must fit in 35 characters.",
    ),
    expected: words("højst 27 tegn", "at most 27 characters"),
    found: words("flere tegn", "more characters"),
};

/// A reference with a character that a bank need not carry; references are not converted.
pub(super) const CHARACTERS: Fault = Fault {
    code: ReasonCode::RR10,
    text: words(
        "Referencen har et tegn, som ikke alle banker kan bære, og referencer laves ikke om.",
        "The reference has a character that not every bank can carry, and references are not converted.",
    ),
    expected: words("bogstaver, cifre, mellemrum og / - ? : ( ) . , ' +", "letters, digits, blanks and / - ? : ( ) . , ' +"),
    found: words("et andet tegn, eller en skråstreg på et forkert sted", "another character, or a slash in a wrong place"),
};

/// A name, address or text with a character that nothing like it stands for.
pub(super) const TEXT: Fault = Fault {
    code: ReasonCode::RR10,
    text: words(
        "Teksten har et tegn, der ikke kan skrives om til det latinske alfabet.",
        "The text has a character that cannot be rewritten in the Latin alphabet.",
    ),
    expected: words("tegn i omskrivningstabellen", "characters of the conversion table"),
    found: words("et andet tegn", "another character"),
};
