//! Values for the samples of pages.

use access::{Persona, PersonaRole};
use contracts::{
    AccessResult, ActingPerson, ActsBy,
    holding::{Deposit, DepositState},
    mediation::{
        DeliveryFinding, DeliveryState, DeliverySummary, Destination, LegStory, PaymentStory, PaymentSummary, StoryStep,
    },
    parties::BenefitScope,
    register::{AccessRecord, AccountPurpose, DesignationRoute, EntryState, HistoryEntry, Holder, HolderKind, HolderStatus},
};
use jiff::{Timestamp, civil::date};
use primitives::{
    Account, AgreementNumber, Cpr, Currency, Cvr, DanishAccount, DeliveryId, DepositRef, EntryRef, HolderRef, Iban, Identifier,
    Money, PaymentRef, Text,
};
use uuid::Uuid;

use crate::{
    caseworker::CaseAccountPage,
    form::{Entered, FieldError},
    names::Names,
    payee::{ChangePage, OverviewPage, SelfService},
    payment_list::STATES,
};

/// A person born 1858–1899 by the number: nobody.
pub(crate) const CPR: &str = "0101585005";
pub(crate) const ACCOUNT_NUMBER: &str = "0440116243";
/// What must come out escaped wherever it is shown.
pub(crate) const HOSTILE: &str = "<script>alert('Å & B')</script>";

pub(crate) fn person() -> Identifier {
    Identifier::Cpr(Cpr::parse(CPR).unwrap())
}

pub(crate) fn company() -> Identifier {
    Identifier::Cvr(Cvr::parse("10103940").unwrap())
}

pub(crate) fn personas() -> Vec<Persona> {
    let persona = |name: &str, role| Persona { name: Text::new(name, name), note: Text::new(HOSTILE, "has an account"), role };
    vec![
        persona("Karen Jensen", PersonaRole::Citizen(person())),
        persona("Bager ApS", PersonaRole::Company(company())),
        persona("Søren", PersonaRole::Caseworker { user: "u1".into() }),
    ]
}

fn agreement() -> AgreementNumber {
    AgreementNumber::parse("00000001").unwrap()
}

pub(crate) fn names() -> Names {
    Names::of(&[(agreement(), "Udbetaling Danmark")])
}

fn danish() -> Account {
    Account::Danish(DanishAccount::new("0040", ACCOUNT_NUMBER).unwrap())
}

fn german() -> Account {
    Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None)
}

fn at() -> Timestamp {
    "2026-03-02T10:15:00Z".parse().unwrap()
}

pub(crate) fn entries() -> Vec<HistoryEntry> {
    let entry = |number: i64, purpose: AccountPurpose, account: Account, state, route| HistoryEntry {
        entry: EntryRef::new(number),
        purpose,
        account,
        state,
        valid_from: date(2026, 3, 2),
        valid_until: (state == EntryState::Ended).then(|| date(2026, 3, 9)),
        recorded_from: at(),
        recorded_until: None,
        route,
        recorded_by: "caseworker:00000001:u17".into(),
        reason: HOSTILE.into(),
    };
    let specific = AccountPurpose::Specific { payer: agreement(), benefit: "NKSBFY".parse().unwrap() };
    let bank = DesignationRoute::Bank { bank: "B1".parse().unwrap() };
    vec![
        entry(1, AccountPurpose::NemKonto, danish(), EntryState::Active, bank),
        entry(2, AccountPurpose::NemKonto, german(), EntryState::Pending, DesignationRoute::SelfService),
        entry(3, specific, danish(), EntryState::Active, DesignationRoute::Caseworker),
        entry(4, AccountPurpose::NemKonto, german(), EntryState::Ended, DesignationRoute::Form),
        entry(5, AccountPurpose::NemKonto, german(), EntryState::Ended, DesignationRoute::Migration),
    ]
}

pub(crate) fn holder(status: HolderStatus, current: Vec<HistoryEntry>) -> Holder {
    Holder {
        holder: HolderRef::new(Uuid::nil()),
        kind: HolderKind::Person,
        name: Some(HOSTILE.into()),
        is_protected: false,
        born: Some(date(1980, 1, 1)),
        status,
        status_from: None,
        current,
    }
}

/// A holder whose name is protected: withheld, or told to who has the right.
fn protected(name: Option<&str>) -> Holder {
    Holder { name: name.map(str::to_owned), is_protected: true, ..holder(HolderStatus::Active, vec![]) }
}

pub(crate) fn payments() -> Vec<PaymentSummary> {
    let payment = |(row, state): (usize, _)| PaymentSummary {
        payment: PaymentRef::new(7, i32::try_from(row).unwrap()),
        delivery: DeliveryId::new(3),
        payer: agreement(),
        payee: Some(person()),
        end_to_end_id: HOSTILE.into(),
        benefit: (row % 2 == 0).then(|| "NKSLØN".parse().unwrap()),
        amount: Money::new(123_456, Currency::DKK),
        on: date(2026, 3, 31),
        state,
    };
    STATES.into_iter().enumerate().map(payment).collect()
}

