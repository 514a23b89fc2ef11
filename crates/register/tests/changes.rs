//! What stands in the change log: each change, who made and who approved it, from what to what; and of much at once how much, with a digest that can
//! be taken again.

use contracts::register::{
    AccountPurpose, Activation, BankReport, BranchMove, Designation, DesignationRoute, EndDesignation, HoldRelease, HolderKind,
    HolderMerge, HolderRecord, HolderSplit, NewWebhook, PayeeChoice, PrivateChoice, Register, RegisterServices, SourceEvent,
    SourceFact, SourceRegister, SpecificRule, Subscription, WebhookRef,
};
use contracts::{Actor, Context};
use platform::change_log::{ChangeLog, SALT_BYTES, ddl, export, verify};
use platform::driver::run_until_idle;
use platform::seal::KeyRing;
use primitives::{BankCode, BenefitCode, Clock};
use register::{FraudRule, FraudRules, Settings};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::support::{self, Street, TODAY, account, citizen, context, key, nemkonto, number, operator, payer, person, street};

/// The digest of many entries, taken again from the tables at the time of the change.
const VERSIONS_BY_SQL: &str = "select encode(sha256(string_agg(
        uuid_send(holder_ref) || int8send(entry_id) || int4send(version) || account
        || convert_to(concat_ws('|', payer, benefit, state, valid_from, coalesce(valid_until::text, ''), route, recorded_by), 'UTF8'),
        ''::bytea order by entry_id, version)), 'hex')
    from register.entry where recorded_from = $1";
/// The digest of the facts of many holders.
const FACTS_BY_SQL: &str = "select encode(sha256(string_agg(
        uuid_send(holder_ref) || int4send(version) || current_number || name
        || convert_to(concat_ws('|', kind, coalesce(born::text, ''), status, coalesce(valid_from::text, ''), coalesce(valid_until::text, ''),
                                recorded_by), 'UTF8'),
        ''::bytea order by holder_ref, version)), 'hex')
    from register.holder_fact where recorded_from = $1";
/// The digest of the numbers of many holders.
const NUMBERS_BY_SQL: &str = "select encode(sha256(string_agg(
        uuid_send(holder_ref) || int2send(kind) || number, ''::bytea order by holder_ref, kind, number)), 'hex')
    from register.identifier where linked_at = $1";

fn log() -> ChangeLog {
    ChangeLog::new("register", &KeyRing::for_tests())
}

fn caseworker(user: &str) -> Context {
    context(Actor::Caseworker { user: user.into(), authority: payer() })
}

impl Street {
    /// What has been logged: who, which call, what, and who approved it; references of holders and webhooks as `id`.
    async fn logged(&self) -> Vec<String> {
        let ids = "'[0-9a-f]{8}-[0-9a-f-]{27}', 'id', 'g'";
        let statement = format!(
            "select regexp_replace(concat_ws(' ', actor, operation, subject, approved_by), {ids}) from register.change order by change_id"
        );
        sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(&mut self.database.admin().await).await.unwrap()
    }

    /// The contents of the log, opened: from, to and why.
    async fn contents(&self) -> Vec<Value> {
        run_until_idle(&self.house.rooms(), 1).await.unwrap();
        let mut file = Vec::new();
        export(&self.database.connect("register").await, &log(), true, &mut file).await.unwrap();
        let lines = String::from_utf8(file).unwrap();
        let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.filter_map(|row| Some(open(row["content"].as_str()?))).collect()
    }

    /// Text of the first column for the change's own time.
    async fn again(&self, statement: &'static str, operation: &str) -> String {
        let mut admin = self.database.admin().await;
        let at: jiff_sqlx::Timestamp = sqlx::query_scalar("select at from register.change where operation = $1")
            .bind(operation)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        sqlx::query_scalar(statement).bind(at).fetch_one(&mut admin).await.unwrap()
    }
}

fn open(hex: &str) -> Value {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let salted: Vec<u8> = hex.as_bytes().chunks(2).map(byte).collect();
    serde_json::from_slice(&salted[SALT_BYTES..]).unwrap()
}

