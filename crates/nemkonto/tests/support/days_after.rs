//! The days after: a recall that comes too late, a letter to write, a branch that moves, holders whom nobody has paid for years, answers past
//! their time. Each is work of a room that has none on the day itself.

use std::fs;

use contracts::register::{AccountPurpose, Designation, DesignationRoute, HolderKind};
use contracts::{Actor, Context, IdempotencyKey};
use nemkonto::demo::operator;
use simulation::payers::DeliveryKind;
use sqlx::{Connection, PgConnection};

use super::Scene;
use super::day::WORK;
use super::end::{End, books, waiting};

/// What is prepared for a room, and the moments of its work.
pub struct Errand {
    prepare: Prepare,
    pub moments: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Prepare {
    /// A payer recalls a delivery that has been paid, in a case of this name.
    Recall(&'static str),
    /// Payees wish another account, in self-service.
    Wishes,
    /// The branch of the accounts that were designated during the day moves.
    BranchMove,
    /// What the statement changes.
    Change(&'static str),
}

const fn errand(prepare: Prepare, moments: &'static [&'static str]) -> Errand {
    Errand { prepare, moments }
}

/// The errands, in their order.
pub const ERRANDS: &[Errand] = &[
    errand(
        Prepare::Recall("RECALL-1"),
        &["mediation.recall.file_stored", "mediation.recall.before_commit", "mediation.recall.after_commit"],
    ),
    // What a payer asks for by hand stands in the change log.
    errand(Prepare::Recall("RECALL-2"), &["mediation.chain.before_commit", "mediation.chain.after_commit"]),
    errand(Prepare::Wishes, &["register.write_letters.before_commit", "register.write_letters.after_commit"]),
    errand(Prepare::BranchMove, &["register.move_accounts.before_commit", "register.move_accounts.after_commit"]),
    errand(
        Prepare::Change(
            "insert into register.last_payout (holder_ref, paid_on)
             select holder_ref, current_date - interval '6 years' from register.holder order by holder_ref desc limit 5
             on conflict (holder_ref) do update set paid_on = excluded.paid_on",
        ),
        &["register.delete_unpaid.before_commit", "register.delete_unpaid.after_commit"],
    ),
    errand(
        Prepare::Change("update parties.idempotency set expires_at = now() - interval '1 second'"),
        &["parties.forget_answers.before_commit", "parties.forget_answers.after_commit"],
    ),
    errand(
        Prepare::Change("update holding.idempotency set expires_at = now() - interval '1 second'"),
        &["holding.forget_answers.before_commit", "holding.forget_answers.after_commit"],
    ),
    errand(
        Prepare::Change("update setoff.idempotency set expires_at = now() - interval '1 second'"),
        &["setoff.forget_answers.before_commit", "setoff.forget_answers.after_commit"],
    ),
    errand(
        Prepare::Change("update mediation.idempotency set expires_at = now() - interval '1 second'"),
        &["mediation.forget_answers.before_commit", "mediation.forget_answers.after_commit"],
    ),
];

/// What is asked of the books beside those of the day, by name.
const BOOKS: &[(&str, &str)] = &[
    ("legs asked back", "select count(*) from mediation.recall_leg"),
    ("recalls to banks", "select recipient, count(*) from mediation.file where purpose = 4 group by recipient"),
    ("codes and letters", "select (select count(*) from register.letter_code), (select count(*) from register.print_job)"),
    ("entries by state", "select state, count(*) from register.entry where recorded_until is null group by state"),
    ("moved branches", "select count(*) from register.branch_move where is_done"),
    ("holders by status", "select status, count(*) from register.holder_fact where recorded_until is null group by status"),
    ("chained changes", "select max(position) from parties.change_link"),
];

/// What may wait beside what may wait at the end of a day, by name.
const WAITING: &[(&str, &str)] = &[
    ("recalls to banks", "select count(*) from mediation.recall where to_ask"),
    (
        "letters to write",
        "select count(*) from register.letter l where used_at is null and voided_at is null
        and not exists (select from register.letter_code c where c.entry_id = l.entry_id)",
    ),
    ("branches to move", "select count(*) from register.branch_move where not is_done"),
    (
        "changes to chain",
        "select (select count(*) from parties.change_queue) + (select count(*) from register.change_queue)
            + (select count(*) from holding.change_queue) + (select count(*) from setoff.change_queue)
            + (select count(*) from mediation.change_queue)",
    ),
    (
        "answers to forget",
        "select sum(n)::bigint from (
        select count(*) n from parties.idempotency where expires_at < now() union all
        select count(*) from holding.idempotency where expires_at < now() union all
        select count(*) from setoff.idempotency where expires_at < now() union all
        select count(*) from mediation.idempotency where expires_at < now()) as kept",
    ),
];

impl Scene {
    /// A day with releases, and the days after, killed at each moment of each errand in turn if asked.
    pub async fn days_after(&self, is_killed: bool) -> (End, Vec<String>) {
        let mut end = self.whole_day(&[]).await;
        for errand in ERRANDS {
            self.prepare(errand.prepare).await;
            for moment in errand.moments.iter().filter(|_| is_killed) {
                self.run_into(&WORK, moment).await;
            }
            self.run_killed_then_whole(&WORK, Vec::new()).await;
        }
        let mut admin = PgConnection::connect(self.url()).await.unwrap();
        end.waiting.extend(waiting(&mut admin, WAITING).await);
        (end, books(&mut admin, BOOKS).await)
    }

