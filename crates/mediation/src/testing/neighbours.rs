//! The other houses as simply as their contracts allow: answers that the test sets, kept in memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};
use std::sync::Mutex;

use async_trait::async_trait;
use contracts::holding::{Deposit, DepositAnswer, DepositRequest, Holding, LedgerBalance};
use contracts::parties::*;
use contracts::register::*;
use contracts::setoff::{Advice, BenefitRule, MarkerChange, Redirect, Setoff, SetoffAnswer, SetoffRequest};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use primitives::{
    BankCode, BenefitCode, Bic, Currency, Cvr, DepositRef, EntryRef, HolderRef, Identifier, LegRef, ReservationRef, ShiftRule,
    UnitCode,
};
use uuid::Uuid;

use super::{account, agreement, supplier};
use crate::channel::{Channel, OutgoingFile, Recipient};

/// Files are kept in memory, by key; a recipient can be made to refuse.
#[derive(Default)]
pub(crate) struct MemoryChannel {
    pub files: Mutex<BTreeMap<String, (Recipient, String)>>,
    pub refusing: Mutex<Option<Recipient>>,
}

impl Channel for MemoryChannel {
    fn hand_over(&self, file: &OutgoingFile, content: &mut dyn Read) -> io::Result<()> {
        if self.refusing.lock().unwrap().as_ref() == Some(&file.recipient) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let mut text = String::new();
        content.read_to_string(&mut text)?;
        let before = self.files.lock().unwrap().insert(file.key.clone(), (file.recipient.clone(), text.clone()));
        assert!(before.is_none_or(|(_, before)| before == text), "a file that is handed over again is the same file");
        Ok(())
    }
}

fn not_here<T>() -> Result<T, Problem> {
    Err(Problem::new(ProblemCode::NotFound, "Findes ikke her.", "Not here."))
}

/// A register that is a book of answers; who is not in it is unknown.
#[derive(Default)]
pub(crate) struct BookRegister {
    pub answers: Mutex<HashMap<Identifier, Resolution>>,
    /// What was asked.
    pub asked: Mutex<Vec<PayeeQuery>>,
    /// Numbers that new ones have replaced.
    pub replaced: Mutex<HashSet<Identifier>>,
}

impl BookRegister {
    pub fn set(&self, payee: Identifier, resolution: Resolution) {
        self.answers.lock().unwrap().insert(payee, resolution);
    }

    pub fn found(&self, payee: Identifier, number: u32) {
        let entry = EntryRef::new(i64::from(number));
        let found =
            ResolvedAccount { holder: holder(number), entry, account: account(number), specific: false, by_fallback: false };
        self.set(payee, Resolution::Found(found));
    }

    pub fn no_account(&self, payee: Identifier, number: u32) {
        self.set(payee, Resolution::NoAccount { holder: holder(number) });
    }
}

fn holder(number: u32) -> HolderRef {
    HolderRef::new(Uuid::from_u128(u128::from(number)))
}

