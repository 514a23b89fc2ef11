//! The pages.

use access::authorization::{Authorization, Right};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use contracts::mediation::{Mediation, PaymentSearch};
use contracts::parties::Function;
use primitives::PaymentRef;

use crate::common::browser::Browser;
use crate::common::{As, Town, agreement, operator};

/// Someone before a browser.
#[derive(Clone, Copy, Debug)]
struct Person {
    who: Option<As>,
    column: &'static str,
    functions: &'static [Function],
    /// Whether the own authority is the one that pays in this town.
    pays: bool,
    /// Whether the role profile covers all benefits, or NKSBFY alone.
    all_benefits: bool,
}

const PERSONS: [Person; 8] = [
    Person { who: None, column: "visitor", functions: &[], pays: false, all_benefits: false },
    Person { who: Some(As::Karen), column: "citizen", functions: &[], pays: false, all_benefits: false },
    Person { who: Some(As::Ole), column: "citizen", functions: &[], pays: false, all_benefits: false },
    Person { who: Some(As::Company), column: "company", functions: &[], pays: false, all_benefits: false },
    Person { who: Some(As::Chief), column: "caseworker", functions: ALL, pays: true, all_benefits: true },
    Person {
        who: Some(As::Trainee),
        column: "caseworker",
        functions: &[Function::SearchPayments],
        pays: true,
        all_benefits: false,
    },
    Person { who: Some(As::Neighbour), column: "caseworker", functions: ALL, pays: false, all_benefits: true },
    // Without a role profile.
    Person { who: Some(As::Stranger), column: "caseworker", functions: &[], pays: false, all_benefits: false },
];
const ALL: &[Function] = &[Function::SearchPayments, Function::StopPayments, Function::DesignateAccounts];

/// What an address is about.
#[derive(Clone, Debug)]
enum About {
    /// Nobody in particular, or whoever is signed in.
    Nothing,
    /// A payment: who gets it, and whether it is of the benefit NKSBFY.
    Payment { payee: &'static str, is_bfy: bool, reference: PaymentRef },
    /// Something kept in a session: the own, or another's.
    Kept { own: bool, id: String },
}

struct Matrix {
    router: Router,
    payments: Vec<About>,
    /// A search and a subject of somebody else's session.
    foreign: [String; 2],
}

impl Matrix {
    async fn of(town: &Town, router: Router) -> Self {
        let mut payments = Vec::new();
        for (reference, payee, is_bfy) in [("BFY-1", "Karen", true), ("LON-2", "Karen", false), ("LEV-4", "Company", false)] {
            let search = PaymentSearch {
                payer: Some(agreement()),
                end_to_end_id: Some(reference.into()),
                limit: 1,
                ..PaymentSearch::default()
            };
            let found = town.mediation.search(&operator(), search).await.unwrap().payments.remove(0).payment;
            payments.push(About::Payment { payee, is_bfy, reference: found });
        }
        let mut other = Browser::new(router.clone());
        other.sign_in(As::Chief).await;
        let foreign = [keep(&mut other, "/caseworker/payments").await, keep(&mut other, "/caseworker/accounts").await];
        Self { router, payments, foreign }
    }

    /// Every case in which somebody may do more or less than the table says.
    async fn disagreements(&self, table: &Authorization) -> Vec<String> {
        let mut found = Vec::new();
        for endpoint in portal::Portal::endpoints() {
            for person in PERSONS {
                for about in self.subjects(&endpoint, person).await {
                    let expect = is_allowed(table.right(&endpoint, person.column), person, &about);
                    let allowed = self.call(&endpoint, person, &about).await;
                    if allowed != expect {
                        let word = if expect { "is refused" } else { "is let in" };
                        found.push(format!("{endpoint}: {:?} {word}: {about:?}", person.who));
                    }
                }
            }
        }
        found
    }

