//! What the database itself guards, and what it must not hold.

use contracts::Actor;
use contracts::register::{
    AccessQuery, AccountPurpose, BankReport, BranchMove, Designation, DesignationRoute, EndDesignation, HoldRefusal, HoldRelease,
    HolderMerge, HolderRecord, HolderStatus, LastPayout, NewWebhook, PayeeChoice, PrivateBasis, PrivateBundle, PrivateChoice,
    PrivateMessage, Register, RegisterServices, SourceEvent, SourceFact, SourceRegister, SpecificRule, Subscription,
    Verification,
};
use jiff::civil::date;
use platform::driver::run_until_idle;
use primitives::{BankCode, BenefitCode, Clock};
use register::{FraudRule, FraudRules, Settings};
use sqlx::{AssertSqlSafe, Row};

use crate::support::{
    self, Street, TODAY, account, account_digits, citizen, context, cpr, key, nemkonto, number, operator, person, street,
};

/// A register in which everything has happened once.
async fn lived_in() -> Street {
    let rule = FraudRule { shared_payees: 1, ..FraudRules::default().0[0].clone() };
    let settings = Settings { fraud_rules: FraudRules(vec![rule]), ..Settings::default() };
    let street = support::street_that_sends(settings, &support::certificates().0).await;
    street.record("people", (0..5).map(person).collect()).await;
    street.house.designate(&operator(), &key("accounts"), (0..4).map(nemkonto).collect()).await.unwrap();
    let wish = Designation { route: DesignationRoute::SelfService, ..nemkonto(1) };
    street.house.designate(&citizen(1), &key("wish"), vec![wish]).await.unwrap();
    let ending = EndDesignation {
        identifier: number(2),
        purpose: AccountPurpose::NemKonto,
        from: date(2026, 5, 1),
        expected: None,
        reason: format!("asked by {}", cpr(2).digits()),
    };
    street.house.end(&operator(), &key("end"), vec![ending]).await.unwrap();
    let closed = HolderRecord { status: HolderStatus::Closed, status_from: Some(TODAY), ..person(3) };
    street.record("closed", vec![closed]).await;
    let born = SourceFact::Born { name: "Ingen Nummer".into(), guardians: vec![number(1)] };
    let born = SourceEvent { source: SourceRegister::Cpr, position: 1, identifier: number(7), on: TODAY, fact: born };
    // Of somebody who is not here yet, and after one that has not come.
    let died =
        SourceEvent { source: SourceRegister::Cpr, position: 3, identifier: number(77), on: TODAY, fact: SourceFact::Died };
    street.house.take_events(&operator(), &key("born"), vec![born, died]).await.unwrap();
    let merge = HolderMerge { from: number(7), into: number(4), reason: format!("also {}", cpr(4).digits()) };
    let holder = street.house.merge_holders(&operator(), &key("merge"), vec![merge]).await.unwrap().remove(0).unwrap();
    let payout = LastPayout { holder, on: TODAY };
    street.house.note_payouts(&operator(), &key("payout"), vec![payout]).await.unwrap();
    use_services(&street).await;
    street.resolve(TODAY, 0..10).await;
    street.house.index_accesses(1).await.unwrap();
    street.resolve(TODAY, 0..10).await;
    street.house.publish_feed(3).await.unwrap();
    street.house.tell_webhooks(10).await.unwrap();
    street
}

