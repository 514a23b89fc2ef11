//! Searching the own authority's payments. What is searched for is kept in the session, so that numbers never stand in an address.

use std::sync::Arc;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    mediation::{PaymentSearch, PaymentState},
    parties::{BenefitScope, Function, UnitScope},
};
use jiff::civil::Date;
use maud::{Markup, html};

use super::CaseworkerVisit;
use crate::{
    failure::Failure,
    form::{Entered, FieldError, Fields, Submitted},
    layout::{Page, View},
    names::Names,
    number,
    parts::{FieldKind, TextField, Width, error_summary, text_field},
    payment_list::{STATES, state_name, state_value},
    portal::Site,
    session::Kept,
    tongue::Tongue,
};

const REFERENCE: &str = "reference";
const STATE: &str = "state";
const FROM: &str = "from";
const UNTIL: &str = "until";
/// The longest EndToEndId of ISO 20022.
const MAX_REFERENCE: usize = 35;

pub(super) async fn show(State(site): State<Arc<Site>>, caseworker: CaseworkerVisit) -> Result<Response, Failure> {
    caseworker.require(Function::SearchPayments)?;
    let page = SearchPage::new(&site, &caseworker, Entered::default()).await;
    Ok(caseworker.visit.page(&site, &page))
}

pub(super) async fn submit(
    State(site): State<Arc<Site>>, caseworker: CaseworkerVisit, Submitted(fields): Submitted,
) -> Result<Response, Failure> {
    caseworker.require(Function::SearchPayments)?;
    match parse(&fields) {
        Ok(search) => {
            let id = site.sessions.keep(&caseworker.session.token, Kept::Search(search));
            Ok(Redirect::to(&format!("/caseworker/payments/found/{id}")).into_response())
        }
        Err(errors) => {
            let page = SearchPage::new(&site, &caseworker, Entered { fields, errors }).await;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, caseworker.visit.page(&site, &page)).into_response())
        }
    }
}

/// What was searched for; authority and scope are added from the role profile when the search is made.
fn parse(fields: &Fields) -> Result<PaymentSearch, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut note = |error: FieldError| errors.push(error);
    let payee = number::parse(fields).transpose().unwrap_or_else(|error| {
        note(error);
        None
    });
    let reference = fields.one(REFERENCE);
    if reference.chars().count() > MAX_REFERENCE {
        note(FieldError::new(REFERENCE, "Referencen har højst 35 tegn.", "The reference has at most 35 characters."));
    }
    let mut day = |field| {
        parse_day(fields, field).unwrap_or_else(|error| {
            note(error);
            None
        })
    };
    let (from, until) = (day(FROM), day(UNTIL));
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        note(FieldError::new(UNTIL, "Til-datoen ligger før fra-datoen.", "The until date lies before the from date."));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(PaymentSearch {
        payee,
        end_to_end_id: (!reference.is_empty()).then(|| reference.to_owned()),
        states: chosen_states(fields),
        from,
        until,
        ..PaymentSearch::default()
    })
}

fn parse_day(fields: &Fields, field: &'static str) -> Result<Option<Date>, FieldError> {
    let text = fields.one(field);
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| FieldError::new(field, "Datoen skal have formen åååå-mm-dd.", "The date must have the form yyyy-mm-dd."))
}

fn chosen_states(fields: &Fields) -> Vec<PaymentState> {
    STATES.into_iter().filter(|state| fields.all(STATE).any(|chosen| chosen == state_value(*state))).collect()
}

pub(crate) struct SearchPage {
    authority: String,
    scope: BenefitScope,
    units: Vec<UnitScope>,
    entered: Entered,
}

impl SearchPage {
    async fn new(site: &Site, caseworker: &CaseworkerVisit, entered: Entered) -> Self {
        let names = Names::load(site, &caseworker.visit).await;
        Self {
            authority: names.payer(&caseworker.profile.authority).to_owned(),
            scope: caseworker.profile.scope.clone(),
            units: caseworker.profile.units.clone(),
            entered,
        }
    }
}

impl Page for SearchPage {
    fn title(&self, tongue: Tongue) -> String {
        tongue.say("Søg betalinger", "Search payments").to_owned()
    }

