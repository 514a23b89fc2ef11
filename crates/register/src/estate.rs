//! Estates: after a death the estate is paid until the end-mark (3 years). Its account is designated by a caseworker on the word of the probate court,
//! never by a letter to the dead; payments follow it once the cooling-off is over or two people have released it.

use contracts::register::{DesignationRoute, EstateDocument};
use contracts::{Problem, ProblemCode};
use jiff::civil::Date;

use crate::fault::check_text;

/// Longest name of a court, in characters.
const COURT_LIMIT: usize = 100;

/// Whether the designation is an estate's.
pub(crate) fn is_estate(route: &DesignationRoute) -> bool {
    matches!(route, DesignationRoute::Estate { .. })
}

/// Refuses a document that is not of this estate and of a day that has been: the person has died, on or before the day of the document.
pub(crate) fn check_document(document: &EstateDocument, died: Option<Date>, today: Date) -> Result<(), Problem> {
    check_text(&document.court, COURT_LIMIT, "court")?;
    let Some(died) = died else {
        return Err(Problem::new(
            ProblemCode::Conflict,
            "Kontohaveren er ikke død, så der er intet dødsbo.",
            "The holder has not died, so there is no estate.",
        )
        .in_field("identifier"));
    };
    if (died..=today).contains(&document.issued_on) {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::InvalidInput,
        "Skifteretsattesten skal være udstedt efter dødsfaldet og senest i dag.",
        "The court's document must have been issued after the death and at latest today.",
    )
    .in_field("issued_on"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DIED: Date = date(2026, 1, 10);
    const TODAY: Date = date(2026, 3, 2);

    fn check(died: Option<Date>, issued_on: Date, expect: Option<&str>) {
        let document = EstateDocument { court: "Retten i Aarhus".into(), issued_on };
        let field = check_document(&document, died, TODAY).err().and_then(|problem| problem.field);
        assert_eq!(field.as_deref(), expect, "{died:?} {issued_on}");
    }

    #[test]
    fn a_document_is_of_a_dead_persons_estate_and_dated() {
        check(Some(DIED), DIED, None);
        check(Some(DIED), TODAY, None);
        check(Some(DIED), date(2026, 1, 9), Some("issued_on"));
        check(Some(DIED), date(2026, 3, 3), Some("issued_on"));
        check(None, TODAY, Some("identifier"));
        let nowhere = EstateDocument { court: " ".into(), issued_on: TODAY };
        assert_eq!(check_document(&nowhere, Some(DIED), TODAY).unwrap_err().field.as_deref(), Some("court"));
    }
}
