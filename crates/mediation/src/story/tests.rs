use contracts::mediation::{Destination, PaymentStory, StoryQuery, Viewer};
use contracts::parties::BenefitScope;
use contracts::{Actor, Context, Problem, ProblemCode};
use primitives::{AgreementNumber, PaymentRef};

use crate::testing::street::{pain002, walk};
use crate::testing::{World, account, agreement, person};

async fn settled() -> World {
    let world = World::new().await;
    walk(&world).await;
    world.allocate().await;
    world.dispatch_and_send().await;
    for (file, _) in world.bank_files() {
        world.answer(&pain002(&file, "<GrpSts>ACSC</GrpSts>", "")).await;
    }
    world
}

async fn ask(world: &World, payment: PaymentRef, viewer: Viewer) -> Result<PaymentStory, Problem> {
    let actor = match &viewer {
        Viewer::Payee { identifier } => Actor::Payee { identifier: identifier.clone() },
        Viewer::Payer { agreement, .. } => Actor::Caseworker { user: "u".to_owned(), authority: *agreement },
    };
    let context = Context { actor, ..world.house.context(None) };
    super::story(&world.house, &context, StoryQuery { payment, viewer }).await
}

fn payee(number: u32) -> Viewer {
    Viewer::Payee { identifier: person(number) }
}

fn payer() -> Viewer {
    Viewer::Payer { agreement: agreement(), scope: BenefitScope::All }
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
    assert_eq!(returned.legs[0].why.en, "Back to the payer: the payee has no active account.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_told_to_the_payee_and_cannot_be_told_apart_by_the_payer() {
    let world = settled().await;
    let to_payee = ask(&world, PaymentRef::new(2, 0), payee(4)).await.unwrap();
    assert_eq!((to_payee.legs[0].destination, to_payee.legs[0].account.clone()), (Destination::Recovery, Some(account(800))));
    assert!(to_payee.legs[0].why.da.contains("Gældsstyrelsen"));
    let redirected = ask(&world, PaymentRef::new(2, 0), payer()).await.unwrap();
    let ordinary = ask(&world, PaymentRef::new(1, 0), payer()).await.unwrap();
    let complete = ask(&world, PaymentRef::new(3, 0), payer()).await.unwrap();
    let seen = |story: &PaymentStory| {
        let legs: Vec<_> =
            story.legs.iter().map(|leg| (leg.destination, leg.account.clone(), leg.entry, leg.why.clone())).collect();
        (legs, story.steps.clone(), story.summary.state)
    };
    assert_eq!(seen(&redirected), seen(&ordinary));
    assert_eq!(seen(&redirected), seen(&complete));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_s_payment_does_not_exist() {
    let world = settled().await;
    let other = AgreementNumber::parse("00000002").unwrap();
    let unscoped = BenefitScope::Only { benefits: Vec::new(), without: false };
    for (payment, viewer) in [
        (PaymentRef::new(1, 0), payee(2)),
        (PaymentRef::new(1, 0), Viewer::Payer { agreement: other, scope: BenefitScope::All }),
        (PaymentRef::new(1, 0), Viewer::Payer { agreement: agreement(), scope: unscoped }),
        (PaymentRef::new(99, 0), payer()),
    ] {
        assert_eq!(ask(&world, payment, viewer).await.unwrap_err().code, ProblemCode::NotFound);
    }
    let context = Context { actor: Actor::Payee { identifier: person(2) }, ..world.house.context(None) };
    let query = StoryQuery { payment: PaymentRef::new(1, 0), viewer: payee(1) };
    assert_eq!(super::story(&world.house, &context, query).await.unwrap_err().code, ProblemCode::Forbidden);
    assert_eq!(world.rows("count(*)", "mediation.access_log").await, ["0"], "what was not given out is not logged as seen");
}