#[test]
fn the_change_log_is_made_as_the_platform_says() {
    assert!(include_str!("../migrations/0015_changes.sql").contains(&ddl("register")));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_designation_activation_and_ending_stands_in_the_log() {
    let street = street().await;
    street.record("person", vec![person(1)]).await;
    let wish = Designation { route: DesignationRoute::SelfService, valid_from: TODAY, reason: "my bank".into(), ..nemkonto(1) };
    street.house.designate(&citizen(1), &key("wish"), vec![wish.clone()]).await.unwrap();
    street.house.designate(&citizen(1), &key("wish"), vec![wish]).await.unwrap();
    let code = street.house.letters_to_print(&operator(), 1).await.unwrap().remove(0).code;
    street
        .house
        .activate(&operator(), &key("wrong"), vec![Activation { identifier: number(1), code: "no".into() }])
        .await
        .unwrap();
    street.house.activate(&operator(), &key("code"), vec![Activation { identifier: number(1), code }]).await.unwrap();
    let ending = EndDesignation {
        identifier: number(1),
        purpose: AccountPurpose::NemKonto,
        from: TODAY,
        expected: None,
        reason: "closed".into(),
    };
    street.house.end(&caseworker("anne"), &key("end"), vec![ending]).await.unwrap();
    let renamed = HolderRecord { name: "Ingen Ny".into(), ..person(1) };
    street.record("renamed", vec![renamed.clone()]).await;
    street.record("renamed again", vec![renamed]).await;
    assert_eq!(
        street.logged().await,
        [
            "operator:tester record-holders holder:id",
            "payee:CPR:id designate holder:id/entry:1",
            "operator:tester activate holder:id/entry:1",
            "caseworker:12345678:anne end holder:id/entry:1",
            "operator:tester record-holders holder:id",
        ]
    );
    let contents = street.contents().await;
    assert_eq!((&contents[1]["from"], &contents[1]["why"]), (&Value::Null, &json!("my bank")));
    assert_eq!((&contents[1]["to"]["account"], &contents[1]["to"]["state"]), (&json!(account(1)), &json!("pending")));
    assert_eq!((&contents[2]["from"]["state"], &contents[2]["to"]["state"]), (&json!("pending"), &json!("active")));
    assert_eq!((&contents[3]["from"]["state"], &contents[3]["why"]), (&json!("active"), &json!("closed")));
    assert_eq!((&contents[4]["from"]["name"], &contents[4]["to"]["name"]), (&json!("Ingen Nummer 1"), &json!("Ingen Ny")));

    let database = street.database.connect("register").await;
    let verified = verify(&database, &log(), None).await.unwrap();
    assert_eq!((verified.links, verified.waiting, verified.findings), (5, 0, vec![]));
    let touched = "update register.change set actor = 'operator:nobody' where operation = 'end'";
    sqlx::query(touched).execute(&mut street.database.admin().await).await.unwrap();
    assert_eq!(verify(&database, &log(), None).await.unwrap().findings.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_who_stands_in_the_log() {
    let street = street().await;
    street.record("people", vec![person(1), person(2), person(3)]).await;
    street.house.designate(&operator(), &key("account"), vec![nemkonto(2)]).await.unwrap();
    let merge = HolderMerge { from: number(2), into: number(1), reason: "one person".into() };
    street.house.merge_holders(&operator(), &key("merge"), vec![merge]).await.unwrap().remove(0).unwrap();
    let split = HolderSplit {
        identifiers: vec![number(2)],
        kind: HolderKind::Person,
        name: "Ingen To".into(),
        born: None,
        entries: vec![],
        reason: "two persons".into(),
    };
    street.house.split_holders(&operator(), &key("split"), vec![split]).await.unwrap().remove(0).unwrap();
    let event = |position, identifier, fact| SourceEvent { source: SourceRegister::Cpr, position, identifier, on: TODAY, fact };
    let events = vec![
        event(1, number(3), SourceFact::NumberChanged { new: number(1) }),
        event(2, number(9), SourceFact::NameChanged { name: "Ingen Kendt".into() }),
    ];
    street.house.take_events(&operator(), &key("events"), events.clone()).await.unwrap();
    street.house.take_events(&operator(), &key("events again"), events).await.unwrap();
    assert_eq!(
        street.logged().await[4..],
        [
            "operator:tester merge-holders holder:id",
            "operator:tester split-holders holder:id",
            "operator:tester take-events holder:id",
            "operator:tester take-events holder:id/event:cpr:1",
            "operator:tester take-events event:cpr:2",
        ]
    );
    let contents = street.contents().await;
    assert_eq!((&contents[4]["from"]["entries"], &contents[4]["to"]["entries"]), (&json!([1]), &json!([2])));
    assert_eq!((&contents[4]["why"], &contents[5]["why"]), (&json!("one person"), &json!("two persons")));
    assert_eq!(contents[5]["to"]["numbers"], json!([number(2)]));
    assert!(contents[6]["to"]["into"].is_string(), "the number was another holder's: {}", contents[6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_payers_and_payees_arrange_stands_in_the_log() {
    let street = support::street_that_sends(Settings::default(), &support::certificates().0).await;
    street.record("person", vec![person(1)]).await;
    let (house, operator) = (&street.house, operator());
    let wait = || vec![Subscription { payer: payer(), identifier: number(1) }];
    house.subscribe(&operator, &key("wait"), wait()).await.unwrap().remove(0).unwrap();
    for name in ["leave", "has left"] {
        house.unsubscribe(&operator, &key(name), wait()).await.unwrap().remove(0).unwrap();
    }
    let choice = PrivateChoice { payer: payer(), identifier: number(1), choice: PayeeChoice::OptOut };
    house.choose_private(&citizen(1), &key("opt out"), vec![choice]).await.unwrap().remove(0).unwrap();
    let rule =
        SpecificRule { payer: payer(), benefit: BenefitCode::parse("NKSBFY").unwrap(), valid_from: TODAY, is_locked: true };
    house.set_specific_rules(&operator, &key("lock"), vec![rule]).await.unwrap().remove(0).unwrap();
    let wanted = BranchMove { from: "9999".into(), into: "9998".into(), on: TODAY, reason: "merger".into() };
    house.move_branches(&operator, &key("move"), vec![wanted]).await.unwrap().remove(0).unwrap();
    let new = NewWebhook { payer: payer(), url: "https://receiver.invalid/hook".into() };
    let webhook = WebhookRef { payer: payer(), webhook: house.add_webhook(&operator, &key("add"), new).await.unwrap().webhook };
    house.rotate_webhook_secret(&operator, &key("rotate"), webhook).await.unwrap();
    assert!(house.enable_webhook(&operator, &key("enable"), webhook).await.unwrap());
    assert!(house.remove_webhook(&operator, &key("remove"), webhook).await.unwrap());
    assert!(!house.remove_webhook(&operator, &key("remove again"), webhook).await.unwrap());
    assert_eq!(
        street.logged().await[1..],
        [
            "operator:tester subscribe subscription:12345678/holder:id",
            "operator:tester unsubscribe subscription:12345678/payee",
            "payee:CPR:id choose-private private-payer:12345678/holder:id",
            "operator:tester set-specific-rules specific-rule:12345678:NKSBFY",
            "operator:tester move-branches branch:9999",
            "operator:tester add-webhook webhook:12345678/id",
            "operator:tester rotate-webhook-secret webhook:12345678/id",
            "operator:tester enable-webhook webhook:12345678/id",
            "operator:tester remove-webhook webhook:12345678/id",
        ]
    );
}

/// The first who releases makes the change, the second approves it.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_names_both_who_made_it() {
    let rule = FraudRule { shared_payees: 1, ..FraudRules::default().0[0].clone() };
    let street = support::street_with(Settings { fraud_rules: FraudRules(vec![rule]), ..Settings::default() }).await;
    street.record("people", vec![person(1), person(2)]).await;
    let bank = BankCode::parse("B1").unwrap();
    let signed_at = street.clock.now();
    let report = |n: u32| BankReport { bank, report: format!("r{n}"), identifier: number(n), account: account(1), signed_at };
    street.house.report_accounts(&operator(), &key("reports"), vec![report(1), report(2)]).await.unwrap();
    let entry = street.house.holds(&operator(), number(2)).await.unwrap().remove(0).entry;
    for who in ["anne", "bo"] {
        let item = HoldRelease { identifier: number(2), entry, expected: None, reason: "called back".into() };
        street.house.release_holds(&caseworker(who), &key(who), vec![item]).await.unwrap().remove(0).unwrap();
    }
    assert_eq!(
        street.logged().await[4..],
        [
            "caseworker:12345678:anne release-holds holder:id/entry:2",
            "caseworker:12345678:anne release-holds holder:id/entry:2 caseworker:12345678:bo",
            "caseworker:12345678:bo release-holds holder:id/entry:2",
        ]
    );
    let contents = street.contents().await;
    assert!(contents[3]["to"]["held"]["signals"].is_array(), "the log tells that the change was held: {}", contents[3]);
}

/// Much at once is one row, and its digest is that of what stands in the tables, until somebody touches them.
#[tokio::test(flavor = "multi_thread")]
async fn much_at_once_is_one_change_whose_digest_can_be_taken_again() {
    let street = street().await;
    street.record("people", (0..150).map(person).collect()).await;
    street.house.designate(&operator(), &key("accounts"), (0..150).map(nemkonto).collect()).await.unwrap();
    let consents = (0..150).map(|n| PrivateChoice { payer: payer(), identifier: number(n), choice: PayeeChoice::Consent });
    street.house.choose_private(&operator(), &key("consents"), consents.collect()).await.unwrap();
    assert_eq!(
        street.logged().await,
        ["operator:tester record-holders holders", "operator:tester designate entries", "operator:tester choose-private several"]
    );
    let contents = street.contents().await;
    let (holders, entries) = (&contents[0]["to"], &contents[1]["to"]);
    assert_eq!((&holders["facts"], &holders["numbers"]), (&json!(150), &json!(150)));
    assert_eq!((&entries["versions"], &entries["closed"]), (&json!(150), &json!(0)));
    assert_eq!(contents[2]["to"]["changes"], json!(150));
    assert_eq!(street.again(FACTS_BY_SQL, "record-holders").await, holders["facts_sha256"]);
    assert_eq!(street.again(NUMBERS_BY_SQL, "record-holders").await, holders["numbers_sha256"]);
    assert_eq!(street.again(VERSIONS_BY_SQL, "designate").await, entries["sha256"]);
    let touched =
        "update register.entry set account = (select account from register.entry where entry_id = 8) where entry_id = 7";
    sqlx::query(touched).execute(&mut street.database.admin().await).await.unwrap();
    assert_ne!(street.again(VERSIONS_BY_SQL, "designate").await, entries["sha256"]);
}
