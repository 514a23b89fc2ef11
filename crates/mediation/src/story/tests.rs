use std::fmt::Write;
use std::fs;
use std::path::Path;

use contracts::mediation::{Destination, PaymentState, PaymentStory, StopRequest, StopTarget, StoryQuery, StoryStep, Viewer};
use contracts::parties::BenefitScope;
use contracts::{Actor, Context, IdempotencyKey, Problem, ProblemCode};
use jiff_sqlx::ToSqlx;
use platform::seal::{KeyRing, Sealer};
use primitives::{Account, AgreementNumber, DeliveryId, EntryRef, PaymentRef, Text};

use crate::leg::destination_code;
use crate::store::search::StoredLeg;
use crate::testing::street::{answered_block, pain002, values, walk};
use crate::testing::{World, account, agreement, person};
use crate::vault::Vault;

/// How far the payments of a world have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Allocated,
    Sent,
    Accepted,
    Rejected,
    Returned,
    Stopped,
}

const STAGES: [Stage; 6] = [Stage::Allocated, Stage::Sent, Stage::Accepted, Stage::Rejected, Stage::Returned, Stage::Stopped];

async fn world_at(stage: Stage) -> World {
    let world = World::new().await;
    walk(&world).await;
    world.allocate().await;
    if stage == Stage::Stopped {
        let target = StopTarget::Delivery { delivery: DeliveryId::new(1) };
        let request = StopRequest { target, payer: agreement(), reason: "Udbetalt ved en fejl".to_owned() };
        let key = IdempotencyKey::new("stop").unwrap();
        let context = Context { actor: caseworker(agreement()), ..world.house.context(None) };
        crate::stop::stop(&world.house, &context, &key, vec![request]).await.unwrap();
    }
    if stage != Stage::Allocated {
        world.dispatch_and_send().await;
    }
    for (file, text) in world.bank_files() {
        match stage {
            Stage::Allocated | Stage::Sent | Stage::Stopped => {}
            Stage::Rejected => drop(world.answer(&pain002(&file, "<GrpSts>RJCT</GrpSts>", "")).await),
            Stage::Accepted | Stage::Returned => drop(world.answer(&pain002(&file, "<GrpSts>ACSC</GrpSts>", "")).await),
        }
        if stage == Stage::Returned {
            let rows: Vec<_> = values(&text, "InstrId").into_iter().map(|instruction| (instruction, "RJCT")).collect();
            world.answer(&pain002(&file, "", &answered_block(values(&text, "PmtInfId")[0], "", &rows))).await;
        }
    }
    world
}

async fn settled() -> World {
    world_at(Stage::Accepted).await
}

fn caseworker(authority: AgreementNumber) -> Actor {
    Actor::Caseworker { user: "u".to_owned(), authority }
}

async fn ask(world: &World, payment: PaymentRef, viewer: Viewer) -> Result<PaymentStory, Problem> {
    let actor = match &viewer {
        Viewer::Payee { identifier } => Actor::Payee { identifier: identifier.clone() },
        Viewer::Payer { agreement, .. } => caseworker(*agreement),
    };
    let context = Context { actor, ..world.house.context(None) };
    super::story(&world.house, &context, StoryQuery { payment, viewer }).await
}

fn payee(number: u32) -> Viewer {
    Viewer::Payee { identifier: person(number) }
}

