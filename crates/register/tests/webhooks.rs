//! Webhooks, sent over TLS to a receiver that verifies their signatures by code of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::register::{
    AccessQuery, AccountPurpose, EndDesignation, NewWebhook, Register, RegisterServices, Subscription, Webhook, WebhookRef,
};
use contracts::{Actor, Context, ProblemCode};
use jiff::{SignedDuration, Timestamp};
use platform::driver::run_until_idle;
use platform::serve::Door;
use primitives::{AgreementNumber, Clock, HolderRef};
use register::Settings;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{
    Street, TODAY, certificates, context, key, nemkonto, number, operator, payer, person, street, street_that_sends,
};

/// A message as it came.
#[derive(Clone, Debug)]
struct Received {
    headers: HeaderMap,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Whether one of the signatures is by this secret (`whsec_…`), by the text of the standard alone.
    fn is_signed_by(&self, secret: &str) -> bool {
        let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let content = format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body);
        let expected = format!("v1,{}", STANDARD.encode(hmac_sha256(&secret, content.as_bytes())));
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// HMAC by RFC 2104, written out.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let pad = |byte: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ byte).collect() };
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

/// A receiver that answers as it is told to, and keeps what comes.
#[derive(Clone)]
struct Receiver {
    url: String,
    answer: Arc<Mutex<StatusCode>>,
    kept: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    fn answers(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = status;
    }

    /// What has come since it was last asked.
    fn taken(&self) -> Vec<Received> {
        std::mem::take(&mut self.kept.lock().unwrap())
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> StatusCode {
    receiver.kept.lock().unwrap().push(Received { headers, body });
    *receiver.answer.lock().unwrap()
}

/// A register that sends webhooks to this machine, with four people of whom the payer waits for the first; and a receiver.
async fn street_and_receiver() -> (Street, Receiver, HolderRef) {
    let (trust, identity) = certificates();
    let settings = Settings { webhook_private_networks: true, ..Settings::default() };
    let street = street_that_sends(settings, &trust).await;
    let door = Door::open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Some(&identity)).await.unwrap();
    let url = format!("{}/hook", door.url());
    let receiver = Receiver { url, answer: Arc::new(Mutex::new(StatusCode::OK)), kept: Arc::default() };
    let router = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
    tokio::spawn(door.serve(router, std::future::pending()));
    street.record("people", (1..=4).map(person).collect()).await;
    let wait = Subscription { payer: payer(), identifier: number(1) };
    let holder = street.house.subscribe(&anne(), &key("wait"), vec![wait]).await.unwrap().remove(0).unwrap();
    (street, receiver, holder)
}

fn anne() -> Context {
    context(Actor::Caseworker { user: "anne".into(), authority: payer() })
}

fn added(webhook: uuid::Uuid) -> WebhookRef {
    WebhookRef { payer: payer(), webhook }
}

impl Street {
    async fn add(&self, url: &str) -> (uuid::Uuid, String) {
        let wanted = NewWebhook { payer: payer(), url: url.to_owned() };
        let secret = self.house.add_webhook(&anne(), &key("add"), wanted).await.unwrap();
        (secret.webhook, secret.secret)
    }

    async fn designate_nemkonto(&self, n: u32) {
        let name = format!("{n} {}", self.clock.now());
        self.house.designate(&operator(), &key(&name), vec![nemkonto(n)]).await.unwrap().remove(0).unwrap();
    }

    async fn work(&self) {
        run_until_idle(&self.house.rooms(), 2).await.unwrap();
    }