#[async_trait]
impl Register for BookRegister {
    async fn resolve(&self, _: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem> {
        self.asked.lock().unwrap().extend(request.payees.iter().cloned());
        let answers = self.answers.lock().unwrap();
        let answer = |query: &PayeeQuery| answers.get(&query.identifier).cloned().unwrap_or(Resolution::Unknown);
        let replaced = self.replaced.lock().unwrap();
        let is_replaced = |query: &PayeeQuery| replaced.contains(&query.identifier);
        Ok(ResolveAnswer {
            as_known: Timestamp::UNIX_EPOCH,
            resolutions: request.payees.iter().map(answer).collect(),
            replaced: (0..).zip(&request.payees).filter(|(_, query)| is_replaced(query)).map(|(place, _)| place).collect(),
        })
    }

    async fn record_holders(
        &self, _: &Context, _: &IdempotencyKey, _: Vec<HolderRecord>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        not_here()
    }

    async fn holders(&self, _: &Context, _: Vec<Identifier>) -> Result<Vec<Option<Holder>>, Problem> {
        not_here()
    }

    async fn designate(
        &self, _: &Context, _: &IdempotencyKey, _: Vec<Designation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        not_here()
    }

    async fn activate(
        &self, _: &Context, _: &IdempotencyKey, _: Vec<Activation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        not_here()
    }

    async fn end(&self, _: &Context, _: &IdempotencyKey, _: Vec<EndDesignation>) -> Result<Vec<ItemResult<EntryRef>>, Problem> {
        not_here()
    }

    async fn history(&self, _: &Context, _: HistoryQuery) -> Result<Vec<HistoryEntry>, Problem> {
        not_here()
    }

    async fn accesses(&self, _: &Context, _: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        not_here()
    }

    async fn feed(&self, _: &Context, _: FeedAfter) -> Result<Vec<RegisterFeedItem>, Problem> {
        not_here()
    }
}

/// A register that notes what it is told of payouts, unless it is away.
#[derive(Default)]
pub(crate) struct PayoutBook {
    pub away: Mutex<bool>,
    told: Mutex<Vec<LastPayout>>,
}

impl PayoutBook {
    /// Number and day of each payout, in order.
    pub fn told(&self) -> Vec<String> {
        let mut told: Vec<_> =
            self.told.lock().unwrap().iter().map(|payout| (payout.holder.get().as_u128(), payout.on)).collect();
        told.sort_unstable();
        told.iter().map(|(holder, on)| format!("{holder} on {on}")).collect()
    }
}

#[async_trait]
impl crate::TakesPayouts for PayoutBook {
    async fn take_payouts(
        &self, _: &Context, _: &IdempotencyKey, payouts: Vec<LastPayout>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        if *self.away.lock().unwrap() {
            return not_here();
        }
        let answers = payouts.iter().map(|payout| Ok(payout.holder)).collect();
        self.told.lock().unwrap().extend(payouts);
        Ok(answers)
    }
}

/// The payer of the tests: a DKK and a EUR account in one bank, two benefits, one unit.
pub(crate) fn payer() -> PayerProfile {
    let debtor = |number, currency| DebtorAccount {
        account: account(number),
        bank: BankCode::parse("BANK").unwrap(),
        currency,
        unit: None,
    };
    let benefit =
        |code, shift| BenefitTerms { code: BenefitCode::parse(code).unwrap(), name: code.to_owned(), locked: false, shift };
    PayerProfile {
        agreement: agreement(),
        cvr: Cvr::parse("10150817").unwrap(),
        name: "Styrelsen for Prøver".to_owned(),
        kind: PayerKind::Authority,
        valid_from: date(2020, 1, 1),
        valid_until: None,
        units: vec![Unit { code: UnitCode::parse("U1").unwrap(), name: "Enhed 1".to_owned() }],
        debtor_accounts: vec![debtor(900, Currency::DKK), debtor(901, Currency::EUR)],
        benefits: vec![benefit("NKSOST", ShiftRule::Next), benefit("NKSSOP", ShiftRule::Previous)],
        without_account: WithoutAccount::Return,
        fall_back_to_cvr: false,
        date_meaning: DateMeaning::Disposal,
        closed_days: ClosedDays::Move,
        data_suppliers: vec![supplier()],
    }
}

/// A bank that takes pain.001.001.09.
pub(crate) fn bank(code: &str) -> BankProfile {
    BankProfile {
        code: BankCode::parse(code).unwrap(),
        name: "Prøvebanken".to_owned(),
        bic: Bic::parse("DABADKKK").unwrap(),
        registration_numbers: vec!["0040".to_owned()],
        pain_version: PainVersion::V09,
        domestic_lag: 0,
        foreign_lag: 1,
        needs_payee_number: false,
        characters: BankCharacters::Unicode,
    }
}

/// Parties that stand fast unless the test changes them.
pub(crate) struct FixedParties {
    pub payers: Mutex<Vec<PayerProfile>>,
    pub banks: Mutex<Vec<BankProfile>>,
    /// A bank whose profile ends, and its last day.
    pub ends: Mutex<Option<(BankCode, Date)>>,
    /// From its first to before its last day the old system pays everybody.
    pub old_system: Mutex<Option<(Date, Date)>>,
}

impl Default for FixedParties {
    fn default() -> Self {
        Self {
            payers: Mutex::new(vec![payer()]),
            banks: Mutex::new(vec![bank("BANK")]),
            ends: Mutex::default(),
            old_system: Mutex::default(),
        }
    }
}

impl FixedParties {
    /// The payer gets an account in a second bank.
    pub fn add_second_bank(&self) {
        self.banks.lock().unwrap().push(bank("BANK2"));
        let bank = BankCode::parse("BANK2").unwrap();
        let second = DebtorAccount { account: account(902), bank, currency: Currency::DKK, unit: None };
        self.change(|payer| payer.debtor_accounts.push(second));
    }

