//! Random histories of many holders against a plain model: for each day, the account that was designated last. Whatever is asked, of any day,
//! and as known at any time, gets the model's answer.

use std::collections::HashMap;

use contracts::ProblemCode;
use contracts::register::{
    AccountPurpose, Activation, Designation, DesignationRoute, EndDesignation, EntryState, HistoryQuery, HolderMerge,
    HolderRecord, HolderStatus, PayeeQuery, Register, RegisterServices, Resolution, ResolveRequest, SourceEvent, SourceFact,
    SourceRegister,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use primitives::{AgreementNumber, BankCode, BenefitCode, copenhagen_date};

use crate::support::{self, Street, TODAY, account, key, nemkonto, number, operator, payer, person, street};

/// The days histories are played on: from the first.
const DAYS: usize = 40;

/// Small, and the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides as u64).unwrap()
    }
}

fn day(n: usize) -> Date {
    TODAY + i64::try_from(n).unwrap().days()
}

fn specific() -> AccountPurpose {
    AccountPurpose::Specific { payer: payer(), benefit: BenefitCode::parse("NKSBFY").unwrap() }
}

/// What is expected of one purpose.
#[derive(Clone, Debug)]
struct Line {
    account: [Option<u32>; DAYS],
    /// The account that waits for a code, and the day wished for.
    pending: Option<(u32, usize)>,
}

/// What is expected of one holder.
#[derive(Clone, Debug)]
struct Person {
    /// The last is the one in use.
    numbers: Vec<u32>,
    lines: [Line; 2],
    closed: [bool; DAYS],
    closed_from: Option<usize>,
}

impl Person {
    fn new(n: u32) -> Self {
        let line = Line { account: [None; DAYS], pending: None };
        Self { numbers: vec![n], lines: [line.clone(), line], closed: [false; DAYS], closed_from: None }
    }

    fn current(&self) -> u32 {
        self.numbers[self.numbers.len() - 1]
    }

    /// The account of a payment by the payer of the specific account: `None` is end-marked.
    fn pays(&self, on: usize, with_benefit: bool) -> Option<Option<u32>> {
        let specific = self.lines[1].account[on].filter(|_| with_benefit);
        (!self.closed[on]).then_some(specific.or(self.lines[0].account[on]))
    }

    fn mark(&mut self, closed: bool, from: usize) {
        match (closed, self.closed_from) {
            (false, None) => {}
            (false, Some(_)) => {
                self.closed[from..].fill(false);
                self.closed_from = None;
            }
            (true, None) => {
                self.closed[from..].fill(true);
                self.closed_from = Some(from);
            }
            (true, Some(before)) => {
                // The day was corrected.
                self.closed[before.min(from)..].fill(true);
                self.closed[before.min(from)..from].fill(false);
                self.closed_from = Some(from);
            }
        }
    }
}

/// What was true at a time.
struct Known {
    at: Timestamp,
    today: usize,
    number: u32,
    lines: [Line; 2],
}

struct Play {
    street: Street,
    dice: Dice,
    people: Vec<Person>,
    known: Vec<Known>,
    round: u64,
    today: usize,
    next_number: u32,
    /// Marks accounts: each designation has its own.
    next_account: u32,
    position: u64,
    operations: usize,
}

/// The changes of one round, each of another person.
#[derive(Default)]
struct Round {
    designations: Vec<(Designation, bool)>,
    ends: Vec<(EndDesignation, bool)>,
    records: Vec<HolderRecord>,
    events: Vec<SourceEvent>,
}

impl Play {
    async fn begin(seed: u64, people: u32) -> Self {
        let street = street().await;
        street.record("people", (0..people).map(person).collect()).await;
        let people_now = (0..people).map(Person::new).collect();
        Self {
            street,
            dice: Dice(seed),
            people: people_now,
            known: Vec::new(),
            round: 0,
            today: 0,
            next_number: people,
            next_account: 0,
            position: 0,
            operations: 0,
        }
    }

