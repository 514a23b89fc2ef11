//! Two registers in step: extracts there and back, the digest tree, comparison and repair.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use contracts::register::{
    AccountPurpose, Designation, EndDesignation, ExtractHolder, ExtractInput, ExtractOutcome, ExtractPage, ExtractQuery,
    ExtractRecord, HolderMerge, HolderRecord, HolderSplit, HolderStatus, HoldersQuery, NodesQuery, Register, RegisterServices,
    RegisterStep, Resolution, StepState,
};
use contracts::{Context, IdempotencyKey, ItemResult, Problem};
use jiff::civil::{Date, date};
use platform::rpc::RpcClient;
use platform::seal::KeyRing;
use platform::testing::{TemporaryFolder, TestDatabase};
use primitives::{BenefitCode, Country, ForeignId, Identifier, ManualClock, SeededIds};
use register::{
    House, Master, MasterRule, Masters, Reconciled, Remote, SCHEMA, Settings, StepKey, What, export, import, reconcile,
    step_routes,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Street, TODAY, account, key, nemkonto, number, operator, payer, person};

fn shared() -> StepKey {
    StepKey::new(&KeyRing::from_versions([(1, [7; 64])]).unwrap())
}

/// A register that seals with keys of its own, and shares only the key under which it is compared.
async fn register_with_keys(keys: u8) -> Street {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let clock = ManualClock::at_noon(TODAY).unwrap();
    let ids = Arc::new(SeededIds::new(u64::from(keys)));
    let keys = KeyRing::from_versions([(1, [keys; 64])]).unwrap();
    let pool = database.connect("register").await;
    let house = House::new(pool, &keys, Arc::new(clock.clone()), ids, Settings::default()).unwrap().with_step_key(shared());
    Street { database, house: Arc::new(house), clock }
}

fn specific(n: u32, benefit: &str) -> Designation {
    let purpose = AccountPurpose::Specific { payer: payer(), benefit: BenefitCode::parse(benefit).unwrap() };
    Designation { purpose, account: account(n + 5_000), ..nemkonto(n) }
}

fn foreign(n: u32) -> Identifier {
    Identifier::Foreign(ForeignId::new(Country::parse("SE").unwrap(), "NIN", format!("5800{n:06}")).unwrap())
}

/// Holders of every make: one number and several, with accounts of several days and purposes, end-marked ones, and some without account.
async fn fill(street: &Street, people: std::ops::Range<u32>) {
    let record = |n: u32| {
        let mut record = person(n);
        match n % 10 {
            1 => record.identifiers.push(foreign(n)),
            2 => record = HolderRecord { status: HolderStatus::Closed, status_from: Some(date(2025, 6, 1)), ..record },
            3 => record.born = None,
            _ => {}
        }
        record
    };
    street.record("fill", people.clone().map(record).collect()).await;
    let designate = async |name: &str, wishes: Vec<Designation>| {
        for result in street.house.designate(&operator(), &key(name), wishes).await.unwrap() {
            result.unwrap();
        }
    };
    designate("nemkonto", people.clone().filter(|n| n % 10 != 4 && n % 10 != 2).map(nemkonto).collect()).await;
    designate("specific", people.clone().filter(|n| n % 5 == 0).map(|n| specific(n, "NKSBFY")).collect()).await;
    let later = |n: u32| Designation { account: account(n + 7_000), valid_from: date(2027, 1, 1), ..nemkonto(n) };
    designate("later", people.filter(|n| n % 10 == 5).map(later).collect()).await;
}

async fn exported(street: &Street) -> Vec<u8> {
    let mut bytes = Vec::new();
    export(&operator(), &*street.house, (None, None), &mut bytes).await.unwrap();
    bytes
}

async fn state(street: &Street) -> StepState {
    street.house.step_state(&operator()).await.unwrap()
}

async fn put(street: &Street, name: &str, records: Vec<ExtractRecord>) -> Vec<ItemResult<ExtractOutcome>> {
    street.house.put_extract(&operator(), &key(name), ExtractInput { records, as_known: None }).await.unwrap()
}

async fn lines(street: &Street) -> Vec<ExtractHolder> {
    let query = ExtractQuery { as_known: None, since: None, after: None, limit: 10_000 };
    let page = street.house.extract(&operator(), query).await.unwrap();
    let line = |record| match record {
        ExtractRecord::Holder(line) => line,
        ExtractRecord::Removed(_) => panic!("an extract of everything has no removed holders"),
    };
    page.records.into_iter().map(line).collect()
}

