//! A small town for the tests: the real houses on a real database, a portal over them, and browsers.

pub mod browser;
pub mod delivery;
pub mod down;
pub mod webdriver;

use std::{path::PathBuf, sync::Arc};

use access::{IdentityProvider, LoopbackPersonas, Persona, PersonaRole};
use axum::Router;
use contracts::{
    Actor, Context, IdempotencyKey, LegalBasis, Purpose,
    mediation::Mediation,
    parties::{
        AgreementChange, Agreements, BankCharacters, BankProfile, BenefitScope, BenefitTerms, ClosedDays, DateMeaning,
        DebtorAccount, Decision, Function, NewProposal, PainVersion, Parties, PartyChange, PartyKey, PartyKind, PartyTerms,
        PayerKind, PayerProfile, ProposalState, Unit, UserProfile, Verdict, WithoutAccount,
    },
    register::{
        AccountPurpose, Designation, DesignationRoute, HolderKind, HolderRecord, HolderStatus, Register, RegisterServices,
        SourceEvent, SourceFact, SourceRegister,
    },
};
use jiff::civil::{Date, date};
use platform::{seal::KeyRing, testing::TestDatabase};
use portal::{Portal, PortalDeps, SessionLimits, Transport};
use primitives::{
    Account, AgreementNumber, BenefitCode, Bic, Clock, Cpr, Currency, Cvr, DanishAccount, DataSupplierId, IdSource, Identifier,
    ManualClock, RandomIds, ShiftRule, Text,
};
use uuid::Uuid;

use browser::Browser;
use down::Down;

/// A Monday.
pub const TODAY: Date = date(2026, 3, 2);
/// The account the authority pays from.
pub const DEBTOR: &str = "9000000001";
pub const AUTHORITY: &str = "00000001";
pub const AUTHORITY_CVR: &str = "13585628";
/// Another authority, whose people have no business with the first one's.
pub const OTHER_AUTHORITY: &str = "00000002";
pub const OTHER_CVR: &str = "25313763";
/// Persons born 1858–1899 by their numbers: nobody.
pub const KAREN: &str = "0101585005";
pub const OLE: &str = "0202585004";
pub const CHILD: &str = "0303585003";
pub const COMPANY: &str = "10103940";

/// Whom the browsers sign in as: the places of the personas on the page.
#[derive(Clone, Copy, Debug)]
pub enum As {
    Karen = 0,
    Ole = 1,
    Child = 2,
    Company = 3,
    /// May do everything, for all benefits.
    Chief = 4,
    /// May search, for one benefit.
    Trainee = 5,
    /// Has no role profile.
    Stranger = 6,
    /// May do everything, at another authority.
    Neighbour = 7,
    /// May see and designate accounts, for all benefits, and no more.
    Clerk = 8,
}

/// The houses and the portal.
pub struct Town {
    pub register: Arc<register::House>,
    pub parties: Arc<parties::House>,
    pub holding: Arc<holding::House>,
    pub setoff: Arc<setoff::House>,
    pub mediation: Arc<mediation::House>,
    pub clock: ManualClock,
    pub portal: Portal,
    /// What banks and payers have been sent.
    folder: PathBuf,
    /// Dropped with the town.
    _database: TestDatabase,
}

impl Town {
    /// A town in which everything works.
    pub async fn new() -> Self {
        Self::build(|mediation| mediation, invented_people(), Transport::Loopback).await
    }

    /// A town with this many people more, each with an account of the own; they are personas in their order.
    pub async fn with_people(count: u8) -> Self {
        let numbers: Vec<String> = (0..count).map(person_number).collect();
        let role = |number: &String| PersonaRole::Citizen(cpr(number));
        let persona = |number: &String| Persona { name: Text::new(number, number), note: Text::new("", ""), role: role(number) };
        let people = LoopbackPersonas { personas: numbers.iter().map(persona).collect() };
        let town = Self::build(|mediation| mediation, vec![Arc::new(people)], Transport::Loopback).await;
        let born = Some(date(1980, 1, 1));
        let holders = numbers.iter().map(|number| holder(cpr(number), HolderKind::Person, "Et navn", born)).collect();
        let results = town.register.record_holders(&operator(), &new_key(), holders).await.unwrap();
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        town
    }

