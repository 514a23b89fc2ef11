//! Sign-in by OpenID Connect, against the certified `oidc-provider` as a real peer over TLS.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod peer;

use std::sync::Arc;

use access::oidc::OidcProvider;
use access::{Answer, Employee, IdentityProvider, Mandate, Pending, Refusal, Subject};
use jiff::SignedDuration;
use peer::{ANOTHER, OURS, Peer};
use primitives::{Clock, Cpr, Cvr, Identifier, ManualClock, SystemClock};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};

const REDIRECT: &str = "http://127.0.0.1:1/sign-in/mitid/answer";
const SUBSTANTIAL: &str = "https://data.gov.dk/concept/core/nsis/Substantial";

fn persons() -> Value {
    let own = |privilege: &str| json!([{ "scope": "urn:dk:gov:saml:cvrNumberIdentifier:13585628", "privileges": [privilege] }]);
    let power =
        json!([{ "scope": "urn:dk:gov:saml:cprNumberIdentifier:0202585004", "privileges": ["urn:nemkonto:self-service"] }]);
    json!({
        "karen": { "cpr": "0101585005", "loa": SUBSTANTIAL, "full_name": "Karen Jensen" },
        "weak": { "cpr": "0101585005", "loa": "https://data.gov.dk/concept/core/nsis/Low" },
        "agent": { "cpr": "0101585005", "loa": "High", "privileges": power },
        "chief": { "cpr": "0101585005", "cvr": "13585628", "user": "chief", "loa": "High", "privileges": own("urn:nemkonto:caseworker") },
        "clerk": { "cvr": "13585628", "user": "clerk", "loa": "High", "privileges": own("urn:nemkonto:company") },
        "guest": { "cvr": "13585628", "user": "guest", "loa": "High" },
    })
}

fn cpr(number: &str) -> Identifier {
    Identifier::Cpr(Cpr::parse(number).unwrap())
}

/// Goes to the peer as this person and back; answers what is proven then.
async fn sign_in(peer: &Peer, provider: &OidcProvider, person: &str) -> Result<Subject, Refusal> {
    let departure = provider.depart().await?;
    let answer = Answer::new(peer.sign_in(&departure.address, person).await);
    provider.arrive(Some(&departure.pending), &answer).await.map(|identity| identity.subject)
}

#[tokio::test]
async fn every_role_is_proven_by_its_claims_and_no_more() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let provider = peer.provider(OURS, Arc::new(SystemClock));
    let cvr = Cvr::parse("13585628").unwrap();
    let employee = Employee { user: Some("clerk".into()), person: None };
    for (person, expect) in [
        ("karen", Ok(Subject::Citizen { identifier: cpr("0101585005"), mandate: None })),
        ("agent", Ok(Subject::Citizen { identifier: cpr("0101585005"), mandate: Some(Mandate { grantor: cpr("0202585004") }) })),
        ("chief", Ok(Subject::Caseworker { user: "chief".into(), cvr: Some(cvr) })),
        ("clerk", Ok(Subject::Company { identifier: Identifier::Cvr(Cvr::parse("13585628").unwrap()), employee })),
        ("guest", Err(Refusal::NoRole)),
        ("weak", Err(Refusal::LevelTooLow)),
        ("nobody", Err(Refusal::Declined)),
    ] {
        assert_eq!(sign_in(&peer, &provider, person).await, expect, "{person}");
    }
}

