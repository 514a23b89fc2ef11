//! Tests of all pages: every kind of content, in both languages.

use primitives::Language;
use uuid::Uuid;

use crate::{
    caseworker, failure, front,
    layout::{Page, render},
    payee, samples,
    session::{OpenSession, Role, SignedIn, Token},
    sign_in,
    tongue::Tongue,
    visit::Visit,
};

const LANGUAGES: [Language; 2] = [Language::Da, Language::En];

fn visit(language: Language, path: &str) -> Visit {
    let name = primitives::Text::new(samples::HOSTILE, samples::HOSTILE);
    let who = SignedIn { name, role: Role::Citizen(samples::person()), acting: None };
    let session = OpenSession { token: Token::sent("t"), csrf: "csrf-of-the-session".into(), who: Some(who) };
    Visit { tongue: Tongue(language), path: path.into(), session: Some(session), trace: Uuid::nil() }
}

/// Renders every sample of a page in both languages and checks what holds for every page.
#[track_caller]
fn check<P: Page>() {
    let samples = P::samples();
    assert!(!samples.is_empty());
    for language in LANGUAGES {
        for sample in &samples {
            let html = render(&visit(language, "/account"), None, sample).into_string();
            check_html(&html, language);
        }
    }
}

#[track_caller]
fn check_html(html: &str, language: Language) {
    assert!(html.contains(&format!("<html lang=\"{language}\">")));
    assert_eq!(html.matches("<h1").count(), 1, "one main heading: {html}");
    assert!(!html.contains("<script"), "what is shown is escaped, and there are no scripts: {html}");
    assert!(!html.contains("style=\"") && !html.contains(" onclick"), "nothing inline: {html}");
    assert!(!html.contains(samples::CPR), "no whole CPR number: {html}");
    for form in html.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap();
        assert!(form.contains("method=\"post\"") && form.contains("csrf-of-the-session"), "a form without its token: {form}");
    }
}

#[test]
fn public_pages() {
    check::<front::FrontPage>();
    check::<sign_in::SignInPage>();
    check::<sign_in::ArrivalPage>();
    check::<failure::FailurePage>();
}

#[test]
fn pages_of_payees() {
    check::<payee::OverviewPage>();
    check::<payee::ChangePage>();
    check::<payee::HistoryPage>();
    check::<payee::LookupsPage>();
    check::<payee::PaymentsPage>();
    check::<payee::StoryPage>();
}

#[test]
fn pages_of_caseworkers() {
    check::<caseworker::SearchPage>();
    check::<caseworker::FoundPage>();
    check::<caseworker::CaseStoryPage>();
    check::<caseworker::SubjectPage>();
    check::<caseworker::CaseAccountPage>();
    check::<caseworker::DeliveriesPage>();
}

#[test]
fn the_whole_account_number_stands_behind_a_click_only() {
    let html = render(&visit(Language::Da, "/account"), None, &samples::overviews()[1]).into_string();
    let (before, details) = html.split_once("<details").unwrap();
    assert!(!before.contains(samples::ACCOUNT_NUMBER));
    assert!(details.contains(samples::ACCOUNT_NUMBER));
}

#[test]
fn another_authoritys_specific_account_is_not_shown() {
    let pages = samples::case_accounts();
    let shown = |page: &_| render(&visit(Language::Da, "/caseworker/accounts"), None, page).into_string().contains("NKSBFY");
    assert!(shown(&pages[1]), "the own authority's, within the role profile");
    assert!(!shown(&pages[2]), "outside the role profile");
}