    /// A town whose people sign in elsewhere, and whose pages are encrypted.
    pub async fn signing_in_by(provider: Arc<dyn IdentityProvider>) -> Self {
        Self::build(|mediation| mediation, vec![provider], Transport::Encrypted).await
    }

    /// A town whose payment mediation cannot answer the portal.
    pub async fn without_mediation() -> Self {
        Self::build(|_| Arc::new(Down), invented_people(), Transport::Loopback).await
    }

    async fn build(
        seen_by_portal: impl FnOnce(Arc<dyn Mediation>) -> Arc<dyn Mediation>, sign_in: Vec<Arc<dyn IdentityProvider>>,
        transport: Transport,
    ) -> Self {
        let schemas = [register::SCHEMA, parties::SCHEMA, holding::SCHEMA, setoff::SCHEMA, mediation::SCHEMA];
        let database = TestDatabase::new(&schemas).await;
        let clock = ManualClock::at_noon(TODAY).unwrap();
        let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
        let ids: Arc<dyn IdSource> = Arc::new(RandomIds);
        let keys = KeyRing::for_tests();
        let folder = std::env::temp_dir().join(format!("portal-town-{}", ids.uuid_v4().simple()));

        let pool = database.connect("register").await;
        let settings = register::Settings::default();
        let register = register::House::new(pool, &keys, shared_clock.clone(), ids.clone(), settings).unwrap();
        let register = Arc::new(register);
        let parties = Arc::new(parties::House::new(database.connect("parties").await, &keys, shared_clock.clone()));
        let settings = holding::Settings::new(account("9999999999"));
        let holding = Arc::new(holding::House::new(database.connect("holding").await, &keys, shared_clock.clone(), settings));
        let settings = setoff::Settings::new(account("8888888888"));
        let setoff = Arc::new(setoff::House::new(database.connect("setoff").await, &keys, shared_clock.clone(), settings));
        let neighbours = mediation::Neighbours {
            register: register.clone(),
            parties: parties.clone(),
            setoff: setoff.clone(),
            holding: holding.clone(),
            payouts: register.clone(),
        };
        let channel = Arc::new(mediation::DirectoryChannel::new(&folder));
        let means = mediation::Means { channel, clock: shared_clock.clone(), ids: ids.clone() };
        let pool = database.connect("mediation").await;
        let mediation = Arc::new(mediation::House::new(pool, &keys, neighbours, means, mediation::Settings::default()));

        let portal = Portal::new(PortalDeps {
            register: register.clone(),
            parties: parties.clone(),
            oversight: parties.clone(),
            mediation: seen_by_portal(mediation.clone()),
            holding: holding.clone(),
            setoff: setoff.clone(),
            clock: shared_clock,
            ids,
            sign_in,
            transport,
            limits: SessionLimits::default(),
        });
        let town = Self { register, parties, holding, setoff, mediation, clock, portal, folder, _database: database };
        town.record_parties().await;
        town.record_holders().await;
        town
    }

    pub fn router(&self) -> Router {
        self.portal.router()
    }

