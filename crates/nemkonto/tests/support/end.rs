//! What a day has come to, in the files and in the houses' own books: what a disturbed day must share with an undisturbed one.

use std::collections::BTreeSet;

use contracts::register::AccessQuery;
use contracts::setoff::Advice;
use contracts::{Actor, Context, register::FeedAfter};
use nemkonto::demo::operator;
use primitives::FeedPosition;
use simulation::auditor::Recount;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Scene, files_below};

/// Whose lookups are compared: of so many payees.
const LOOKED_AFTER: usize = 80;

/// The end of a day.
#[derive(Debug, PartialEq, Eq)]
pub struct End {
    /// What the auditor counts in the files, before deposits were released.
    pub recount: Recount,
    /// The holding account's trial balance.
    pub trial_balance: Vec<String>,
    /// What the tables say, a line for each answer to [`BOOKS`].
    pub books: Vec<String>,
    /// What still waits in any house, by [`WAITING`]: nothing at the end of a day.
    pub waiting: Vec<String>,
    /// The advices to the recovery authority: count, sum in the minor unit, and whether their positions are 1, 2, 3 …
    pub advices: (usize, i64, bool),
    /// Amounts and accounts of the payments that release deposits, as they stand in the bank files.
    pub releases: Vec<String>,
    /// Who looked up whom, for which payer and what: nobody was looked up unnoticed, or by somebody else than on an undisturbed day.
    pub lookups: BTreeSet<String>,
}

/// What is asked of the books, by name. Numbers that are given anew at a second attempt are not asked for.
const BOOKS: &[(&str, &str)] = &[
    (
        "deposits by state",
        "select state, currency, count(*), sum(minor) from holding.deposit join holding.deposit_state using (deposit_id)
         group by state, currency",
    ),
    (
        "releases by state",
        "select s.state, count(*), sum(d.minor) from holding.release_state s join holding.release_order using (order_id)
         join holding.deposit d using (deposit_id) group by s.state",
    ),
    (
        "transfers by purpose and end",
        "select t.purpose, e.outcome, t.currency, count(*), sum(t.minor) from holding.transfer t
         left join holding.transfer_end e using (transfer_id) group by t.purpose, e.outcome, t.currency",
    ),
    (
        "reservations by end",
        "select e.outcome, r.currency, count(*), sum(r.minor) from setoff.reservation r
         left join setoff.reservation_end e using (leg_slice, leg_row, leg_number) group by e.outcome, r.currency",
    ),
    (
        "reservation tasks",
        // A second attempt to allocate also voids what a first one may have reserved: not asked for.
        "select t.house, t.action, t.refusal, count(*) from mediation.reservation_task t join mediation.leg l using (slice_id, row_no, leg_no)
         where (t.house, l.destination) in ((1, 2), (2, 3)) group by t.house, t.action, t.refusal",
    ),
    (
        "payments by payer and state",
        "select s.payer, st.state, count(*), sum(p.amount_minor) from mediation.payment p
         join mediation.slice s using (slice_id) join mediation.payment_standing st using (slice_id, row_no) group by s.payer, st.state",
    ),
    (
        "legs by destination and the bank's word",
        "select l.destination, l.currency, st.outcome, count(*), sum(l.amount_minor) from mediation.leg l
         join mediation.leg_standing st using (slice_id, row_no, leg_no) group by l.destination, l.currency, st.outcome",
    ),
    ("payouts the register knows", "select paid_on, count(*) from register.last_payout group by paid_on"),
    ("bank files", "select recipient, count(*) from mediation.file where purpose = 1 group by recipient"),
    ("what payers are told of payments", "select answer, count(*) from mediation.report_task where answer > 2 group by answer"),
];

/// What may wait, by name.
const WAITING: &[(&str, &str)] = &[
    ("deliveries to read", "select count(*) from mediation.delivery_reading where state = 1"),
    ("slices due", "select count(*) from mediation.slice where state = 1 and due_date <= current_date"),
    ("files to send", "select count(*) from mediation.file_sending where sent_at is null"),
    ("bank answers to apply", "select count(*) from mediation.bank_answer_reading where state <> 2"),
    ("reservations to settle", "select count(*) from mediation.reservation_task where done_at is null"),
    ("payouts to tell the register", "select count(*) from mediation.payout_task where done_at is null"),
    ("payers to tell", "select count(*) from mediation.report_task where report_id is null"),
    ("releases under way", "select count(*) from holding.release_state where state in ('ordered', 'submitted')"),
    ("the register's facts", "select count(*) from register.feed_outbox"),
    ("the register's calls to index", "select count(*) from register.access_unindexed"),
    ("set-off's advices", "select count(*) from setoff.feed_outbox"),
];