/// Each service once.
async fn use_services(street: &Street) {
    assert_eq!(street.house.letters_to_print(&operator(), 10).await.unwrap().len(), 1);
    let bank = BankCode::parse("B1").unwrap();
    let signed_at = street.clock.now();
    let report = |n: u32| BankReport { bank, report: format!("r{n}"), identifier: number(n), account: account(0), signed_at };
    street.house.report_accounts(&operator(), &key("reports"), vec![report(0), report(4)]).await.unwrap();
    let hold = street.house.holds(&operator(), number(4)).await.unwrap().remove(0);
    let release =
        HoldRelease { identifier: number(4), entry: hold.entry, expected: None, reason: format!("asked {}", cpr(4).digits()) };
    let somebody_else = context(Actor::Operator { user: "another".to_owned() });
    street.house.release_holds(&somebody_else, &key("release"), vec![release]).await.unwrap().remove(0).unwrap();
    let refusal =
        HoldRefusal { identifier: number(4), entry: hold.entry, expected: None, reason: format!("asked {}", cpr(4).digits()) };
    street.house.refuse_holds(&somebody_else, &key("refuse"), vec![refusal]).await.unwrap().remove(0).unwrap();
    let wait = Subscription { payer: support::payer(), identifier: number(1) };
    street.house.subscribe(&operator(), &key("wait"), vec![wait]).await.unwrap().remove(0).unwrap();
    let webhook = NewWebhook { payer: support::payer(), url: "https://receiver.invalid/hook".into() };
    street.house.add_webhook(&operator(), &key("webhook"), webhook).await.unwrap();
    let wrong = Verification { identifier: number(1), account: account(3) };
    assert_eq!(street.house.verify(&operator(), vec![wrong]).await.unwrap(), [false]);
    let wanted = BranchMove { from: "9999".into(), into: "9998".into(), on: TODAY, reason: "merger".into() };
    street.house.move_branches(&operator(), &key("move"), vec![wanted]).await.unwrap().remove(0).unwrap();
    use_private_services(street).await;
    // Some of the changes have their place in the chain, others wait for it.
    let rooms = street.house.rooms();
    rooms.iter().find(|room| room.name() == "register.chain").unwrap().step().await.unwrap();
    let benefit = BenefitCode::parse("NKSBFY").unwrap();
    let rule = SpecificRule { payer: support::payer(), benefit, valid_from: TODAY, is_locked: true };
    street.house.set_specific_rules(&operator(), &key("lock"), vec![rule]).await.unwrap().remove(0).unwrap();
    while street.house.follow_changes().await.unwrap() > 0 {}
}

/// What private payers and their payees do, once.
async fn use_private_services(street: &Street) {
    let choice = PrivateChoice { payer: support::payer(), identifier: number(1), choice: PayeeChoice::Consent };
    street.house.choose_private(&operator(), &key("consent"), vec![choice]).await.unwrap().remove(0).unwrap();
    let message = PrivateMessage { payout: "1".into(), identifier: number(1), basis: PrivateBasis::Consent };
    let bundle = PrivateBundle { payer: support::payer(), on: TODAY, messages: vec![message] };
    street.house.complete_bundle(&operator(), &key("bundle"), bundle).await.unwrap().remove(0).unwrap();
}

async fn tables(street: &Street) -> Vec<String> {
    let mut admin = street.database.admin().await;
    let sql =
        "select table_name::text from information_schema.tables where table_schema = 'register' and table_name <> '_migrations'";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut admin).await.unwrap();
    assert!(tables.len() >= 14, "{tables:?}");
    tables
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_stands_in_plain() {
    let street = lived_in().await;
    let mut admin = street.database.admin().await;
    let mut rows = Vec::new();
    for table in tables(&street).await {
        let sql = AssertSqlSafe(format!("select t::text from register.{table} t"));
        let found: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut admin).await.unwrap();
        assert!(!found.is_empty(), "{table} has been used");
        rows.extend(found.into_iter().map(|row| (table.clone(), row)));
    }
    let letters = street.house.letters_to_print(&operator(), 10).await.unwrap();
    let mut planted: Vec<String> = letters.into_iter().map(|letter| letter.code).collect();
    planted.push("Ingen Nummer".to_owned());
    for n in 0..5 {
        planted.push(cpr(n).digits().to_owned());
        planted.push(account_digits(n));
        assert!(account(n).canonical().contains(&planted[planted.len() - 1]));
    }
    for secret in planted {
        for (table, row) in &rows {
            assert!(!row.contains(&secret) && !row.contains(&hex(&secret)), "{table} holds a personal value in plain");
        }
    }
}

/// What the running program must not be able to do, whatever bug it has.
#[tokio::test(flavor = "multi_thread")]
async fn history_cannot_be_rewritten() {
    let street = lived_in().await;
    let runtime = street.database.connect("register").await;
    for statement in [
        "delete from register.entry",
        "update register.entry set account = reason",
        "update register.entry set valid_until = '2030-01-01'",
        "truncate register.entry",
        "delete from register.holder",
        "update register.holder set recorded_at = now()",
        "delete from register.holder_fact",
        "update register.holder_fact set status = 'active'",
        "delete from register.identifier",
        "update register.identifier set number = number",
        "delete from register.letter",
        "delete from register.letter_code",
        "update register.letter_code set hash = hash",
        "delete from register.bank_report",
        "update register.bank_report set account = account",
        "delete from register.notice",
        "delete from register.hold",
        "update register.hold set until_day = placed_at::date",
        "delete from register.hold_release",
        "update register.hold_release set released_by = ''",
        "delete from register.private_choice",
        "delete from register.private_lookup",
        "update register.private_lookup set asked_on = now()",
        "delete from register.specific_rule",
        "delete from register.access_log",
        "update register.access_log set actor = 'nobody'",
        "update register.access_index_part set records = records",
        "delete from register.feed_item",
        "update register.feed_item set payload = payload",
        "delete from register.source_event",
        "update register.source_event set fact = fact",
        "delete from register.holder_link",
        "update register.holder_link set reason = reason",
        "delete from register.change",
        "update register.change set content = null",
        "update register.change_queue set change_id = change_id",
        "delete from register.change_link",
        "update register.change_link set hash = hash",
        "delete from register.change_checkpoint",
        "update register.change_checkpoint set hash = hash",
        "drop table register.entry",
    ] {
        let error = sqlx::query(statement).execute(runtime.pool()).await.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: insufficient privilege");
    }
}

