//! One row of a payer's file: what kind it is, to whom, how much.

use primitives::{Identifier, IdentifierKind};

use super::amount::Amount;
use super::file::{Block, FilePlan};
use super::samples::Case;
use crate::denmark::names::Address;
use crate::denmark::{Payee, World, names};
use crate::dice::{Dice, Stream, mix};

/// A fault a payer makes in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A CPR number with a date that does not exist.
    ImpossibleDate,
    /// Digits in the account's place that say not what they are.
    BareDigits,
    /// Nothing to pay.
    ZeroAmount,
    /// A third decimal that the currency does not have.
    ThreeDecimals,
    /// The reference of the row before.
    RepeatedReference,
}

pub(crate) const FAULTS: [Fault; 5] =
    [Fault::ImpossibleDate, Fault::BareDigits, Fault::ZeroAmount, Fault::ThreeDecimals, Fault::RepeatedReference];

/// The kind of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ordinary,
    Complete,
    Unknown,
    Faulty(Fault),
    /// To a chosen holder, to show a chosen case.
    To(Payee),
}

/// What stands in the account's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GivenAccount {
    Iban(String),
    BareDigits(String),
}

/// One row, ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) reference: String,
    pub(crate) amount: Amount,
    /// The payee's numbers in the order they are written; the last is the most specific.
    pub(crate) numbers: Vec<(IdentifierKind, String)>,
    pub(crate) name: String,
    pub(crate) address: Address,
    pub(crate) account: Option<GivenAccount>,
    /// The row's own benefit, in a block without one.
    pub(crate) benefit: Option<&'static str>,
    pub(crate) text: String,
}

/// Salaries and pensions are some thousand kroner, supplier payments more.
const LARGEST_MINOR: u64 = 2_500_000;
const LARGEST_TO_COMPANIES_MINOR: u64 = 25_000_000;
/// The CPR number of 31 February, with a serial number of the nineteenth century.
const IMPOSSIBLE_CPR: &str = "3102955123";

impl FilePlan<'_> {
    /// The kind of a row: a chosen case, or as the dice fall.
    pub(crate) fn kind(&self, row: u64) -> Kind {
        if let Some(cases) = self.cases {
            return match usize::try_from(row).ok().and_then(|row| cases.get(row)) {
                Some(Case { kind, .. }) => *kind,
                None => Kind::Ordinary,
            };
        }
        let mut dice = self.dice(Stream::PaymentKind, row);
        if dice.falls(self.mix.complete) {
            Kind::Complete
        } else if dice.falls(self.mix.unknown) {
            Kind::Unknown
        } else if dice.falls(self.mix.faulty) {
            Kind::Faulty(*dice.pick(&FAULTS))
        } else {
            Kind::Ordinary
        }
    }

    /// The amount of a row.
    pub(crate) fn amount(&self, block: &Block, row: u64) -> Amount {
        let largest = if block.to_companies { LARGEST_TO_COMPANIES_MINOR } else { LARGEST_MINOR };
        let amount = Amount::of_minor(100 + self.dice(Stream::PaymentAmount, row).below(largest));
        match self.kind(row) {
            Kind::Faulty(Fault::ZeroAmount) => Amount::default(),
            Kind::Faulty(Fault::ThreeDecimals) => amount.with_third_decimal(),
            _ => amount,
        }
    }

    /// The whole row.
    pub(crate) fn order(&self, block: &Block, row: u64) -> Order {
        let kind = self.kind(row);
        let mut dice = self.dice(Stream::PaymentPayee, row);
        let payee = self.payee(kind, block, &mut dice);
        Order {
            reference: self.reference(if kind == Kind::Faulty(Fault::RepeatedReference) { row.saturating_sub(1) } else { row }),
            amount: self.amount(block, row),
            name: match payee {
                Some(payee) => self.world.record(payee).name,
                None => names::person(&mut dice, row.is_multiple_of(2)),
            },
            numbers: self.numbers(kind, payee, &mut dice),
            address: names::address(&mut dice),
            account: self.given_account(kind, row),
            benefit: (block.benefit.is_none() && !dice.falls(1_000)).then(|| *dice.pick(self.own_benefits(block))),
            text: format!(
                "Udbetaling {}, {}, journal {:08}. Se {}.example",
                block.benefit.unwrap_or("efter aftale"),
                block.date.strftime("%Y-%m"),
                dice.below(100_000_000),
                self.agreement()
            ),
        }
    }

    fn payee(&self, kind: Kind, block: &Block, dice: &mut Dice) -> Option<Payee> {
        let size = self.world.size();
        match kind {
            Kind::To(payee) => Some(payee),
            Kind::Unknown | Kind::Faulty(Fault::ImpossibleDate) => None,
            _ if !block.to_companies => Some(Payee::Person(dice.below(size.people))),
            _ if dice.falls(self.mix.units) && size.se_units() > 0 => Some(if dice.falls(5_000) {
                Payee::SeUnit(dice.below(size.se_units()))
            } else {
                Payee::ProductionUnit(dice.below(size.production_units()))
            }),
            _ => Some(Payee::Company(dice.below(size.companies))),
        }
    }

    fn numbers(&self, kind: Kind, payee: Option<Payee>, dice: &mut Dice) -> Vec<(IdentifierKind, String)> {
        if kind == Kind::Faulty(Fault::ImpossibleDate) {
            return vec![(IdentifierKind::Cpr, IMPOSSIBLE_CPR.to_owned())];
        }
        let own = match payee {
            Some(payee) => self.world.identifier(payee),
            None => self.world.unknown_person(dice.next()),
        };
        company_above(self.world, payee)
            .into_iter()
            .chain([own])
            .map(|number| (number.kind(), number.canonical().into_owned()))
            .collect()
    }

    fn given_account(&self, kind: Kind, row: u64) -> Option<GivenAccount> {
        let account = self.world.account_on_order(mix(self.place(row)));
        match kind {
            Kind::Complete => Some(GivenAccount::Iban(account.to_iban().as_str().to_owned())),
            Kind::Faulty(Fault::BareDigits) => {
                Some(GivenAccount::BareDigits(format!("{}{}", account.registration(), account.number())))
            }
            _ => None,
        }
    }
}

/// The CVR number that stands before an SE or P number.
fn company_above(world: &World, payee: Option<Payee>) -> Option<Identifier> {
    let unit = payee.filter(|payee| matches!(payee, Payee::SeUnit(_) | Payee::ProductionUnit(_)))?;
    world.company_of(unit).map(|company| world.identifier(Payee::Company(company)))
}
