//! What must hold of every seeded Denmark.

use std::collections::HashSet;

use contracts::parties::PartyChange;
use contracts::register::HolderStatus;
use primitives::{Account, IdentifierKind};

use super::*;

const TODAY: Date = Date::constant(2026, 1, 15);

fn world(seed: u64) -> World {
    World::new(seed, WorldSize { people: 20_000, companies: 2_000 }, TODAY).unwrap()
}

#[test]
fn the_same_seed_is_the_same_denmark() {
    let facts = |seed| {
        let world = world(seed);
        let holders: Vec<_> = world.holders().step_by(97).collect();
        let designations: Vec<_> = world.designations().step_by(97).collect();
        let markers: Vec<_> = world.markers().collect();
        (holders, designations, markers, world.parties())
    };
    assert_eq!(facts(1), facts(1));
    assert_ne!(facts(1), facts(2));
}

#[test]
fn no_number_is_given_twice_and_each_finds_its_holder() {
    let world = world(3);
    let mut seen = HashSet::new();
    for payee in world.payees() {
        let identifier = world.identifier(payee);
        assert_eq!(world.find(identifier.kind(), &identifier.canonical()), Some(payee));
        assert!(seen.insert(identifier), "a number is given twice");
    }
    assert_eq!(seen.len(), 20_000 + 2_000 + 200 + 400);
}

#[test]
fn persons_have_an_ordinary_birth_date_beside_a_number_of_the_nineteenth_century() {
    for holder in world(1).holders().take(2_000) {
        let born = holder.born.unwrap();
        assert!((1925..=2026).contains(&born.year()) && born <= TODAY);
        assert!(!holder.name.is_empty() && holder.identifiers.len() == 1);
    }
}

#[test]
fn an_unknown_person_is_unknown() {
    let world = world(1);
    for index in 0..1_000 {
        let identifier = world.unknown_person(index);
        assert_eq!(world.find(IdentifierKind::Cpr, &identifier.canonical()), None);
    }
}

#[test]
fn the_rates_are_kept() {
    let world = world(1);
    let people = || (0..20_000).map(Payee::Person);
    let share = |name: &str, count: usize, per_10_000: usize| {
        let expected = 2 * per_10_000;
        assert!(count.abs_diff(expected) * 4 <= expected, "{name}: {count} of 20,000, expected about {expected}");
    };
    let abroad = |payee| !matches!(world.nemkonto(payee), None | Some(Account::Danish(_)));
    share("foreign", people().filter(|&payee| abroad(payee)).count(), 197);
    share("without", people().filter(|&payee| world.nemkonto(payee).is_none()).count(), 150);
    share("marked", people().filter(|&payee| world.marker(payee).is_some()).count(), 100);
    let closed = people().filter(|&payee| world.record(payee).status == HolderStatus::Closed).count();
    share("closed", closed, 30);
    assert!(people().any(|payee| world.specific_account(payee).is_some()));
}

#[test]
fn a_specific_account_stands_only_for_its_payer_and_benefit() {
    let world = world(1);
    let (payee, specific) = (0..20_000)
        .map(Payee::Person)
        .find_map(|payee| {
            let open = world.record(payee).status == HolderStatus::Active;
            world.specific_account(payee).filter(|_| open).map(|specific| (payee, specific))
        })
        .unwrap();
    let payer = world.authority(specific.payer).unwrap();
    let benefit = Some(specific.benefit.as_str());
    let account = |payer, benefit| world.standing(payer, benefit, Some(payee), None);
    assert_eq!(account(payer, benefit), Standing::Account(specific.account.clone()));
    let nemkonto = Standing::Account(world.nemkonto(payee).unwrap());
    assert_eq!(account(payer, None), nemkonto);
    assert_eq!(account((payer + 1) % 12, benefit), nemkonto);
}

#[test]
fn a_unit_falls_back_to_its_company_only_by_agreement() {
    let world = world(1);
    let bare = |index| world.nemkonto(Payee::ProductionUnit(index)).is_none();
    let payable = |company| matches!(world.standing(0, None, Some(Payee::Company(company)), None), Standing::Account(_));
    let unit = (0..400).find(|&index| bare(index) && payable(index * 5)).map(Payee::ProductionUnit).unwrap();
    let company = world.company_of(unit).map(Payee::Company);
    assert_eq!(world.standing(0, None, Some(unit), company), Standing::WithoutAccount);
    let payer = (0..12).find(|&payer| world.falls_back(payer)).unwrap();
    assert_eq!(world.standing(payer, None, Some(unit), company), world.standing(payer, None, company, None));
}

#[test]
fn twelve_authorities_five_banks_and_the_system() {
    let parties = world(1).parties();
    let banks = parties.iter().filter(|party| matches!(party, PartyChange::Bank(_))).count();
    let payers: Vec<_> = parties
        .iter()
        .filter_map(|party| match party {
            PartyChange::Payer(payer) => Some(payer),
            _ => None,
        })
        .collect();
    assert_eq!((banks, payers.len()), (5, 13));
    let numbers: HashSet<_> = payers.iter().map(|payer| payer.cvr.digits().to_owned()).collect();
    let accounts: HashSet<_> =
        payers.iter().flat_map(|payer| &payer.debtor_accounts).map(|debtor| debtor.account.canonical()).collect();
    assert_eq!((numbers.len(), accounts.len()), (13, 14));
    assert!(payers.iter().all(|payer| payer.name.contains("(demo)")));
}

#[test]
fn sizes_outside_the_limits_are_refused() {
    for (people, companies) in [(0, 1), (1, 0), (6_000_001, 1), (1, 600_001)] {
        assert_eq!(World::new(1, WorldSize { people, companies }, TODAY).unwrap_err(), WorldError::Size);
    }
    World::new(1, WorldSize { people: 6_000_000, companies: 600_000 }, TODAY).unwrap();
}