    async fn play(&mut self, rounds: u64) {
        for _ in 0..rounds {
            self.round += 1;
            self.changes().await;
            if self.round.is_multiple_of(4) && self.people.len() > 8 {
                self.merge().await;
            }
            if self.round.is_multiple_of(10) {
                self.activate().await;
            }
            self.compare().await;
            self.let_time_pass(rounds);
        }
        for known in &self.known {
            self.compare_known(known).await;
        }
    }

    fn let_time_pass(&mut self, rounds: u64) {
        // The days are spread over the rounds; the last one is never left.
        let wanted = usize::try_from(self.round * (DAYS as u64 - 1) / rounds).unwrap().min(DAYS - 2);
        let hours = if wanted > self.today { 24 * i64::try_from(wanted - self.today).unwrap() } else { 0 };
        self.today = self.today.max(wanted);
        self.street.clock.advance(SignedDuration::from_hours(hours) + SignedDuration::from_secs(1));
        assert_eq!(copenhagen_date(primitives::Clock::now(&self.street.clock)), day(self.today));
    }

    /// One change for each person, made in bulk.
    async fn changes(&mut self) {
        let mut round = Round::default();
        for place in 0..self.people.len() {
            self.operations += 1;
            match self.dice.below(20) {
                0..=4 => self.designate(&mut round, place, 0, DesignationRoute::Migration),
                5..=7 => self.designate(&mut round, place, 0, DesignationRoute::Bank { bank: BankCode::parse("B1").unwrap() }),
                8..=9 => self.designate(&mut round, place, 1, DesignationRoute::Migration),
                10 => self.designate(&mut round, place, 0, DesignationRoute::Form),
                11..=13 => self.end(&mut round, place, 0),
                14 => self.end(&mut round, place, 1),
                15..=16 => self.mark(&mut round, place, true),
                17..=18 => self.mark(&mut round, place, false),
                _ => self.renumber(&mut round, place),
            }
        }
        self.make(round).await;
    }

    async fn make(&self, round: Round) {
        let house = &self.street.house;
        let name = |what: &str| key(&format!("{what} {}", self.round));
        let (items, expected): (Vec<_>, Vec<_>) = round.designations.into_iter().unzip();
        let made = house.designate(&operator(), &name("designate"), items).await.unwrap();
        assert_eq!(made.iter().map(Result::is_ok).collect::<Vec<_>>(), expected, "who may designate");
        let (items, expected): (Vec<_>, Vec<_>) = round.ends.into_iter().unzip();
        let ended = house.end(&operator(), &name("end"), items).await.unwrap();
        assert_eq!(ended.iter().map(Result::is_ok).collect::<Vec<_>>(), expected, "something to end");
        let recorded = house.record_holders(&operator(), &name("record"), round.records).await.unwrap();
        assert!(recorded.iter().all(Result::is_ok));
        let taken = house.take_events(&operator(), &name("events"), round.events).await.unwrap();
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    }

    fn designate(&mut self, round: &mut Round, place: usize, line: usize, route: DesignationRoute) {
        self.next_account += 1;
        let (marked, today) = (self.next_account, self.today);
        let from = self.dice.below(DAYS);
        let person = &mut self.people[place];
        let is_payable = !person.closed[today];
        let purpose = if line == 0 { AccountPurpose::NemKonto } else { specific() };
        let item = Designation {
            identifier: number(person.current()),
            purpose,
            account: account(marked),
            valid_from: day(from),
            route: route.clone(),
            ..nemkonto(0)
        };
        round.designations.push((item, is_payable));
        if !is_payable {
            return;
        }
        let line = &mut person.lines[line];
        line.pending = None;
        match route {
            DesignationRoute::Form => line.pending = Some((marked, from)),
            DesignationRoute::Bank { .. } => line.account[from.max(today)..].fill(Some(marked)),
            _ => line.account[from..].fill(Some(marked)),
        }
    }