    async fn fares(&self) -> Webhook {
        self.house.webhooks(&anne(), payer()).await.unwrap().remove(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_is_told_by_a_signed_message_that_names_nobody() {
    let (street, receiver, holder) = street_and_receiver().await;
    street.designate_nemkonto(1).await;
    street.work().await;
    let (_, secret) = street.add(&receiver.url).await;
    street.work().await;
    assert!(receiver.taken().is_empty(), "nothing has happened since it was added");
    street.clock.advance(SignedDuration::from_secs(1));
    let before = street.clock.now();
    street.designate_nemkonto(1).await;
    street.designate_nemkonto(2).await;
    street.work().await;
    let told = receiver.taken();
    assert_eq!(told.len(), 1, "only of whom the payer waits for: {told:?}");
    let message = &told[0];
    assert!(message.is_signed_by(&secret));
    assert!(!message.is_signed_by(&format!("whsec_{}", STANDARD.encode([7; 32]))), "and by nothing else");
    assert_eq!(message.header("webhook-timestamp"), before.as_second().to_string());
    assert_eq!(message.header("content-type"), "application/json");
    let timestamp = message.json()["timestamp"].clone();
    assert!(timestamp.as_str().unwrap().parse::<Timestamp>().is_ok());
    let expected = json!({ "type": "payee.account_available", "timestamp": timestamp, "data": { "holder": holder } });
    assert_eq!(message.json(), expected, "an opaque reference and no more");

    let query = AccessQuery { identifier: number(1), limit: 100 };
    let accesses = street.house.accesses(&operator(), query).await.unwrap();
    let telling = accesses.iter().filter(|access| access.operation == "webhook").collect::<Vec<_>>();
    assert_eq!((telling.len(), telling[0].on_behalf_of), (1, Some(payer())), "to be told is an access");

    let purpose = AccountPurpose::NemKonto;
    let ending = EndDesignation { identifier: number(1), purpose, from: TODAY, expected: None, reason: "asked".into() };
    street.house.end(&operator(), &key("end"), vec![ending]).await.unwrap().remove(0).unwrap();
    street.work().await;
    let ended: Vec<Value> = receiver.taken().iter().map(|message| message.json()["type"].clone()).collect();
    assert_eq!(ended, ["payee.account_ended"]);
    assert_eq!((street.fares().await.waiting, street.fares().await.failing_since), (0, None));
}

/// At least once, under one id, with growing pauses; what fails for days is disabled, and nothing of what waited is lost.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_sent_again_until_it_has_failed_for_days() {
    let (street, receiver, _) = street_and_receiver().await;
    let (webhook, _) = street.add(&receiver.url).await;
    receiver.answers(StatusCode::INTERNAL_SERVER_ERROR);
    street.designate_nemkonto(1).await;
    street.work().await;
    let first = receiver.taken();
    assert_eq!(first.len(), 1, "and not at once again");
    street.clock.advance(SignedDuration::from_secs(4));
    street.work().await;
    assert!(receiver.taken().is_empty(), "not before its pause is over");
    street.clock.advance(SignedDuration::from_secs(2));
    receiver.answers(StatusCode::NO_CONTENT);
    street.work().await;
    let second = receiver.taken();
    assert_eq!(second[0].header("webhook-id"), first[0].header("webhook-id"), "the same message");
    assert_ne!(second[0].header("webhook-timestamp"), first[0].header("webhook-timestamp"), "of another attempt");
    assert_eq!(street.fares().await.failing_since, None);

    receiver.answers(StatusCode::FOUND);
    street.designate_nemkonto(1).await;
    street.work().await;
    for _ in 0..4 {
        street.clock.advance(SignedDuration::from_hours(27));
        street.work().await;
    }
    assert_eq!(street.fares().await.disabled_at, None, "four days and a half");
    street.clock.advance(SignedDuration::from_hours(27));
    street.work().await;
    let fares = street.fares().await;
    assert!(fares.disabled_at.is_some() && fares.waiting == 1, "{fares:?}");
    assert_eq!(receiver.taken().len(), 6);
    street.clock.advance(SignedDuration::from_hours(27));
    street.work().await;
    assert!(receiver.taken().is_empty(), "it is left alone");

    receiver.answers(StatusCode::OK);
    assert!(street.house.enable_webhook(&anne(), &key("enable"), added(webhook)).await.unwrap());
    street.work().await;
    assert_eq!((receiver.taken().len(), street.fares().await.waiting), (1, 0), "what waited comes");

    receiver.answers(StatusCode::GONE);
    street.designate_nemkonto(1).await;
    street.work().await;
    assert!(street.fares().await.disabled_at.is_some(), "410 ends it at once");
    assert!(street.house.remove_webhook(&anne(), &key("remove"), added(webhook)).await.unwrap());
    assert!(street.house.webhooks(&anne(), payer()).await.unwrap().is_empty());
}

/// A new secret signs at once, the one of before a day longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_replaced_without_a_gap() {
    let (street, receiver, _) = street_and_receiver().await;
    let (webhook, old) = street.add(&receiver.url).await;
    let rotated = street.house.rotate_webhook_secret(&anne(), &key("rotate"), added(webhook)).await.unwrap();
    let again = street.house.rotate_webhook_secret(&anne(), &key("rotate"), added(webhook)).await.unwrap();
    assert_eq!(again.secret, rotated.secret, "the same call, the same secret");
    assert_ne!(rotated.secret, old);
    for (hours, by_old) in [(0, true), (23, true), (1, false)] {
        street.clock.advance(SignedDuration::from_hours(hours));
        street.designate_nemkonto(1).await;
        street.work().await;
        let message = receiver.taken().remove(0);
        assert_eq!((message.is_signed_by(&rotated.secret), message.is_signed_by(&old)), (true, by_old));
    }
}

/// Two workers send each message once.
#[tokio::test(flavor = "multi_thread")]
async fn workers_share_the_sending() {
    let (street, receiver, _) = street_and_receiver().await;
    street.add(&receiver.url).await;
    for _ in 0..5 {
        street.clock.advance(SignedDuration::from_secs(1));
        street.designate_nemkonto(1).await;
    }
    street.house.publish_feed(100).await.unwrap();
    street.house.tell_webhooks(100).await.unwrap();
    let (one, other) = tokio::join!(street.house.deliver_webhooks(), street.house.deliver_webhooks());
    assert_eq!(one.unwrap() + other.unwrap(), 5);
    let told = receiver.taken();
    let ids: std::collections::BTreeSet<_> = told.iter().map(|message| message.header("webhook-id").to_owned()).collect();
    assert_eq!((told.len(), ids.len()), (5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_payer_itself_is_told_and_only_outside() {
    let (trust, _) = certificates();
    let guarded = street_that_sends(Settings::default(), &trust).await;
    let add = async |street: &Street, who: &Context, name: &str, url: &str| {
        let wanted = NewWebhook { payer: payer(), url: url.to_owned() };
        street.house.add_webhook(who, &key(name), wanted).await.map(|_| ()).map_err(|problem| problem.code)
    };
    assert_eq!(add(&guarded, &anne(), "inside", "https://127.0.0.1:1/").await, Err(ProblemCode::InvalidInput));
    assert_eq!(add(&guarded, &anne(), "plain", "http://receiver.example/").await, Err(ProblemCode::InvalidInput));
    let other = AgreementNumber::parse("87654321").unwrap();
    let bo = context(Actor::Caseworker { user: "bo".into(), authority: other });
    assert_eq!(add(&guarded, &bo, "other", "https://receiver.example/").await, Err(ProblemCode::Forbidden));
    assert_eq!(guarded.house.webhooks(&bo, payer()).await.unwrap_err().code, ProblemCode::Forbidden);
    for n in 0..10 {
        assert_eq!(add(&guarded, &anne(), &format!("good {n}"), "https://receiver.example/").await, Ok(()));
    }
    assert_eq!(add(&guarded, &anne(), "eleventh", "https://receiver.example/").await, Err(ProblemCode::TooLarge));
    let strange = added(uuid::Uuid::nil());
    let rotated = guarded.house.rotate_webhook_secret(&anne(), &key("strange"), strange).await;
    assert_eq!(rotated.unwrap_err().code, ProblemCode::NotFound);
    assert_eq!(add(&street().await, &anne(), "nobody", "https://receiver.example/").await, Err(ProblemCode::Conflict));
}