    async fn prepare(&self, prepare: Prepare) {
        match prepare {
            Prepare::Recall(case) => self.recall_a_delivery(case).await,
            Prepare::Wishes => self.wish_accounts().await,
            Prepare::BranchMove => self.move_a_branch().await,
            Prepare::Change(statement) => self.administer(statement).await,
        }
    }

    async fn recall_a_delivery(&self, case: &str) {
        let files = self.planned_files();
        let delivery = files.deliveries().iter().find(|delivery| delivery.kind == DeliveryKind::Main).unwrap();
        let order = fs::read_to_string(self.out().join("in").join(&delivery.path)).unwrap();
        let between = |element: &str| order.split(&format!("<{element}>")).nth(1).unwrap().split('<').next().unwrap();
        let recall = format!(
            r#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.055.001.08"><CstmrPmtCxlReq><Assgnmt><Id>{case}</Id>
               <Assgnr><Pty><Id><OrgId><Othr><Id>{payer}</Id><SchmeNm><Prtry>NKS</Prtry></SchmeNm></Othr></OrgId></Id></Pty></Assgnr>
               <Assgne><Pty><Nm>NemKonto</Nm></Pty></Assgne><CreDtTm>{at}</CreDtTm></Assgnmt><Undrlyg><OrgnlGrpInfAndCxl>
               <OrgnlMsgId>{id}</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId><GrpCxl>true</GrpCxl></OrgnlGrpInfAndCxl></Undrlyg>
               </CstmrPmtCxlReq></Document>"#,
            payer = delivery.agreement.digits(),
            at = between("CreDtTm"),
            id = between("MsgId"),
        );
        let path = self.out().join("recall.xml");
        fs::write(&path, recall).unwrap();
        self.deliver(delivery, &path).await;
    }

    async fn wish_accounts(&self) {
        for (place, holder) in self.world.holders().filter(|holder| holder.kind == HolderKind::Person).take(3).enumerate() {
            let payee = holder.identifiers[0].clone();
            let wish = Designation {
                identifier: payee.clone(),
                purpose: AccountPurpose::NemKonto,
                account: self.world.account_on_order(2_000_000 + place as u64).into(),
                valid_from: self.world.today(),
                route: DesignationRoute::SelfService,
                expected: None,
                reason: "Ny bank".to_owned(),
            };
            let context = Context { actor: Actor::Payee { identifier: payee }, ..operator() };
            let key = IdempotencyKey::new(format!("wish-{place}")).unwrap();
            self.street.register.designate(&context, &key, vec![wish]).await.unwrap().remove(0).unwrap();
        }
    }

    /// The reason is sealed, so it is one that is there.
    async fn move_a_branch(&self) {
        let account = self.world.account_on_order(1_000_000);
        let mut admin = PgConnection::connect(self.url()).await.unwrap();
        let moved = sqlx::query(
            "insert into register.branch_move (from_registration, into_registration, on_day, recorded_at, recorded_by, reason)
             select $1, '9999', current_date, now(), 'operator', reason from register.entry limit 1",
        );
        moved.bind(account.registration()).execute(&mut admin).await.unwrap();
        admin.close().await.unwrap();
    }
}