#[tokio::test]
async fn an_answer_to_another_question_is_no_proof() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let provider = peer.provider(OURS, Arc::new(SystemClock));
    let other = provider.depart().await.unwrap().pending;
    let unproven = |reason| Err(Refusal::Unproven(reason));
    type Change = fn(&mut Pending, &mut Vec<(String, String)>, &Pending);
    let cases: [(&str, Change, Result<(), Refusal>); 8] = [
        ("unchanged", |_, _, _| {}, Ok(())),
        ("state", |pending, _, other| pending.state.clone_from(&other.state), Err(Refusal::NotAwaited)),
        ("nonce", |pending, _, other| pending.nonce.clone_from(&other.nonce), unproven("an ID token of another sign-in")),
        (
            "verifier",
            |pending, _, other| pending.verifier.clone_from(&other.verifier),
            unproven("the broker does not take the code"),
        ),
        ("code", |_, answer, _| set(answer, "code", "stolen"), unproven("the broker does not take the code")),
        ("issuer", |_, answer, _| set(answer, "iss", "https://another.example"), unproven("an answer of another issuer")),
        ("twice", |_, answer, _| answer.push(("state".into(), "x".into())), Err(Refusal::NotAwaited)),
        ("missing", |_, answer, _| answer.retain(|(name, _)| name != "code"), unproven("an answer without a code")),
    ];
    for (name, change, expect) in cases {
        let mut departure = provider.depart().await.unwrap();
        let mut answer = peer.sign_in(&departure.address, "karen").await;
        change(&mut departure.pending, &mut answer, &other);
        let outcome = provider.arrive(Some(&departure.pending), &Answer::new(answer.clone())).await.map(|_| ());
        assert_eq!(outcome, expect, "{name}");
        let again = provider.arrive(Some(&departure.pending), &Answer::new(answer)).await;
        assert!(again.is_err(), "{name}: a code is good once");
    }
    assert_eq!(provider.arrive(None, &Answer::default()).await.unwrap_err(), Refusal::NotAwaited);
}

fn set(answer: &mut [(String, String)], name: &str, value: &str) {
    answer.iter_mut().find(|(found, _)| found == name).unwrap().1 = value.to_owned();
}

#[tokio::test]
async fn keys_that_change_are_followed() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let clock = ManualClock::new(SystemClock.now());
    let provider = peer.provider(OURS, Arc::new(clock.clone()));
    assert!(sign_in(&peer, &provider, "karen").await.is_ok());
    peer.rotate().await;
    // Not asked again at once: invented key ids would make us call the peer without end.
    assert_eq!(sign_in(&peer, &provider, "karen").await, Err(Refusal::Unproven("an ID token whose signature does not hold")));
    clock.advance(SignedDuration::from_secs(11));
    assert!(sign_in(&peer, &provider, "karen").await.is_ok());
}

#[tokio::test]
async fn neither_another_key_of_ours_nor_an_old_or_foreign_token_is_believed() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let wrong_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
    let impostor = peer.provider_with_key(OURS, &wrong_key, Arc::new(SystemClock));
    assert_eq!(sign_in(&peer, &impostor, "karen").await, Err(Refusal::Unproven("the broker does not take the code")));

    let clock = ManualClock::new(SystemClock.now() + SignedDuration::from_hours(1));
    let late = peer.provider(OURS, Arc::new(clock));
    let outcome = sign_in(&peer, &late, "karen").await;
    // The peer itself refuses an assertion of the future; a token would have expired.
    assert!(matches!(outcome, Err(Refusal::Unproven(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_citizens_token_is_believed_for_the_service_it_was_given_to() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let ours = peer.provider(OURS, Arc::new(SystemClock));
    let token = peer.id_token(ANOTHER, "karen").await;
    let identity = ours.identity_of_token(&token, ANOTHER).await.unwrap();
    assert_eq!(identity.subject, Subject::Citizen { identifier: cpr("0101585005"), mandate: None });
    let elsewhere = ours.identity_of_token(&token, OURS).await;
    assert_eq!(elsewhere, Err(Refusal::Unproven("an ID token for somebody else")));
    let mut changed = token.clone();
    let signed = changed.rfind('.').unwrap() + 5;
    changed.replace_range(signed..=signed, if &changed[signed..=signed] == "A" { "B" } else { "A" });
    let outcome = ours.identity_of_token(&changed, ANOTHER).await;
    assert_eq!(outcome, Err(Refusal::Unproven("an ID token whose signature does not hold")));
}