    fn end(&mut self, round: &mut Round, place: usize, line: usize) {
        let from = self.dice.below(DAYS);
        let (person, effect) = (&mut self.people[place], from.max(self.today));
        let purpose = if line == 0 { AccountPurpose::NemKonto } else { specific() };
        let identifier = number(person.current());
        let line = &mut person.lines[line];
        let is_something = line.account[effect..].iter().any(Option::is_some) || line.pending.is_some();
        let item = EndDesignation { identifier, purpose, from: day(from), expected: None, reason: "end".into() };
        round.ends.push((item, is_something));
        line.account[effect..].fill(None);
        line.pending = None;
    }

    fn mark(&mut self, round: &mut Round, place: usize, closed: bool) {
        let from = 1 + self.dice.below(DAYS - 1);
        let person = &mut self.people[place];
        // Reopening from a day inside an end-marked span that began earlier leaves a status the model does not tell apart from another.
        if !closed && person.closed_from.is_some_and(|before| from > before) {
            return;
        }
        let status = if closed { HolderStatus::Closed } else { HolderStatus::Active };
        let record = support::person(person.current());
        round.records.push(HolderRecord { status, status_from: Some(day(from)), ..record });
        person.mark(closed, from);
    }

    fn renumber(&mut self, round: &mut Round, place: usize) {
        self.position += 1;
        let person = &mut self.people[place];
        if person.numbers.len() >= 6 {
            return;
        }
        let fact = SourceFact::NumberChanged { new: number(self.next_number) };
        round.events.push(SourceEvent {
            source: SourceRegister::Cpr,
            position: self.position,
            identifier: number(person.current()),
            on: day(self.today),
            fact,
        });
        person.numbers.push(self.next_number);
        self.next_number += 1;
    }

    /// Two people turn out to be one.
    async fn merge(&mut self) {
        self.operations += 1;
        let gone = self.dice.below(self.people.len());
        let gone = self.people.swap_remove(gone);
        let into = self.dice.below(self.people.len());
        let kept = &mut self.people[into];
        let merge = HolderMerge { from: number(gone.numbers[0]), into: number(kept.current()), reason: "one person".into() };
        let merged = self.street.house.merge_holders(&operator(), &key(&format!("merge {}", self.round)), vec![merge]).await;
        merged.unwrap().remove(0).unwrap();
        for (kept, gone) in kept.lines.iter_mut().zip(&gone.lines) {
            for (kept, gone) in kept.account.iter_mut().zip(gone.account) {
                *kept = kept.or(gone);
            }
        }
        let mut numbers = gone.numbers;
        numbers.append(&mut kept.numbers);
        kept.numbers = numbers;
    }

    /// Everybody who waits for a code enters it. That of who is end-marked today counts no more.
    async fn activate(&mut self) {
        let letters = self.street.house.letters_to_print(&operator(), 50).await.unwrap();
        let printed: Vec<_> = letters.iter().map(|letter| (letter.holder, letter.entry)).collect();
        self.street.house.letters_printed(&operator(), &printed).await.unwrap();
        let codes: HashMap<_, _> = letters.into_iter().map(|letter| (letter.identifier, letter.code)).collect();
        let waiting = self.people.iter_mut().filter(|person| person.lines[0].pending.is_some());
        let (mut items, mut people) = (Vec::new(), Vec::new());
        for person in waiting.take(50) {
            let identifier = number(person.current());
            if let Some(code) = codes.get(&identifier) {
                items.push(Activation { identifier, code: code.clone() });
                people.push(person);
            }
        }
        let active = self.street.house.activate(&operator(), &key(&format!("codes {}", self.round)), items).await.unwrap();
        for (person, result) in people.into_iter().zip(active) {
            self.operations += 1;
            if person.closed[self.today] {
                assert_eq!(result.unwrap_err().code, ProblemCode::NotFound);
                continue;
            }
            result.unwrap();
            let (marked, wished) = person.lines[0].pending.take().unwrap();
            person.lines[0].account[wished.max(self.today)..].fill(Some(marked));
        }
    }