pub(crate) fn stories() -> Vec<PaymentStory> {
    let destinations =
        [Destination::Payee, Destination::Recovery, Destination::Holding, Destination::ErrorAccount, Destination::Payer];
    let leg = |destination: Destination| LegStory {
        destination,
        amount: Money::new(50_000, Currency::DKK),
        account: (destination == Destination::Payee).then(danish),
        entry: None,
        why: Text::new(HOSTILE, "because"),
    };
    let steps = vec![
        StoryStep { at: at(), what: Text::new("Modtaget", "Received"), reason: None },
        StoryStep { at: at(), what: Text::new(HOSTILE, "Rejected"), reason: Some("AC04".into()) },
    ];
    let mut stories: Vec<PaymentStory> =
        payments().into_iter().map(|summary| PaymentStory { summary, legs: vec![], steps: steps.clone() }).collect();
    stories[0].legs = destinations.into_iter().map(leg).collect();
    stories
}

pub(crate) fn deposits() -> Vec<Deposit> {
    vec![Deposit {
        deposit: DepositRef::new(1),
        leg: PaymentRef::new(1, 1).leg(0),
        payer: agreement(),
        benefit: None,
        amount: Money::new(99_900, Currency::DKK),
        state: DepositState::Posted,
        on: date(2026, 3, 1),
        reserved_at: at(),
        released_by: None,
    }]
}

pub(crate) fn overviews() -> Vec<OverviewPage> {
    let page = |holder: Option<Holder>, self_service, known: bool| OverviewPage {
        today: date(2026, 3, 2),
        holder,
        self_service,
        payments: known.then(payments),
        deposits: known.then(deposits),
        names: names(),
        activation: Entered { errors: vec![FieldError::new("code", "Koden er forkert.", "Wrong code.")], ..Entered::default() },
        activation_key: Uuid::nil().to_string(),
    };
    vec![
        page(None, None, false),
        page(Some(holder(HolderStatus::Active, entries())), Some(SelfService::Open), true),
        page(Some(holder(HolderStatus::Active, vec![])), Some(SelfService::Company), true),
        page(Some(holder(HolderStatus::Closed, vec![])), Some(SelfService::TooYoung), false),
    ]
}

pub(crate) fn changes() -> Vec<ChangePage> {
    let errors = vec![
        FieldError::new("iban", "IBAN er ikke rigtigt.", "The IBAN is not right."),
        FieldError::new("", "Kontoen er ændret.", "The account was changed."),
    ];
    vec![
        ChangePage::sample(None, Entered::default()),
        ChangePage::sample(Some(danish()), Entered { errors, ..Entered::default() }),
    ]
}

pub(crate) fn accesses() -> Vec<AccessRecord> {
    let access = |operation: &str| AccessRecord {
        at: at(),
        actor: "house:mediation".into(),
        acting: (operation == HOSTILE).then(|| ActingPerson {
            by: ActsBy::Employee,
            name: Some(HOSTILE.into()),
            person: None,
            user: Some(HOSTILE.into()),
        }),
        result: Some(if operation == "resolve" { AccessResult::Refused } else { AccessResult::Found }),
        on_behalf_of: Some(agreement()),
        legal_basis: HOSTILE.into(),
        purpose: HOSTILE.into(),
        operation: operation.into(),
    };
    ["resolve", "holders", "history", "accesses", "designate", "activate", "end", HOSTILE].map(access).into()
}

pub(crate) fn case_accounts() -> Vec<CaseAccountPage> {
    let only = BenefitScope::Only { benefits: vec![], without: true };
    vec![
        CaseAccountPage::sample(person(), None, BenefitScope::All),
        CaseAccountPage::sample(person(), Some(holder(HolderStatus::Active, entries())), BenefitScope::All),
        CaseAccountPage::sample(company(), Some(holder(HolderStatus::Active, entries())), only),
        CaseAccountPage::sample(company(), Some(holder(HolderStatus::Active, vec![])), BenefitScope::All),
        CaseAccountPage::sample(person(), Some(protected(None)), BenefitScope::All),
        CaseAccountPage::sample(person(), Some(protected(Some(HOSTILE))), BenefitScope::All),
    ]
}

pub(crate) fn deliveries() -> Vec<DeliverySummary> {
    let delivery = |state| DeliverySummary {
        delivery: DeliveryId::new(12),
        received_at: at(),
        state,
        payments: 1000,
        rejected: 2,
        findings: vec![DeliveryFinding {
            line: 17,
            path: "Document/CstmrCdtTrfInitn".into(),
            code: "FF01".into(),
            text: Text::new(HOSTILE, "bad"),
        }],
    };
    [DeliveryState::Kept, DeliveryState::Received, DeliveryState::Refused, DeliveryState::Repeated].map(delivery).into()
}