/// `recorded_until` is set once, from open, and never back.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_closed_once() {
    let street = lived_in().await;
    let runtime = street.database.connect("register").await;
    for (table, column) in [("entry", "recorded_until"), ("holder_fact", "recorded_until"), ("identifier", "unlinked_at")] {
        let reclose = format!("update register.{table} set {column} = now() + interval '1 day' where {column} is not null");
        let done = sqlx::query(AssertSqlSafe(reclose)).execute(runtime.pool()).await.unwrap();
        assert_eq!(done.rows_affected(), 0, "{table}: closed rows are out of reach");
        let reopen = format!("update register.{table} set {column} = null");
        let error = sqlx::query(AssertSqlSafe(reopen)).execute(runtime.pool()).await.expect_err("stays open");
        assert!(error.to_string().contains("row-level security"), "{error}");
    }
    let closed: i64 = sqlx::query("select count(*) from register.entry where recorded_until is not null")
        .fetch_one(runtime.pool())
        .await
        .unwrap()
        .get(0);
    assert!(closed >= 1, "there was a closed row to try it on");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_on_one_day_are_refused_by_the_database() {
    let street = lived_in().await;
    let mut admin = street.database.admin().await;
    let second = "insert into register.entry
        select holder_ref, 999, 1, payer, benefit, account, state, valid_from, valid_until, expires_at, recorded_from, null, route, bank, recorded_by, reason
        from register.entry where state = 'active' and recorded_until is null limit 1";
    let error = sqlx::query(second).execute(&mut admin).await.expect_err("an overlap");
    assert_eq!(error.as_database_error().and_then(|error| error.constraint()), Some("entry_one_account_a_day"));
}

/// The index by person is written later; the answer is whole before, between and after.
#[tokio::test(flavor = "multi_thread")]
async fn accesses_are_told_whether_indexed_or_not() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    for _ in 0..3 {
        street.resolve(TODAY, [1, 2, 1]).await;
    }
    street.resolve(TODAY, [2]).await;
    let lookups = async |n| {
        let accesses = street.house.accesses(&operator(), AccessQuery { identifier: number(n), limit: 100 }).await.unwrap();
        accesses.iter().filter(|access| access.operation == "resolve").count()
    };
    assert_eq!((lookups(1).await, lookups(2).await), (3, 4));
    assert_eq!(street.house.index_accesses(2).await.unwrap(), 2);
    assert_eq!((lookups(1).await, lookups(2).await), (3, 4));
    while street.house.index_accesses(2).await.unwrap() > 0 {}
    assert_eq!((lookups(1).await, lookups(2).await), (3, 4));
    for _ in 0..16 {
        street.resolve(TODAY, [2]).await;
        while street.house.index_accesses(1).await.unwrap() > 0 {}
    }
    assert!(street.house.merge_access_index().await.unwrap() > 16, "sixteen runs and more have become one");
    assert_eq!(street.house.merge_access_index().await.unwrap(), 0);
    assert_eq!((lookups(1).await, lookups(2).await), (3, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rooms_leave_nothing_undone() {
    let street = lived_in().await;
    let done = run_until_idle(&street.house.rooms(), 2).await.unwrap();
    assert!(done > 0, "there was work");
    let mut admin = street.database.admin().await;
    let (outbox, unindexed, items, kept): (i64, i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from register.feed_outbox), (select count(*) from register.access_unindexed),
                (select count(*) from register.feed_item), (select count(*) from register.idempotency)",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!((outbox, unindexed), (0, 0));
    assert_eq!(
        (items, kept),
        (9, 17),
        "six accounts, an end, a refusal and a merge are told; answers are kept while their time runs"
    );
    sqlx::query("update register.idempotency set expires_at = now()").execute(&mut admin).await.unwrap();
    assert_eq!(street.house.forget_answers(20).await.unwrap(), 17);
}