struct Files(TemporaryFolder);

impl Files {
    fn with(bytes: &[u8]) -> Self {
        let folder = TemporaryFolder::new();
        std::fs::write(folder.path().join("extract"), bytes).unwrap();
        Self(folder)
    }

    fn extract(&self) -> std::path::PathBuf {
        self.0.path().join("extract")
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extract_taken_over_and_written_again_is_the_same_to_the_byte() {
    let (old, new) = (register_with_keys(1).await, register_with_keys(2).await);
    fill(&old, 0..120).await;
    let merge = HolderMerge { from: number(7), into: number(8), reason: "one person".to_owned() };
    old.house.merge_holders(&operator(), &key("merge"), vec![merge]).await.unwrap()[0].clone().unwrap();
    let first = exported(&old).await;
    let files = Files::with(&first);
    let report = import(&operator(), &*new.house, &files.extract(), &SeededIds::new(5)).await.unwrap();
    assert_eq!((report.changed, report.unchanged, report.refused, report.resumed, report.equal), (119, 0, 0, false, true));
    assert_eq!(exported(&new).await, first);
    assert_eq!(state(&new).await.digest, state(&old).await.digest);
    assert!(std::fs::read_dir(files.0.path()).unwrap().count() == 1, "nothing is left beside the file");
    // Payments find the accounts, by all numbers.
    let paid = |answer: contracts::register::ResolveAnswer| match &answer.resolutions[0] {
        Resolution::Found(found) => found.account.clone(),
        other => panic!("{other:?}"),
    };
    for n in [0, 7, 8, 11] {
        assert_eq!(paid(new.resolve(TODAY, [n]).await), paid(old.resolve(TODAY, [n]).await), "{n}");
    }
    assert!(matches!(new.resolve(TODAY, [2]).await.resolutions[0], Resolution::Closed { .. }));
    // Again: nothing changes.
    let again = import(&operator(), &*new.house, &files.extract(), &SeededIds::new(6)).await.unwrap();
    assert_eq!((again.changed, again.unchanged, again.equal), (0, 119, true));
    assert_eq!(exported(&new).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extract_of_the_past_is_what_it_was() {
    let street = register_with_keys(1).await;
    fill(&street, 0..40).await;
    let before = exported(&street).await;
    let moment = state(&street).await.as_known;
    let changed = HolderRecord { identifiers: vec![foreign(900), number(6)], ..person(6) };
    street.record("renumbered", vec![changed]).await;
    put(&street, "gone", vec![ExtractRecord::Removed(vec![number(5)])]).await[0].clone().unwrap();
    let merge = HolderMerge { from: number(7), into: number(8), reason: "one person".to_owned() };
    street.house.merge_holders(&operator(), &key("merge"), vec![merge]).await.unwrap()[0].clone().unwrap();
    assert_ne!(exported(&street).await, before);
    let mut past = Vec::new();
    export(&operator(), &*street.house, (Some(moment), None), &mut past).await.unwrap();
    assert_eq!(String::from_utf8(past).unwrap(), String::from_utf8(before).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_bring_another_register_in_step() {
    let (old, new) = (register_with_keys(1).await, register_with_keys(2).await);
    fill(&old, 0..40).await;
    let files = Files::with(&exported(&old).await);
    let taken = import(&operator(), &*new.house, &files.extract(), &SeededIds::new(5)).await.unwrap().as_known;
    old.record("new", vec![person(100)]).await;
    let other = Designation { account: account(9_000), valid_from: TODAY, ..nemkonto(1) };
    old.house.designate(&operator(), &key("other"), vec![other]).await.unwrap()[0].clone().unwrap();
    let end = EndDesignation {
        identifier: number(3),
        purpose: AccountPurpose::NemKonto,
        from: TODAY,
        expected: None,
        reason: "x".into(),
    };
    old.house.end(&operator(), &key("end"), vec![end]).await.unwrap()[0].clone().unwrap();
    let merge = HolderMerge { from: number(7), into: number(8), reason: "one person".to_owned() };
    old.house.merge_holders(&operator(), &key("merge"), vec![merge]).await.unwrap()[0].clone().unwrap();
    put(&old, "gone", vec![ExtractRecord::Removed(vec![number(5)])]).await[0].clone().unwrap();
    let mut changes = Vec::new();
    let written = export(&operator(), &*old.house, (None, Some(taken)), &mut changes).await.unwrap();
    assert_eq!((written.holders, written.removed), (4, 1), "only what has changed");
    let files = Files::with(&changes);
    let report = import(&operator(), &*new.house, &files.extract(), &SeededIds::new(6)).await.unwrap();
    assert_eq!((report.changed, report.refused), (5, 0));
    assert_eq!(state(&new).await.digest, state(&old).await.digest);
    assert_eq!(lines(&new).await, lines(&old).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_lines_are_told_and_set_aside_and_the_others_taken_over() {
    let (old, new) = (register_with_keys(1).await, register_with_keys(2).await);
    fill(&old, 0..20).await;
    let mut text: Vec<String> = String::from_utf8(exported(&old).await).unwrap().lines().map(str::to_owned).collect();
    text.truncate(text.len() - 1);
    text[3] = text[3].replace("\"kind\":\"person\"", "\"kind\":\"0101585001\"");
    text[5] = "0101585001".to_owned();
    text[7] = text[7].replace("\"identifiers\":[", "\"identifiers\":[],\"x\":[");
    let body = text.join("\n") + "\n";
    let whole = sealed(&body, text.len() - 1);
    let files = Files::with(whole.as_bytes());
    let report = import(&operator(), &*new.house, &files.extract(), &SeededIds::new(5)).await.unwrap();
    assert_eq!((report.changed, report.refused, report.equal), (17, 3, false));
    let refused = files.read("extract.refused");
    assert!(refused.contains(r#"{"line":4,"field":"holder.kind","expected""#) && refused.contains("\"line\":6"), "{refused}");
    assert!(refused.contains("\"line\":8") && !refused.contains("0101585001"), "{refused}");
    let aside = files.read("extract.aside");
    assert_eq!(aside.lines().collect::<Vec<_>>(), [&text[3], &text[5], &text[7]]);
}

/// The file with an end that says it is whole.
fn sealed(body: &str, records: usize) -> String {
    use sha2::{Digest, Sha256};
    let digest: String = Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{body}{{\"end\":{{\"holders\":{records},\"removed\":0,\"sha256\":\"{digest}\"}}}}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_whole_changes_nothing() {
    let (old, new) = (register_with_keys(1).await, register_with_keys(2).await);
    fill(&old, 0..20).await;
    let text = String::from_utf8(exported(&old).await).unwrap();
    let cut: String = text.lines().take(10).map(|line| format!("{line}\n")).collect();
    let missing: String = text.lines().enumerate().filter(|(n, _)| *n != 5).map(|(_, line)| format!("{line}\n")).collect();
    for (broken, said) in [
        (cut, "not whole"),
        (missing, "19 records and says 20"),
        (text.replacen("Ingen Nummer", "Ingen Nnmmer", 1), "changed on the way"),
        (text.replace("\"version\":1", "\"version\":2"), "header"),
        (String::new(), "header"),
    ] {
        let files = Files::with(broken.as_bytes());
        let error = import(&operator(), &*new.house, &files.extract(), &SeededIds::new(5)).await.unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    assert_eq!(state(&new).await.holders, 0);
}

/// A register whose connection breaks after some calls, some of which had their effect.
struct Breaking {
    inner: Arc<House>,
    calls: AtomicUsize,
    break_at: usize,
}

#[async_trait]
impl RegisterStep for Breaking {
    async fn step_state(&self, context: &Context) -> Result<StepState, Problem> {
        self.inner.step_state(context).await
    }
    async fn step_nodes(&self, context: &Context, query: NodesQuery) -> Result<Vec<String>, Problem> {
        self.inner.step_nodes(context, query).await
    }
    async fn step_digests(&self, context: &Context, query: NodesQuery) -> Result<Vec<Option<String>>, Problem> {
        self.inner.step_digests(context, query).await
    }
    async fn step_holders(&self, context: &Context, query: HoldersQuery) -> Result<Vec<ExtractHolder>, Problem> {
        self.inner.step_holders(context, query).await
    }
    async fn extract(&self, context: &Context, query: ExtractQuery) -> Result<ExtractPage, Problem> {
        self.inner.extract(context, query).await
    }
    async fn put_extract(
        &self, context: &Context, key: &IdempotencyKey, input: ExtractInput,
    ) -> Result<Vec<ItemResult<ExtractOutcome>>, Problem> {
        let answer = self.inner.put_extract(context, key, input).await;
        if self.calls.fetch_add(1, Ordering::SeqCst) + 1 == self.break_at { Err(Problem::unavailable()) } else { answer }
    }
}

/// 10,400 records are two calls. The second one has its effect, and its answer is lost.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_broken_off_goes_on_and_ends_the_same() {
    let (old, new) = (register_with_keys(1).await, register_with_keys(2).await);
    for (part, people) in [(0, 0..5_200), (1, 5_200..10_400)] {
        let results = old.house.record_holders(&operator(), &key(&format!("people {part}")), people.map(person).collect()).await;
        assert!(results.unwrap().iter().all(Result::is_ok));
    }
    let first = exported(&old).await;
    let files = Files::with(&first);
    let breaking = Breaking { inner: Arc::clone(&new.house), calls: AtomicUsize::new(0), break_at: 2 };
    import(&operator(), &breaking, &files.extract(), &SeededIds::new(5)).await.unwrap_err();
    let report = import(&operator(), &*new.house, &files.extract(), &SeededIds::new(6)).await.unwrap();
    assert_eq!((report.changed, report.unchanged, report.resumed, report.equal), (10_400, 0, true, true));
    assert_eq!(exported(&new).await, first);
}

/// Whatever was done to it, the tree that followed is the tree built anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_tree_that_followed_is_the_tree_built_anew() {
    let street = register_with_keys(1).await;
    fill(&street, 0..60).await;
    state(&street).await;
    let merge = HolderMerge { from: number(11), into: number(12), reason: "one".to_owned() };
    street.house.merge_holders(&operator(), &key("merge"), vec![merge]).await.unwrap()[0].clone().unwrap();
    state(&street).await;
    let split = HolderSplit {
        identifiers: vec![foreign(21)],
        kind: contracts::register::HolderKind::Person,
        name: "Ingen Anden".to_owned(),
        born: None,
        entries: vec![],
        reason: "two".to_owned(),
    };
    street.house.split_holders(&operator(), &key("split"), vec![split]).await.unwrap()[0].clone().unwrap();
    street.record("renamed", vec![HolderRecord { name: "Ingen Ny".to_owned(), ..person(30) }]).await;
    state(&street).await;
    street.record("renumbered", vec![HolderRecord { identifiers: vec![foreign(901), number(31)], ..person(31) }]).await;
    put(&street, "gone", vec![ExtractRecord::Removed(vec![number(5)])]).await[0].clone().unwrap();
    let followed = state(&street).await;
    assert_eq!(followed.holders, 59);
    let pool = street.database.connect("register").await;
    let keys = KeyRing::from_versions([(1, [1; 64])]).unwrap();
    let other = StepKey::new(&KeyRing::from_versions([(1, [8; 64])]).unwrap());
    let house = |key| {
        let clock = Arc::new(street.clock.clone());
        House::new(pool.clone(), &keys, clock, Arc::new(SeededIds::new(3)), Settings::default()).unwrap().with_step_key(key)
    };
    let under_another = house(other).step_state(&operator()).await.unwrap();
    assert_ne!((&under_another.digest, &under_another.key_check), (&followed.digest, &followed.key_check));
    assert_eq!(under_another.holders, 59);
    let anew = house(shared()).step_state(&operator()).await.unwrap();
    assert_eq!((anew.digest, anew.holders), (followed.digest, followed.holders));
}

/// A hundred differences of every kind between two registers of 3,000 holders: by the kind, what is done at which.
async fn drift(here: &Street, there: &Street, differences: u32) -> u32 {
    let (mut records_here, mut records_there) = (Vec::new(), Vec::new());
    let known = lines(here).await;
    let line = |n: u32| known.iter().find(|line| line.identifiers.contains(&number(n))).unwrap().clone();
    let mut made = 0;
    for place in 0..differences {
        let n = place * 29 + 1;
        let mut changed = line(n);
        match place % 10 {
            0 => {
                records_here.push(ExtractRecord::Removed(changed.identifiers));
                made += 1;
                continue;
            }
            1 => {
                records_there.push(ExtractRecord::Removed(changed.identifiers));
                made += 1;
                continue;
            }
            2 => changed.name = "Ingen Afdrevet".to_owned(),
            3 => changed.identifiers.push(foreign(10_000 + n)),
            4 => changed.identifiers.insert(0, foreign(20_000 + n)),
            5 => {
                changed.statuses = vec![
                    contracts::register::ExtractStatus { status: HolderStatus::Active, from: None },
                    contracts::register::ExtractStatus { status: HolderStatus::Closed, from: Some(date(2026, 1, 1)) },
                ]
            }
            6 => changed.accounts.clear(),
            7 => changed.accounts = vec![account_of(n + 40_000, date(2020, 1, 1))],
            8 => changed.accounts = vec![account_of(n, date(2021, 5, 5))],
            _ => changed.born = Some(date(1999, 9, 9)),
        }
        if changed == line(n) {
            changed.name = "Ingen Afdrevet".to_owned();
        }
        made += 1;
        let side = if place % 20 < 10 { &mut records_here } else { &mut records_there };
        side.push(ExtractRecord::Holder(changed));
    }
    for (street, records) in [(here, records_here), (there, records_there)] {
        assert!(put(street, "drift", records).await.iter().all(|outcome| *outcome == Ok(ExtractOutcome::Changed)));
    }
    made
}

fn account_of(n: u32, valid_from: Date) -> contracts::register::ExtractAccount {
    contracts::register::ExtractAccount { purpose: AccountPurpose::NemKonto, account: account(n), valid_from, valid_until: None }
}

async fn serve(street: &Street) -> String {
    let house: Arc<dyn RegisterStep> = street.house.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, step_routes(house)).await });
    address.to_string()
}

/// Counts every byte between two registers, both ways.
async fn counted(to: String) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU64::new(0));
    let total = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(&to).await.unwrap();
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            for (mut from, mut into) in [(near_in, far_out), (far_in, near_out)] {
                let total = Arc::clone(&total);
                tokio::spawn(async move {
                    let mut buffer = vec![0; 1 << 16];
                    while let Ok(read @ 1..) = from.read(&mut buffer).await {
                        total.fetch_add(read as u64, Ordering::SeqCst);
                        if into.write_all(&buffer[..read]).await.is_err() {
                            break;
                        }
                    }
                });
            }
        }
    });
    (url, count)
}

async fn compare(here: &Street, there: &dyn RegisterStep, masters: &Masters, repair: bool) -> Reconciled {
    reconcile(&operator(), [&*here.house, there], &shared(), (masters, TODAY), repair).await.unwrap()
}

/// Two registers with the same holders, sealed under different keys.
async fn twins(people: u32) -> (Street, Street) {
    let (here, there) = (register_with_keys(1).await, register_with_keys(2).await);
    fill(&here, 0..people).await;
    let files = Files::with(&exported(&here).await);
    assert!(import(&operator(), &*there.house, &files.extract(), &SeededIds::new(5)).await.unwrap().equal);
    (here, there)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_differences_are_found_in_64_kib_and_repaired() {
    let (here, there) = twins(3_000).await;
    let (url, bytes) = counted(serve(&there).await).await;
    let remote = Remote::new(RpcClient::new(&url, None).unwrap());
    let equal = compare(&here, &remote, &Masters::default(), false).await;
    assert!(equal.equal && equal.differences.is_empty());
    let made = drift(&here, &there, 100).await;
    let truth = lines(&there).await;
    let before = bytes.load(Ordering::SeqCst);
    let found = compare(&here, &remote, &Masters::default(), false).await;
    let exchanged = bytes.load(Ordering::SeqCst) - before;
    assert!(exchanged <= 64 * 1024, "{exchanged} bytes");
    let holders: std::collections::HashSet<_> = found.differences.iter().map(|difference| &difference.identifier).collect();
    assert_eq!((holders.len(), made), (100, 100), "exactly the holders that differ: {:?}", found.differences);
    let count = |is: fn(&What) -> bool| found.differences.iter().filter(|difference| is(&difference.what)).count();
    assert_eq!(count(|what| *what == What::OnlyHere), 10);
    assert_eq!(count(|what| *what == What::OnlyThere), 10);
    assert_eq!(count(|what| *what == What::Numbers), 20);
    assert!(count(|what| matches!(what, What::Account(AccountPurpose::NemKonto))) >= 20);
    assert!(!found.equal && found.repaired.is_none());
    let repaired = compare(&here, &remote, &Masters::default(), true).await;
    assert_eq!((repaired.repaired, repaired.refused.len(), repaired.equal), (Some(100), 0, true));
    assert_eq!(lines(&here).await, truth, "the other is the master of everything");
    assert_eq!(lines(&there).await, truth);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_is_repaired_as_its_master_says_it() {
    let (here, there) = twins(20).await;
    let rules: Vec<MasterRule> =
        serde_json::from_str(r#"[{"master": "here"}, {"part": "nem_konto", "master": "there"}]"#).unwrap();
    let masters = Masters::new(rules);
    let known = lines(&here).await;
    let line = |n: u32| known.iter().find(|line| line.identifiers.contains(&number(n))).unwrap().clone();
    let mut ours = line(10);
    ours.name = "Ingen Her".to_owned();
    ours.accounts[0].account = account(50_001);
    ours.accounts[1].account = account(50_002);
    let mut theirs = line(10);
    theirs.name = "Ingen Der".to_owned();
    theirs.accounts[0].account = account(60_001);
    theirs.accounts[1].account = account(60_002);
    put(&here, "ours", vec![ExtractRecord::Holder(ours), ExtractRecord::Removed(vec![number(3)])]).await;
    put(&there, "theirs", vec![ExtractRecord::Holder(theirs), ExtractRecord::Removed(vec![number(6)])]).await;
    let done = compare(&here, &*there.house, &masters, true).await;
    assert!(done.equal && done.refused.is_empty());
    let after = lines(&there).await;
    let of = |n: u32| after.iter().find(|line| line.identifiers.contains(&number(n)));
    let agreed = of(10).unwrap();
    assert_eq!(agreed.name, "Ingen Her");
    assert_eq!((&agreed.accounts[0].account, &agreed.accounts[1].account), (&account(60_001), &account(50_002)));
    assert!(of(3).is_none() && of(6).is_some(), "who exists is for the master of holders to say");
    let master_of = |what: &What| done.differences.iter().find(|difference| difference.what == *what).unwrap().master;
    assert_eq!((master_of(&What::Name), master_of(&What::Account(AccountPurpose::NemKonto))), (Master::Here, Master::There));
}

/// Numbers that went from one holder to another, and holders that are one in one register and two in the other.
#[tokio::test(flavor = "multi_thread")]
async fn holders_that_share_numbers_otherwise_are_repaired() {
    let (here, there) = twins(60).await;
    let known = lines(&there).await;
    let line = |n: u32| known.iter().find(|line| line.identifiers.contains(&number(n))).unwrap().clone();
    let (mut gives, mut takes) = (line(11), line(12));
    takes.identifiers.push(gives.identifiers.pop().unwrap());
    put(&there, "gives", vec![ExtractRecord::Holder(gives)]).await[0].clone().unwrap();
    put(&there, "takes", vec![ExtractRecord::Holder(takes)]).await[0].clone().unwrap();
    let merge = |from, into| HolderMerge { from: number(from), into: number(into), reason: "one".to_owned() };
    there.house.merge_holders(&operator(), &key("there"), vec![merge(20, 21)]).await.unwrap()[0].clone().unwrap();
    here.house.merge_holders(&operator(), &key("here"), vec![merge(30, 31)]).await.unwrap()[0].clone().unwrap();
    let done = compare(&here, &*there.house, &Masters::default(), true).await;
    assert!(done.equal && done.refused.is_empty(), "{done:?}");
    assert_eq!(lines(&here).await, lines(&there).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_under_two_keys_are_not_compared() {
    let (here, there) = (register_with_keys(1).await, register_with_keys(2).await);
    let other = StepKey::new(&KeyRing::from_versions([(1, [9; 64])]).unwrap());
    let error = reconcile(&operator(), [&*here.house, &*there.house], &other, (&Masters::default(), TODAY), false).await;
    assert!(error.unwrap_err().to_string().contains("two keys"));
}

/// Who is told what is known of a holder by an extract or a comparison stands in its list of lookups.
#[tokio::test(flavor = "multi_thread")]
async fn extracts_are_logged_as_lookups() {
    let street = register_with_keys(1).await;
    fill(&street, 0..10).await;
    exported(&street).await;
    let query = contracts::register::AccessQuery { identifier: number(4), limit: 10 };
    let accesses = street.house.accesses(&operator(), query).await.unwrap();
    assert_eq!(accesses.iter().filter(|access| access.operation == "extract").count(), 1, "{accesses:?}");
}