    /// The payer's first bank has no profile after this day.
    pub fn end_first_bank(&self, last: Date) {
        *self.ends.lock().unwrap() = Some((BankCode::parse("BANK").unwrap(), last));
    }

    /// Changes the payer.
    pub fn change(&self, change: impl FnOnce(&mut PayerProfile)) {
        change(&mut self.payers.lock().unwrap()[0]);
    }
}

#[async_trait]
impl Parties for FixedParties {
    async fn record(&self, _: &Context, _: &IdempotencyKey, _: Vec<PartyChange>) -> Result<Vec<ItemResult<()>>, Problem> {
        not_here()
    }

    async fn payers(&self, _: &Context, query: PayerQuery) -> Result<Vec<Option<PayerProfile>>, Problem> {
        let payers = self.payers.lock().unwrap();
        let find = |key: PayerKey| match key {
            PayerKey::Agreement { number } => payers.iter().find(|payer| payer.agreement == number).cloned(),
            PayerKey::Cvr { number } => payers.iter().find(|payer| payer.cvr == number).cloned(),
        };
        Ok(query.payers.into_iter().map(find).collect())
    }

    async fn banks(&self, _: &Context, on: Date) -> Result<Vec<BankProfile>, Problem> {
        let ends = *self.ends.lock().unwrap();
        let in_force = |bank: &&BankProfile| !ends.is_some_and(|(code, last)| bank.code == code && on > last);
        Ok(self.banks.lock().unwrap().iter().filter(in_force).cloned().collect())
    }

    async fn users(&self, _: &Context, query: UserQuery) -> Result<Vec<Option<UserProfile>>, Problem> {
        Ok(query.users.iter().map(|_| None).collect())
    }

    async fn directory(&self, _: &Context, _: Date) -> Result<Vec<DirectoryEntry>, Problem> {
        Ok(Vec::new())
    }

    async fn routing(&self, _: &Context, query: RoutingQuery) -> Result<Vec<Option<Routing>>, Problem> {
        let old = self.old_system.lock().unwrap().filter(|(first, end)| (*first..*end).contains(&query.on));
        let routing = old.map_or(Routing::default(), |(_, end)| Routing { system: PayingSystem::Old, until: Some(end) });
        Ok(vec![Some(routing); query.payers.len()])
    }
}

/// Set-off that redirects the marked payees; a leg is reserved once.
#[derive(Default)]
pub(crate) struct MarkerSetoff {
    pub marked: Mutex<HashSet<Identifier>>,
    pub reserved: Mutex<BTreeMap<LegRef, i64>>,
    /// The keys of the calls.
    pub keys: Mutex<Vec<String>>,
    /// What was posted and voided.
    pub settled: Mutex<Vec<(&'static str, LegRef)>>,
    /// Whether it answers no call to post or void.
    pub down: Mutex<bool>,
}

impl MarkerSetoff {
    fn settle(&self, verb: &'static str, legs: &[LegRef]) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        if *self.down.lock().unwrap() {
            return Err(Problem::unavailable());
        }
        self.settled.lock().unwrap().extend(legs.iter().map(|leg| (verb, *leg)));
        Ok(legs.iter().map(|_| Ok(ReservationRef::new(1))).collect())
    }
}

#[async_trait]
impl Setoff for MarkerSetoff {
    async fn put_markers(&self, _: &Context, _: &IdempotencyKey, _: Vec<MarkerChange>) -> Result<Vec<ItemResult<()>>, Problem> {
        not_here()
    }

    async fn put_benefit_rules(
        &self, _: &Context, _: &IdempotencyKey, _: Vec<BenefitRule>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        not_here()
    }

