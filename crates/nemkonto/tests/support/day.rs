//! A day to its very end: also those who had no account get one, and what the holding account kept for them is paid out.

use std::io::Write;
use std::process::{Child, Stdio};

use contracts::holding::DepositState;
use contracts::register::{AccessQuery, AccountPurpose, Designation, DesignationRoute};
use contracts::{Actor, Context, IdempotencyKey};
use nemkonto::demo::operator;
use platform::driver::Progress;
use platform::runs::FAN_IN;
use primitives::{BankCode, Identifier};
use sqlx::{Connection, Executor, PgConnection};

use super::end::End;
use super::{Kill, Scene, Stage, files_below, kills_in};

pub(super) const WORK: [&str; 2] = ["work", "--until-idle"];

impl Scene {
    /// A whole day; each kill strikes the work of its stage that the one before has left.
    pub async fn whole_day(&self, kills: &[Kill]) -> End {
        let recount = self.day(kills).await;
        self.release(kills).await;
        End::of(self, recount).await
    }

    /// A day without releases, and the day years later on which the Treasury gets what nobody claimed; killed at the moments.
    pub async fn day_and_years_later(&self, moments: &[&str]) -> End {
        let recount = self.day(&[]).await;
        self.administer("update holding.deposit set on_day = on_day - interval '4 years'").await;
        self.run_killed_then_whole(&WORK, moments.iter().map(ToString::to_string).collect()).await;
        End::of(self, recount).await
    }

    /// As many lookups as make the register merge its index by person, each indexed by itself.
    pub(super) async fn index_lookups_one_by_one(&self) {
        let rooms = self.street.rooms();
        // Where the register stands apart its rooms are not here.
        let Some(indexing) = rooms.iter().find(|room| room.name() == "register.index_accesses") else { return };
        // Somebody whose lookups are not compared.
        let looked_up = self.world.holders().last().unwrap().identifiers[0].clone();
        for _ in 0..FAN_IN {
            let query = AccessQuery { identifier: looked_up.clone(), limit: 1 };
            self.street.register.accesses(&operator(), query).await.unwrap();
            while indexing.step().await.unwrap() != Progress::Idle {}
        }
    }

    /// A whole day on which two processes deliver the same files at once, and two work at once.
    pub async fn day_of_two_processes(&self) -> End {
        let files = self.planned_files();
        for delivery in &files.deliveries()[..2] {
            let path = files.write(delivery, &self.out().join("in")).unwrap();
            self.twice_at_once(&["deliver", path.to_str().unwrap(), "--supplier", delivery.supplier.as_str()]);
        }
        self.deliver_all(Vec::new()).await;
        self.twice_at_once(&WORK);
        self.answer_all(Vec::new()).await;
        self.twice_at_once(&WORK);
        let recount = self.recount();
        self.release(&[]).await;
        End::of(self, recount).await
    }

    /// Starts the program twice before either is waited for; both must end well.
    fn twice_at_once(&self, arguments: &[&str]) {
        let mut processes: Vec<Child> = (0..2).map(|_| self.command(arguments).spawn().unwrap()).collect();
        for process in &mut processes {
            let ended = process.wait().unwrap();
            assert!(ended.success(), "{arguments:?} ended with {ended}");
        }
    }

    /// The payees of deposits get an account at their bank; what was kept for them is paid, and the bank confirms it.
    async fn release(&self, kills: &[Kill]) {
        self.designate_for_depositors().await;
        // Kept answers are past their time.
        self.administer("update register.idempotency set expires_at = now() - interval '1 second'").await;
        self.run_killed_then_whole(&WORK, kills_in(Stage::Release, kills)).await;
        self.answer_all(Vec::new()).await;
        // Long enough since mediation was last asked what became of the payments.
        self.administer("update holding.release_state set asked_at = asked_at - interval '1 hour'").await;
        self.run_killed_then_whole(&WORK, kills_in(Stage::Confirm, kills)).await;
    }

    /// By the route of a bank, which makes an account active at once.
    async fn designate_for_depositors(&self) {
        let bank = BankCode::parse("NYBANK").unwrap();
        let mut wishes = Vec::new();
        for (place, payee) in self.depositors().await.into_iter().enumerate() {
            wishes.push(Designation {
                identifier: payee,
                purpose: AccountPurpose::NemKonto,
                account: self.world.account_on_order(1_000_000 + place as u64).into(),
                valid_from: self.world.today(),
                route: DesignationRoute::Bank { bank },
                expected: None,
                reason: "Anvist i banken".to_owned(),
            });
        }
        assert!(!wishes.is_empty(), "the holding account keeps nothing for anybody");
        let context = Context { actor: Actor::Bank { code: bank }, ..operator() };
        let key = IdempotencyKey::new("new-accounts").unwrap();
        let receipts = self.street.register.designate(&context, &key, wishes).await.unwrap();
        assert!(receipts.iter().all(Result::is_ok), "{receipts:?}");
    }

    async fn depositors(&self) -> Vec<Identifier> {
        let mut depositors = Vec::new();
        for holder in self.world.holders() {
            let payee = holder.identifiers[0].clone();
            let deposits = self.street.holding.deposits(&operator(), payee.clone()).await.unwrap();
            if deposits.iter().any(|deposit| deposit.state == DepositState::Posted) {
                depositors.push(payee);
            }
        }
        depositors
    }

    pub(super) async fn administer(&self, statement: &'static str) {
        let mut admin = PgConnection::connect(self.url()).await.unwrap();
        admin.execute(statement).await.unwrap();
        admin.close().await.unwrap();
    }

    /// A whole day in which every step is a process of its own; answers all that they wrote to their error streams while logging everything.
    pub async fn logged_day(&self) -> Vec<u8> {
        let mut log = Vec::new();
        let files = self.planned_files();
        for delivery in files.deliveries() {
            let path = files.write(delivery, &self.out().join("in")).unwrap();
            self.logged(&["deliver", path.to_str().unwrap(), "--supplier", delivery.supplier.as_str()], &mut log);
        }
        self.logged(&WORK, &mut log);
        // Written and handed in here, so that the files are there; the same bytes again are the same answer.
        self.answer_all(Vec::new()).await;
        for (bank, answer) in files_below(&self.out().join("from-bank")).iter().take(3) {
            self.logged(&["bank-answer", answer.to_str().unwrap(), "--bank", bank], &mut log);
        }
        self.logged(&WORK, &mut log);
        log
    }

    fn logged(&self, arguments: &[&str], log: &mut Vec<u8>) {
        let mut command = self.command(arguments);
        let done = command.env("NEMKONTO_LOG", "trace").stderr(Stdio::piped()).output().unwrap();
        assert!(done.status.success(), "{arguments:?} ended with {}", done.status);
        log.write_all(&done.stderr).unwrap();
    }
}