fn payer() -> Viewer {
    Viewer::Payer { agreement: agreement(), scope: BenefitScope::All, units: vec![] }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_payee_sees_where_the_money_went_and_why() {
    let world = settled().await;
    let story = ask(&world, PaymentRef::new(1, 0), payee(1)).await.unwrap();
    let leg = &story.legs[0];
    assert_eq!(
        (leg.destination, leg.account.clone(), leg.entry.map(|entry| entry.get())),
        (Destination::Payee, Some(account(1)), Some(1))
    );
    let steps: Vec<_> = story.steps.iter().map(|step| step.what.en.as_str()).collect();
    let expect = [
        "Received from the payer.",
        "Completed: it is decided where the money goes.",
        "Accepted by the payer's bank.",
        "Sent to the payer's bank.",
    ];
    assert_eq!(steps.len(), 4, "{steps:?}");
    assert!(expect.iter().all(|step| steps.contains(step)), "{steps:?}");
    let returned = ask(&world, PaymentRef::new(2, 1), payee(5)).await.unwrap();
    assert_eq!(returned.legs[0].why.en, "Stays with the payer, because the payee has no active account.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_told_to_the_payee_and_cannot_be_told_apart_by_the_payer() {
    let world = settled().await;
    let to_payee = ask(&world, PaymentRef::new(2, 0), payee(4)).await.unwrap();
    assert_eq!((to_payee.legs[0].destination, to_payee.legs[0].account.clone()), (Destination::Recovery, Some(account(800))));
    assert!(to_payee.legs[0].why.da.contains("Gældsstyrelsen"));
}

/// However far they have come, the payer sees the same of a redirected payment as of others; and nobody is told that what did not get there
/// was paid.
#[tokio::test(flavor = "multi_thread")]
async fn every_stage_is_told_as_it_is_and_never_gives_a_redirect_away() {
    let told = [
        (Stage::Allocated, "Is to be paid through NemKonto.", "Is to be paid to the account the payee has designated."),
        (Stage::Sent, "Is on its way through NemKonto.", "Is on its way to the account the payee has designated."),
        (Stage::Accepted, "Paid through NemKonto.", "Paid to the account the payee has designated."),
        (
            Stage::Rejected,
            "Was to be paid through NemKonto, but the bank rejected it.",
            "Was to be paid to the account the payee has designated, but the bank rejected it.",
        ),
        (
            Stage::Returned,
            "Paid through NemKonto, but the bank sent the money back to the payer.",
            "Paid to the account the payee has designated, but the bank sent the money back to the payer.",
        ),
        (
            Stage::Stopped,
            "Was to be paid through NemKonto, but was stopped before it was sent.",
            "Was to be paid to the account the payee has designated, but was stopped before it was sent.",
        ),
    ];
    assert_eq!(told.map(|(stage, ..)| stage), STAGES);
    for (stage, to_payer, to_payee) in told {
        let world = world_at(stage).await;
        let redirected = ask(&world, PaymentRef::new(2, 0), payer()).await.unwrap();
        assert_eq!(redirected.legs[0].why.en, to_payer, "{stage:?}");
        // A-1 by the register, A-7 a complete order.
        for ordinary in [PaymentRef::new(1, 0), PaymentRef::new(3, 0)] {
            let ordinary = ask(&world, ordinary, payer()).await.unwrap();
            assert_eq!(told_of(&redirected), told_of(&ordinary), "{stage:?}");
        }
        let own = ask(&world, PaymentRef::new(1, 0), payee(1)).await.unwrap();
        assert_eq!(own.legs[0].why.en, to_payee, "{stage:?}");
    }
}

/// A leg as somebody is told of it.
type ToldLeg = (Destination, Option<Account>, Option<EntryRef>, Text);

/// All that is told but the payment's own reference, payee and amount.
fn told_of(story: &PaymentStory) -> (Vec<ToldLeg>, Vec<StoryStep>, PaymentState) {
    let legs = story.legs.iter().map(|leg| (leg.destination, leg.account.clone(), leg.entry, leg.why.clone())).collect();
    (legs, story.steps.clone(), story.summary.state)
}

/// Where a leg goes: destination, register entry, ISO reason.
const WAYS: [(&str, Destination, Option<i64>, Option<&str>); 6] = [
    ("payee's account by the register", Destination::Payee, Some(1), None),
    ("payee's account on the order", Destination::Payee, None, None),
    ("recovery authority", Destination::Recovery, None, None),
    ("holding account", Destination::Holding, None, Some("AC03")),
    ("error account", Destination::ErrorAccount, None, Some("AC04")),
    ("payer", Destination::Payer, None, Some("BE17")),
];

/// The payment's state, whether the file was handed over, the bank's word.
fn standing(stage: Stage) -> (PaymentState, bool, Option<i16>) {
    match stage {
        Stage::Allocated => (PaymentState::Allocated, false, None),
        Stage::Sent => (PaymentState::Sent, true, None),
        Stage::Accepted => (PaymentState::Accepted, true, Some(1)),
        Stage::Rejected => (PaymentState::Rejected, true, Some(2)),
        Stage::Returned => (PaymentState::Rejected, true, Some(3)),
        Stage::Stopped => (PaymentState::Stopped, false, None),
    }
}

/// Every state, place and audience, in both languages, as it stands in `fixtures/mediation/story-words.txt`.
#[test]
fn the_words_of_every_state_place_and_audience() {
    let vault = Vault::new(Sealer::new(&KeyRing::for_tests(), "mediation"));
    let mut text = String::new();
    for stage in STAGES {
        let (state, is_sent, outcome) = standing(stage);
        for (place, destination, entry, reason) in WAYS {
            let moves = destination != Destination::Payer;
            let leg = StoredLeg {
                destination: destination_code(destination),
                amount_minor: 100,
                currency: "DKK".to_owned(),
                account: moves.then(|| vault.seal_account(&account(1))),
                entry,
                reason: reason.map(str::to_owned),
                sent_at: (moves && is_sent).then(|| jiff::Timestamp::UNIX_EPOCH.to_sqlx()),
                outcome: outcome.filter(|_| moves),
            };
            for (audience, viewer) in [("payee", payee(1)), ("payer", payer())] {
                let told = super::leg_story(&leg, state, &viewer, &vault).unwrap();
                writeln!(text, "{stage:?} · {place} · told to the {audience}\n  {}\n  {}", told.why.da, told.why.en).unwrap();
                let hides = audience == "payer" && matches!(destination, Destination::Payee | Destination::Recovery);
                assert_eq!((told.account.is_some(), told.entry.is_some()), (moves && !hides, entry.is_some() && !hides));
                assert!(!hides || !told.why.da.contains("Gældsstyrelsen") && told.destination == Destination::Payee);
                let says_paid = told.why.en.starts_with("Paid") && !told.why.en.contains("but");
                assert_eq!(says_paid, stage == Stage::Accepted && moves, "{}", told.why.en);
            }
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/mediation/story-words.txt");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == text, "the words have changed:\n{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_s_payment_does_not_exist() {
    let world = settled().await;
    let other = AgreementNumber::parse("00000002").unwrap();
    let unscoped = BenefitScope::Only { benefits: Vec::new(), without: false };
    for (payment, viewer) in [
        (PaymentRef::new(1, 0), payee(2)),
        (PaymentRef::new(1, 0), Viewer::Payer { agreement: other, scope: BenefitScope::All, units: vec![] }),
        (PaymentRef::new(1, 0), Viewer::Payer { agreement: agreement(), scope: unscoped, units: vec![] }),
        (PaymentRef::new(99, 0), payer()),
    ] {
        assert_eq!(ask(&world, payment, viewer).await.unwrap_err().code, ProblemCode::NotFound);
    }
    let context = Context { actor: Actor::Payee { identifier: person(2) }, ..world.house.context(None) };
    let query = StoryQuery { payment: PaymentRef::new(1, 0), viewer: payee(1) };
    assert_eq!(super::story(&world.house, &context, query).await.unwrap_err().code, ProblemCode::Forbidden);
    // What was not given out is not logged as seen, but as tried, wherever there is a payment: once for each attempt.
    assert_eq!(world.rows("operation, result, count(*)", "mediation.access_log group by 1, 2").await, ["story refused 4"]);
}