    /// All numbers of everybody on one day, as the paying authority with and without the benefit, and as another.
    async fn compare(&mut self) {
        let on = self.dice.below(DAYS);
        let asked: Vec<(usize, u32)> =
            self.people.iter().enumerate().flat_map(|(place, person)| person.numbers.iter().map(move |n| (place, *n))).collect();
        let benefit = BenefitCode::parse("NKSBFY").unwrap();
        let other = AgreementNumber::parse("87654321").unwrap();
        let mut at = Timestamp::UNIX_EPOCH;
        for (payer, benefit, is_specific) in
            [(payer(), Some(benefit), true), (payer(), None, false), (other, Some(benefit), false)]
        {
            let query = |(_, n): &(usize, u32)| PayeeQuery { identifier: number(*n), fallback: None, benefit };
            let request = ResolveRequest { payer, on: day(on), payees: asked.iter().map(query).collect() };
            let answer = self.street.house.resolve(&operator(), request).await.unwrap();
            at = answer.as_known;
            let mut replaced = Vec::new();
            for (row, ((place, n), resolution)) in asked.iter().zip(&answer.resolutions).enumerate() {
                let person = &self.people[*place];
                let found = match resolution {
                    Resolution::Found(found) => Some(Some(found.account.clone())),
                    Resolution::NoAccount { .. } => Some(None),
                    Resolution::Closed { .. } => None,
                    Resolution::Unknown => panic!("the holder is known"),
                };
                assert_eq!(found, person.pays(on, is_specific).map(|marked| marked.map(account)), "{n} on {}", day(on));
                if matches!(found, Some(Some(_))) && *n != person.current() {
                    replaced.push(u32::try_from(row).unwrap());
                }
            }
            assert_eq!(answer.replaced, replaced, "payers of old numbers are told");
        }
        self.remember(at);
    }

    /// Keeps what is true now of somebody, to be asked for at the end.
    fn remember(&mut self, at: Timestamp) {
        for _ in 0..3 {
            let place = self.dice.below(self.people.len());
            let person = &self.people[place];
            let number = person.numbers[self.dice.below(person.numbers.len())];
            self.known.push(Known { at, today: self.today, number, lines: person.lines.clone() });
        }
    }

    /// What was believed then, of that day and all later ones, is told for ever.
    async fn compare_known(&self, known: &Known) {
        let query = HistoryQuery { identifier: number(known.number), as_known: Some(known.at) };
        let history = self.street.house.history(&operator(), query).await.unwrap();
        for (line, purpose) in known.lines.iter().zip([AccountPurpose::NemKonto, specific()]) {
            let entries: Vec<_> = history.iter().filter(|entry| entry.purpose == purpose).collect();
            for on in known.today..DAYS {
                let in_force: Vec<_> = entries
                    .iter()
                    .filter(|entry| entry.state == EntryState::Active && entry.valid_from <= day(on))
                    .filter(|entry| entry.valid_until.is_none_or(|until| until > day(on)))
                    .map(|entry| entry.account.clone())
                    .collect();
                let expected: Vec<_> = line.account[on].map(account).into_iter().collect();
                assert_eq!(in_force, expected, "{} on {} as known at {}", known.number, day(on), known.at);
            }
            let pending = entries.iter().find(|entry| entry.state == EntryState::Pending).map(|entry| entry.account.clone());
            assert_eq!(pending, line.pending.map(|(marked, _)| account(marked)), "what waited then");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slice_of_random_histories_answers_as_the_model() {
    let mut play = Play::begin(1, 40).await;
    play.play(40).await;
    assert!(play.operations > 1_000, "{} operations", play.operations);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a hundred thousand operations: minutes"]
async fn a_hundred_thousand_operations_answer_as_the_model() {
    let mut play = Play::begin(2, 700).await;
    play.play(250).await;
    assert!(play.operations > 100_000, "{} operations", play.operations);
}
