//! A payee's number as people enter it.

use maud::{Markup, html};
use primitives::{Cpr, Cvr, Identifier, PNumber, Se};

use crate::{
    form::{Entered, FieldError, Fields},
    layout::View,
    parts::{FieldKind, TextField, Width, select_field, text_field},
};

/// The field of the number.
pub(crate) const NUMBER: &str = "payee";
/// The field of its kind.
const KIND: &str = "kind";

/// The two fields.
pub(crate) fn fields(view: View<'_>, entered: &Entered) -> Markup {
    let kinds = [
        ("CPR", view.say("CPR-nummer", "CPR number")),
        ("CVR", view.say("CVR-nummer", "CVR number")),
        ("SE", view.say("SE-nummer", "SE number")),
        ("P", view.say("P-nummer", "P number")),
    ];
    html! {
        div.side-by-side {
            (select_field(view, entered, KIND, view.say("Nummerets art", "Kind of number"), &kinds))
            (text_field(view, entered, &TextField {
                name: NUMBER,
                label: view.say("Modtagerens nummer", "The payee's number"),
                hint: None,
                width: Width::Eleven,
                kind: FieldKind::Digits,
            }))
        }
    }
}

/// The number, if one was entered. Never repeats what was entered in an error.
pub(crate) fn parse(fields: &Fields) -> Option<Result<Identifier, FieldError>> {
    let text: String = fields.one(NUMBER).chars().filter(|c| !c.is_whitespace()).collect();
    if text.is_empty() {
        return None;
    }
    let parsed = match fields.one(KIND) {
        "CVR" => Cvr::parse(&text).map(Identifier::Cvr).map_err(|_| wrong("CVR", 8)),
        "SE" => Se::parse(&text).map(Identifier::Se).map_err(|_| wrong("SE", 8)),
        "P" => PNumber::parse(&text).map(Identifier::P).map_err(|_| wrong("P", 10)),
        _ => Cpr::parse(&text).map(Identifier::Cpr).map_err(|_| wrong("CPR", 10)),
    };
    Some(parsed)
}

fn wrong(kind: &str, digits: u8) -> FieldError {
    FieldError::new(
        NUMBER,
        format!("Det er ikke et {kind}-nummer: det skal have {digits} cifre, som passer sammen."),
        format!("This is no {kind} number: it must have {digits} digits that fit together."),
    )
}

/// Said where a number is required and none was entered.
pub(crate) fn missing() -> FieldError {
    FieldError::new(NUMBER, "Skriv modtagerens nummer.", "Enter the payee's number.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &str, number: &str, expect: Option<Result<&str, ()>>) {
        let parsed = parse(&Fields::new(&[(KIND, kind), (NUMBER, number)]));
        let shown = parsed.map(|result| result.map(|id| format!("{} {}", id.kind().as_str(), id.canonical())).map_err(|_| ()));
        assert_eq!(shown, expect.map(|result| result.map(str::to_owned)), "{kind}");
    }

    #[test]
    fn numbers_of_every_kind() {
        check("CPR", " 010158-5005 ", Some(Ok("CPR 0101585005")));
        check("CPR", "3113585005", Some(Err(())));
        check("CVR", "10103940", Some(Ok("CVR 10103940")));
        check("SE", "10103940", Some(Ok("SE 10103940")));
        check("CVR", "10103941", Some(Err(())));
        check("P", "1234567890", Some(Ok("P 1234567890")));
        check("CPR", "  ", None);
    }

    #[test]
    fn an_error_does_not_repeat_the_number() {
        let error = parse(&Fields::new(&[(KIND, "CPR"), (NUMBER, "9999999999")])).unwrap().unwrap_err();
        assert!(!format!("{error:?}").contains("9999999999"));
    }
}