    fn body(&self, view: View<'_>) -> Markup {
        html! {
            h1 { (view.say("Søg betalinger", "Search payments")) }
            p.font-lead { (self.authority) }
            p { (scope_in_words(view, &self.scope, &self.units)) }
            (error_summary(view, &self.entered.errors))
            form.search-form action="/caseworker/payments" method="post" novalidate {
                (view.own())
                (number::fields(view, &self.entered))
                (text_field(view, &self.entered, &TextField {
                    name: REFERENCE,
                    label: view.say("Reference (EndToEndId)", "Reference (EndToEndId)"),
                    hint: None,
                    width: Width::TwentySeven,
                    kind: FieldKind::Text,
                }))
                div.side-by-side {
                    (date_field(view, &self.entered, FROM, view.say("Til rådighed fra", "At disposal from")))
                    (date_field(view, &self.entered, UNTIL, view.say("Til og med", "Until and including")))
                }
                (self.states(view))
                button.button.button-primary type="submit" { (view.say("Søg", "Search")) }
            }
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let scope = BenefitScope::Only { benefits: vec!["NKSBFY".parse().unwrap()], without: true };
        let units = vec![UnitScope { unit: "ALFA".parse().unwrap(), benefits: BenefitScope::All }];
        let fields = Fields::new(&[(number::NUMBER, "123"), (STATE, "waiting"), (FROM, "2026-03-05"), (UNTIL, "2026-03-01")]);
        let errors = parse(&fields).unwrap_err();
        vec![
            Self { authority: "Styrelsen".into(), scope: BenefitScope::All, units: vec![], entered: Entered::default() },
            Self { authority: "Styrelsen".into(), scope, units, entered: Entered { fields, errors } },
        ]
    }
}

impl SearchPage {
    fn states(&self, view: View<'_>) -> Markup {
        let chosen = chosen_states(&self.entered.fields);
        html! {
            div.form-group {
                fieldset {
                    legend.form-label { (view.say("Status (alle, hvis ingen er valgt)", "State (all, if none is chosen)")) }
                    div.choices {
                        @for state in STATES {
                            div.form-group-checkbox {
                                input.form-checkbox type="checkbox" id={ "state-" (state_value(state)) } name=(STATE)
                                    value=(state_value(state)) checked[chosen.contains(&state)];
                                label for={ "state-" (state_value(state)) } { (view.text(&state_name(state))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn date_field(view: View<'_>, entered: &Entered, name: &'static str, label: &str) -> Markup {
    text_field(view, entered, &TextField { name, label, hint: None, width: Width::Eleven, kind: FieldKind::Date })
}

fn scope_in_words(view: View<'_>, scope: &BenefitScope, units: &[UnitScope]) -> String {
    if *scope == BenefitScope::All {
        return view
            .say("Din rolleprofil omfatter alle myndighedens ydelser.", "Your role profile covers all benefits of the authority.")
            .to_owned();
    }
    let mut parts = benefits_in_words(view, scope);
    for UnitScope { unit, benefits } in units {
        let of_unit = benefits_in_words(view, benefits).join(", ");
        parts.push(format!("{} {unit}: {of_unit}", view.say("enhed", "unit")));
    }
    format!("{} {}.", view.say("Din rolleprofil omfatter:", "Your role profile covers:"), parts.join("; "))
}

fn benefits_in_words(view: View<'_>, scope: &BenefitScope) -> Vec<String> {
    match scope {
        BenefitScope::All => vec![view.say("alle ydelser", "all benefits").to_owned()],
        BenefitScope::Only { benefits, without } => {
            let none = without.then(|| view.say("betalinger uden ydelsesart", "payments without a benefit").to_owned());
            benefits.iter().map(ToString::to_string).chain(none).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn check_refused(fields: &[(&str, &str)], expect: &[&str]) {
        let errors = parse(&Fields::new(fields)).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.field).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn an_empty_search_finds_everything_the_profile_allows() {
        assert_eq!(parse(&Fields::default()), Ok(PaymentSearch::default()));
    }

    #[test]
    fn every_condition_is_read() {
        let fields = Fields::new(&[
            ("kind", "CVR"),
            (number::NUMBER, "10103940"),
            (REFERENCE, " E2E-1 "),
            (STATE, "waiting"),
            (STATE, "stopped"),
            (STATE, "invented"),
            (FROM, "2026-03-01"),
            (UNTIL, "2026-03-01"),
        ]);
        let search = parse(&fields).unwrap();
        assert_eq!(search.payee.map(|payee| payee.canonical().into_owned()).as_deref(), Some("10103940"));
        assert_eq!(search.end_to_end_id.as_deref(), Some("E2E-1"));
        assert_eq!(search.states, [PaymentState::Waiting, PaymentState::Stopped]);
        assert_eq!((search.from, search.until), (Some(date(2026, 3, 1)), Some(date(2026, 3, 1))));
    }

    #[test]
    fn faults_are_told_field_by_field() {
        check_refused(&[(number::NUMBER, "1")], &[number::NUMBER]);
        check_refused(&[(REFERENCE, &"x".repeat(36)), (FROM, "1/3-26")], &[REFERENCE, FROM]);
        check_refused(&[(FROM, "2026-03-02"), (UNTIL, "2026-03-01")], &[UNTIL]);
    }
}