impl End {
    /// Looks everything up. `recount` is what the auditor counted before deposits were released.
    pub async fn of(scene: &Scene, recount: Recount) -> Self {
        let mut admin = PgConnection::connect(scene.url()).await.unwrap();
        // First: the questions to the houses are lookups themselves.
        let waiting = waiting(&mut admin, WAITING).await;
        let books = books(&mut admin, BOOKS).await;
        let balances = scene.street.holding.trial_balance(&operator()).await.unwrap();
        let mut trial_balance: Vec<String> = balances.iter().map(|balance| format!("{balance:?}")).collect();
        trial_balance.sort();
        Self {
            recount,
            trial_balance,
            books,
            waiting,
            advices: advices(scene).await,
            releases: releases(scene),
            lookups: lookups(scene).await,
        }
    }

    /// The undisturbed day itself is as it ought to be, and everything that is compared is there.
    pub fn check(&self) {
        assert!(self.recount.balanced, "{:?}", self.recount.differences);
        assert_eq!(self.waiting, Vec::<String>::new());
        let (advices, sum, in_order) = self.advices;
        assert!(advices > 0 && sum > 0 && in_order, "{advices} advices");
        assert!(!self.releases.is_empty(), "no deposit was released");
        assert!(self.books.iter().any(|line| line.starts_with("releases by state: released")), "{:?}", self.books);
        assert!(self.lookups.len() > LOOKED_AFTER / 2, "{:?}", self.lookups);
        for (name, _) in BOOKS {
            assert!(self.books.iter().any(|line| line.starts_with(name)), "{name}: nothing");
        }
    }
}

/// The answers to named questions, a line each.
pub(super) async fn books(admin: &mut PgConnection, questions: &[(&str, &'static str)]) -> Vec<String> {
    let mut books = Vec::new();
    for (name, query) in questions {
        books.extend(rows(admin, query).await.into_iter().map(|row| format!("{name}: {row}")));
    }
    books
}

/// The names and numbers of what waits.
pub(super) async fn waiting(admin: &mut PgConnection, questions: &[(&str, &'static str)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, query) in questions {
        let count: i64 = sqlx::query_scalar(*query).fetch_one(&mut *admin).await.unwrap();
        if count > 0 {
            found.push(format!("{name}: {count}"));
        }
    }
    found
}

/// The rows of a query in order, columns joined by spaces.
async fn rows(admin: &mut PgConnection, query: &str) -> Vec<String> {
    let statement = format!(
        "select (select string_agg(coalesce(f.value, '-'), ' ' order by f.place)
                 from json_each_text(row_to_json(t)) with ordinality as f (name, value, place)) as line
         from ({query}) t order by line"
    );
    sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(admin).await.unwrap()
}

async fn advices(scene: &Scene) -> (usize, i64, bool) {
    let context = Context { actor: Actor::RecoveryAuthority, ..operator() };
    let after = FeedAfter { after: FeedPosition::new(0), limit: 10_000 };
    let advices: Vec<Advice> = scene.street.setoff.advices(&context, after).await.unwrap();
    let in_order = advices.iter().zip(1..).all(|(advice, position)| advice.position.get() == position);
    (advices.len(), advices.iter().map(|advice| advice.amount.minor()).sum(), in_order)
}

/// The transfers of the payer that stands for the holding account.
fn releases(scene: &Scene) -> Vec<String> {
    let from_holding = format!("<InstrId>{}", scene.world.system_agreement().digits());
    let value = |transfer: &str, element: &str| {
        let rest = transfer.split(&format!("<{element}")).nth(1).expect("every transfer has one");
        rest[rest.find('>').unwrap() + 1..rest.find('<').unwrap()].to_owned()
    };
    let mut releases = Vec::new();
    for (_, file) in files_below(&scene.out().join("bank")) {
        let text = std::fs::read_to_string(file).unwrap();
        let transfers = text.split("<CdtTrfTxInf>").skip(1).filter(|transfer| transfer.contains(&from_holding));
        releases.extend(transfers.map(|transfer| {
            let to = transfer.split("<CdtrAcct>").nth(1).unwrap().split("</CdtrAcct>").next().unwrap();
            format!("{} to {to}", value(transfer, "InstdAmt"))
        }));
    }
    releases.sort();
    releases
}

async fn lookups(scene: &Scene) -> BTreeSet<String> {
    let mut lookups = BTreeSet::new();
    for (place, holder) in scene.world.holders().take(LOOKED_AFTER).enumerate() {
        let query = AccessQuery { identifier: holder.identifiers[0].clone(), limit: 1_000 };
        for seen in scene.street.register.accesses(&operator(), query).await.unwrap() {
            let payer = seen.on_behalf_of.map_or(String::new(), |payer| payer.digits().to_owned());
            lookups.insert(format!("{place}: {} {payer} {} {}", seen.actor, seen.operation, seen.purpose));
        }
    }
    lookups
}