    async fn reserve(&self, _: &Context, key: &IdempotencyKey, request: SetoffRequest) -> Result<SetoffAnswer, Problem> {
        self.keys.lock().unwrap().push(key.as_str().to_owned());
        let (marked, mut reserved) = (self.marked.lock().unwrap(), self.reserved.lock().unwrap());
        let mut redirects = Vec::new();
        for (index, payout) in (0..).zip(&request.payouts) {
            if marked.contains(&payout.payee) && !payout.exempt {
                let next = 100 + i64::try_from(reserved.len()).unwrap();
                let reservation = ReservationRef::new(*reserved.entry(payout.leg).or_insert(next));
                redirects.push(Redirect { index, reservation, rule_version: 3 });
            }
        }
        Ok(SetoffAnswer { recovery_account: account(800), redirects })
    }

    async fn post(&self, _: &Context, _: &IdempotencyKey, legs: Vec<LegRef>) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        self.settle("post", &legs)
    }

    async fn void(&self, _: &Context, _: &IdempotencyKey, legs: Vec<LegRef>) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        self.settle("void", &legs)
    }

    async fn reverse(
        &self, _: &Context, _: &IdempotencyKey, legs: Vec<LegRef>,
    ) -> Result<Vec<ItemResult<ReservationRef>>, Problem> {
        self.settled.lock().unwrap().extend(legs.iter().map(|leg| ("reverse", *leg)));
        Ok(legs.iter().map(|_| Ok(ReservationRef::new(1))).collect())
    }

    async fn advices(&self, _: &Context, _: FeedAfter) -> Result<Vec<Advice>, Problem> {
        Ok(Vec::new())
    }
}

/// A holding account that reserves a leg once, and nothing when it is winding down.
#[derive(Default)]
pub(crate) struct LedgerHolding {
    pub winding_down: Mutex<bool>,
    pub reserved: Mutex<BTreeMap<LegRef, i64>>,
    pub keys: Mutex<Vec<String>>,
    /// What was posted and voided.
    pub settled: Mutex<Vec<(&'static str, LegRef)>>,
}

#[async_trait]
impl Holding for LedgerHolding {
    async fn reserve(&self, _: &Context, key: &IdempotencyKey, deposits: Vec<DepositRequest>) -> Result<DepositAnswer, Problem> {
        self.keys.lock().unwrap().push(key.as_str().to_owned());
        let (closed, mut reserved) = (*self.winding_down.lock().unwrap(), self.reserved.lock().unwrap());
        let mut reserve = |request: &DepositRequest| {
            if closed {
                return Err(Problem::new(ProblemCode::Conflict, "Lukket.", "Closed."));
            }
            let next = 200 + i64::try_from(reserved.len()).unwrap();
            Ok(DepositRef::new(*reserved.entry(request.leg).or_insert(next)))
        };
        Ok(DepositAnswer { account: account(700), deposits: deposits.iter().map(&mut reserve).collect() })
    }

    async fn post(&self, _: &Context, _: &IdempotencyKey, legs: Vec<LegRef>) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        self.settled.lock().unwrap().extend(legs.iter().map(|leg| ("post", *leg)));
        Ok(legs.iter().map(|_| Ok(DepositRef::new(1))).collect())
    }

    async fn void(&self, _: &Context, _: &IdempotencyKey, legs: Vec<LegRef>) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        self.settled.lock().unwrap().extend(legs.iter().map(|leg| ("void", *leg)));
        Ok(legs.iter().map(|_| Ok(DepositRef::new(1))).collect())
    }

    async fn reverse(&self, _: &Context, _: &IdempotencyKey, legs: Vec<LegRef>) -> Result<Vec<ItemResult<DepositRef>>, Problem> {
        self.settled.lock().unwrap().extend(legs.iter().map(|leg| ("reverse", *leg)));
        Ok(legs.iter().map(|_| Ok(DepositRef::new(1))).collect())
    }

    async fn deposits(&self, _: &Context, _: Identifier) -> Result<Vec<Deposit>, Problem> {
        Ok(Vec::new())
    }

    async fn trial_balance(&self, _: &Context) -> Result<Vec<LedgerBalance>, Problem> {
        Ok(Vec::new())
    }
}