    async fn subjects(&self, endpoint: &str, person: Person) -> Vec<About> {
        let kept = async |place: &str, foreign: &String| {
            let mut subjects = vec![About::Kept { own: false, id: foreign.clone() }];
            if person.functions.contains(&Function::DesignateAccounts) {
                let mut browser = self.browser(person).await;
                subjects.push(About::Kept { own: true, id: keep(&mut browser, place).await });
            }
            subjects
        };
        if endpoint.contains("{payment}/stop") && endpoint.starts_with("GET") {
            vec![self.payments[0].clone()]
        } else if endpoint.contains("{payment}") {
            self.payments.clone()
        } else if endpoint.contains("{search}") {
            kept("/caseworker/payments", &self.foreign[0]).await
        } else if endpoint.contains("{subject}") {
            kept("/caseworker/accounts", &self.foreign[1]).await
        } else {
            vec![About::Nothing]
        }
    }

    async fn browser(&self, person: Person) -> Browser {
        let mut browser = Browser::new(self.router.clone());
        match person.who {
            Some(who) => browser.sign_in(who).await,
            None => browser.get("/sign-in").await,
        };
        browser
    }

    /// Whether the person gets in: a page or a form's answer, and not the way to sign-in, a refusal or "no such page".
    async fn call(&self, endpoint: &str, person: Person, about: &About) -> bool {
        let (method, path) = endpoint.split_once(' ').unwrap();
        let mut browser = self.browser(person).await;
        let path = match about {
            About::Kept { own: true, .. } => {
                // What a session keeps is found in that session alone.
                let place = if path.contains("{search}") { "/caseworker/payments" } else { "/caseworker/accounts" };
                let id = keep(&mut browser, place).await;
                path.replace("{search}", &id).replace("{subject}", &id)
            }
            About::Kept { id, .. } => path.replace("{search}", id).replace("{subject}", id),
            About::Payment { reference, .. } => path.replace("{payment}", &reference.to_string()),
            About::Nothing => path.replace("{code}", "da").replace("{provider}", "persona"),
        };
        let csrf = vec![("csrf".to_owned(), browser.page.csrf())];
        browser.first(method, &path, &csrf).await;
        let page = &browser.page;
        let goes_to_sign_in = page.status == StatusCode::SEE_OTHER && page.headers["location"] == "/sign-in";
        // On the way to a provider and back a refusal is the provider's, and everybody's alike; the gate's own word is another.
        if path.starts_with("/sign-in/") {
            return !goes_to_sign_in && !page.html.contains("Du har ikke adgang");
        }
        !(goes_to_sign_in || matches!(page.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN))
    }
}

/// What the table means for this person and this subject.
fn is_allowed(right: Right, person: Person, about: &About) -> bool {
    let is_own = match about {
        About::Nothing => true,
        About::Kept { own, .. } => *own,
        About::Payment { payee, .. } if person.column != "caseworker" => {
            person.who.is_some_and(|who| format!("{who:?}") == *payee)
        }
        About::Payment { is_bfy, .. } => person.pays && (person.all_benefits || *is_bfy),
    };
    match right {
        Right::None => false,
        Right::All => true,
        Right::Own => is_own,
        Right::Function(_) | Right::Either(..) => right.is_held_by(person.functions) && is_own,
    }
}

/// Lets the session keep something; answers the name it is found by.
async fn keep(browser: &mut Browser, place: &str) -> String {
    browser.get(place).await;
    browser.send(place, &[("kind", "CPR"), ("payee", crate::common::KAREN), ("case", "1")]).await;
    assert_eq!(browser.page.status, StatusCode::OK, "{}", browser.page.html);
    browser.page.path.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_lets_in_whom_the_table_names_and_nobody_else() {
    let town = Town::with_payments().await;
    let matrix = Matrix::of(&town, town.router()).await;
    assert_eq!(matrix.disagreements(Authorization::declared()).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_hole_in_a_page_is_found() {
    let town = Town::with_payments().await;
    // A page whose handler forgot every check, in place of the one that is there.
    let hole = Router::new().route("/caseworker/deliveries", get(async || "Leverancer")).fallback_service(town.router());
    let found = Matrix::of(&town, hole).await.disagreements(Authorization::declared()).await;
    assert!(found.iter().all(|line| line.starts_with("GET /caseworker/deliveries:")), "{found:?}");
    for who in ["None", "Karen", "Company", "Stranger"] {
        assert!(found.iter().any(|line| line.contains(who) && line.contains("is let in")), "{who}: {found:?}");
    }
}