    /// A browser on the machine itself.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router())
    }

    /// A browser that is signed in.
    pub async fn signed_in(&self, who: As) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(who).await;
        browser
    }

    /// The codes of the letters that wait to be printed for this number.
    pub async fn letter_codes(&self, number: &str) -> Vec<String> {
        let letters = self.register.letters_to_print(&operator(), 100).await.unwrap();
        letters.into_iter().filter(|letter| letter.identifier.canonical() == number).map(|letter| letter.code).collect()
    }

    /// An account reported by a bank: active at once.
    pub async fn bank_reports(&self, identifier: Identifier, number: &str) {
        let designation = Designation {
            identifier,
            purpose: AccountPurpose::NemKonto,
            account: account(number),
            valid_from: TODAY,
            route: DesignationRoute::Bank { bank: "B1".parse().unwrap() },
            expected: None,
            reason: "oplyst af kunden".into(),
        };
        let results = self.register.designate(&operator(), &new_key(), vec![designation]).await.unwrap();
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    /// The civil register tells that the person's name and address are protected.
    pub async fn protect(&self, identifier: Identifier) {
        let fact = SourceFact::ProtectionChanged { is_protected: true };
        let event = SourceEvent { source: SourceRegister::Cpr, position: 1, identifier, on: TODAY, fact };
        let results = self.register.take_events(&operator(), &new_key(), vec![event]).await.unwrap();
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    async fn record_parties(&self) {
        let changes = vec![
            PartyChange::Bank(bank()),
            PartyChange::Payer(authority()),
            PartyChange::Payer(PayerProfile {
                agreement: AgreementNumber::parse(OTHER_AUTHORITY).unwrap(),
                cvr: Cvr::parse(OTHER_CVR).unwrap(),
                name: "Nabostyrelsen".into(),
                data_suppliers: vec![DataSupplierId::parse("DLV-2").unwrap()],
                ..authority()
            }),
            PartyChange::User(UserProfile {
                authority: AgreementNumber::parse(OTHER_AUTHORITY).unwrap(),
                ..user("neighbour", all_functions(), BenefitScope::All)
            }),
            PartyChange::User(user("chief", all_functions(), BenefitScope::All)),
            PartyChange::User(user("clerk", vec![Function::DesignateAccounts], BenefitScope::All)),
            PartyChange::User(user(
                "trainee",
                vec![Function::SearchPayments],
                BenefitScope::Only { benefits: vec![benefit("NKSBFY")], without: false },
            )),
        ];
        let results = self.parties.record(&operator(), &new_key(), changes).await.unwrap();
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    async fn record_holders(&self) {
        let person = |number: &str, name: &str, born| holder(cpr(number), HolderKind::Person, name, Some(born));
        let holders = vec![
            person(KAREN, "Karen Jensen", date(1980, 1, 1)),
            person(OLE, "Ole Hansen", date(1975, 6, 1)),
            person(CHILD, "Barnet Bo", date(2014, 6, 1)),
            holder(cvr(COMPANY), HolderKind::Unit, "Bager ApS", None),
        ];
        let results = self.register.record_holders(&operator(), &new_key(), holders).await.unwrap();
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        // Best effort: what is left lies in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The number of one of many people, born 1858 by it: nobody.
pub fn person_number(index: u8) -> String {
    format!("{:02}0158{}{index:03}", index % 28 + 1, 5)
}

fn invented_people() -> Vec<Arc<dyn IdentityProvider>> {
    vec![Arc::new(LoopbackPersonas { personas: personas() })]
}

pub fn personas() -> Vec<Persona> {
    let persona = |name: &str, role| Persona { name: Text::new(name, name), note: Text::new("Opdigtet", "Invented"), role };
    let caseworker = |user: &str| PersonaRole::Caseworker { user: user.into() };
    vec![
        persona("Karen Jensen", PersonaRole::Citizen(cpr(KAREN))),
        persona("Ole Hansen", PersonaRole::Citizen(cpr(OLE))),
        persona("Bo", PersonaRole::Citizen(cpr(CHILD))),
        persona("Bager ApS", PersonaRole::Company(cvr(COMPANY))),
        persona("Chefen", caseworker("chief")),
        persona("Eleven", caseworker("trainee")),
        persona("Den fremmede", caseworker("stranger")),
        persona("Naboen", caseworker("neighbour")),
        persona("Kontoristen", caseworker("clerk")),
    ]
}

fn bank() -> BankProfile {
    BankProfile {
        code: "B1".parse().unwrap(),
        name: "Eksempelbanken".into(),
        bic: Bic::parse("DABADKKK").unwrap(),
        registration_numbers: vec!["0040".into()],
        pain_version: PainVersion::V09,
        domestic_lag: 0,
        foreign_lag: 1,
        needs_payee_number: false,
        characters: BankCharacters::Unicode,
    }
}

pub fn supplier() -> DataSupplierId {
    DataSupplierId::parse("DLV-1").unwrap()
}

pub fn authority() -> PayerProfile {
    let terms = |code| BenefitTerms { code: benefit(code), name: code.into(), locked: false, shift: ShiftRule::Next };
    PayerProfile {
        agreement: agreement(),
        cvr: Cvr::parse(AUTHORITY_CVR).unwrap(),
        name: "Styrelsen for Eksempler".into(),
        kind: PayerKind::Authority,
        valid_from: date(2025, 1, 1),
        valid_until: None,
        units: vec![Unit { code: "ALFA".parse().unwrap(), name: "Alfa".into() }],
        debtor_accounts: vec![DebtorAccount {
            account: account(DEBTOR),
            bank: "B1".parse().unwrap(),
            currency: Currency::DKK,
            unit: Some("ALFA".parse().unwrap()),
        }],
        benefits: vec![terms("NKSBFY"), terms("NKSLØN")],
        without_account: WithoutAccount::Holding,
        fall_back_to_cvr: false,
        date_meaning: DateMeaning::Disposal,
        closed_days: ClosedDays::Move,
        data_suppliers: vec![supplier()],
    }
}

/// Terms that allow nothing yet.
pub fn terms(kind: PartyKind, id: &str) -> PartyTerms {
    PartyTerms {
        party: PartyKey { kind, id: id.into() },
        name: "En part".into(),
        cvr: None,
        valid_from: date(2025, 1, 1),
        valid_until: None,
        set_off: None,
        contact: None,
        certificates: vec![],
        networks: vec![],
        limits: vec![],
        client: None,
    }
}

/// Two operators agree on changes.
pub async fn agree(town: &Town, changes: Vec<AgreementChange>) {
    let proposal = NewProposal { changes, why: "test".into() };
    let proposal = town.parties.propose(&operator(), &new_key(), proposal).await.unwrap();
    let decision = Decision { proposal, verdict: Verdict::Approve, why: "test".into() };
    let another = Context { actor: Actor::Operator { user: "another".into() }, ..operator() };
    let state = town.parties.decide(&another, &new_key(), decision).await.unwrap();
    assert_eq!(state, ProposalState::Approved);
}

fn user(id: &str, functions: Vec<Function>, scope: BenefitScope) -> UserProfile {
    UserProfile {
        user: id.into(),
        name: id.into(),
        authority: agreement(),
        functions,
        scope,
        units: vec![],
        valid_from: date(2025, 1, 1),
        valid_until: date(2027, 1, 1),
    }
}

fn all_functions() -> Vec<Function> {
    vec![
        Function::SearchPayments,
        Function::StopPayments,
        Function::DesignateAccounts,
        Function::SpecificAccounts,
        Function::ControlLists,
        Function::AdministerUsers,
        Function::ManageBenefits,
        Function::ProposeChanges,
        Function::ApproveChanges,
        Function::SeeProtected,
    ]
}

fn holder(identifier: Identifier, kind: HolderKind, name: &str, born: Option<Date>) -> HolderRecord {
    HolderRecord { identifiers: vec![identifier], kind, name: name.into(), born, status: HolderStatus::Active, status_from: None }
}

pub fn agreement() -> AgreementNumber {
    AgreementNumber::parse(AUTHORITY).unwrap()
}

fn benefit(code: &str) -> BenefitCode {
    BenefitCode::parse(code).unwrap()
}

pub fn cpr(number: &str) -> Identifier {
    Identifier::Cpr(Cpr::parse(number).unwrap())
}

pub fn cvr(number: &str) -> Identifier {
    Identifier::Cvr(Cvr::parse(number).unwrap())
}

pub fn account(number: &str) -> Account {
    Account::Danish(DanishAccount::new("0040", number).unwrap())
}

pub fn operator() -> Context {
    Context {
        actor: Actor::Operator { user: "test".into() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: Uuid::nil(),
        acting: None,
    }
}

pub fn new_key() -> IdempotencyKey {
    IdempotencyKey::new(RandomIds.uuid_v4().to_string()).unwrap()
}
