//! Whom of the seeded Denmark one may sign in as: those with something to see.

use access::{Persona, PersonaRole};
use contracts::mediation::PaymentSearch;
use contracts::parties::UserQuery;
use contracts::register::HolderStatus;
use jiff::civil::Date;
use primitives::{Identifier, Text};
use simulation::World;
use simulation::denmark::Payee;

use crate::demo::operator;
use crate::{Failure, street::Street};

/// How many persons are looked at for one with payments of the kind.
const LOOKED_AT: u64 = 2_000;
/// Caseworkers: one of a municipality with every right, one with few, and one of the tax authority.
const CASEWORKERS: [&str; 3] = ["sag-01-a", "sag-01-b", "sag-11-a"];

/// Chooses: an ordinary citizen, one whose payout goes to the recovery authority, one without an account, a company, and caseworkers.
///
/// # Errors
/// When a house cannot answer.
pub(super) async fn choose(street: &Street, world: &World, today: Date) -> Result<Vec<Persona>, Failure> {
    let people = |fits: fn(&World, Payee) -> bool| {
        (0..LOOKED_AT.min(world.size().people)).map(Payee::Person).filter(move |payee| fits(world, *payee))
    };
    let companies = (0..world.size().companies).map(Payee::Company).filter(|company| has_account(world, *company));
    let mut personas = Vec::new();
    let ordinary =
        first_paid(street, world, people(|world, payee| has_account(world, payee) && world.marker(payee).is_none())).await?;
    let marked =
        first_paid(street, world, people(|world, payee| has_account(world, payee) && world.marker(payee).is_some())).await?;
    let without = first_paid(street, world, people(|world, payee| world.nemkonto(payee).is_none())).await?;
    let company = first_paid(street, world, companies).await?;
    let found = [
        (ordinary, "har en NemKonto og får udbetalinger", "has a NemKonto and is paid"),
        (marked, "en udbetaling er gået til Gældsstyrelsen", "a payout went to the recovery authority"),
        (without, "har ingen konto", "has no account"),
    ];
    for (payee, da, en) in found {
        if let Some(payee) = payee {
            personas.push(persona(street, world.identifier(payee), Text::new(da, en), PersonaRole::Citizen).await?);
        }
    }
    if let Some(payee) = company {
        let note = Text::new("ser egne udbetalinger", "sees its own payouts");
        personas.push(persona(street, world.identifier(payee), note, PersonaRole::Company).await?);
    }
    personas.extend(caseworkers(street, today).await?);
    Ok(personas)
}

fn has_account(world: &World, payee: Payee) -> bool {
    world.nemkonto(payee).is_some() && world.record(payee).status == HolderStatus::Active
}

/// The first payee with a payment, else the first at all.
async fn first_paid(street: &Street, world: &World, payees: impl Iterator<Item = Payee>) -> Result<Option<Payee>, Failure> {
    let mut first = None;
    for payee in payees {
        first.get_or_insert(payee);
        let search = PaymentSearch { payee: Some(world.identifier(payee)), limit: 1, ..PaymentSearch::default() };
        if !street.mediation.search(&operator(), search).await?.payments.is_empty() {
            return Ok(Some(payee));
        }
    }
    Ok(first)
}

async fn persona(
    street: &Street, identifier: Identifier, note: Text, role: fn(Identifier) -> PersonaRole,
) -> Result<Persona, Failure> {
    let holders = street.register.holders(&operator(), vec![identifier.clone()]).await?;
    let name = holders.into_iter().flatten().next().and_then(|holder| holder.name);
    let name = name.map_or_else(|| Text::new("Beskyttet navn", "Protected name"), |name| Text::new(name.clone(), name));
    Ok(Persona { name, note, role: role(identifier) })
}

async fn caseworkers(street: &Street, today: Date) -> Result<Vec<Persona>, Failure> {
    let users = CASEWORKERS.map(str::to_owned).to_vec();
    let profiles = street.parties.users(&operator(), UserQuery { on: today, users, at: None }).await?;
    Ok(profiles
        .into_iter()
        .flatten()
        .map(|profile| {
            let functions = profile.functions.len();
            let note = Text::new(
                format!("{functions} funktioner i rolleprofilen"),
                format!("{functions} functions in the role profile"),
            );
            Persona {
                name: Text::new(profile.name.clone(), profile.name),
                note,
                role: PersonaRole::Caseworker { user: profile.user },
            }
        })
        .collect())
}
