//! Who may do what to whose entries. What an authority's caseworker may do by role profile is decided where role profiles are known;
//! here stand the rules that follow from the law alone.

use contracts::register::{AccountPurpose, Designation, DesignationRoute};
use contracts::{Actor, Context, Problem};
use jiff::civil::Date;
use primitives::{HolderRef, Identifier, IdentifierKind};
use sqlx::PgConnection;

use crate::circumstance::{Details, is_of_age, may_self_serve as is_old_enough};
use crate::fault::{Fault, forbidden, unknown_number};
use crate::form::check_form;
use crate::store::identifier;
use crate::vault::{SealedNumber, Vault};

/// Whose data the caller may see and change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Anybody's; which of them, the caller answers for by its legal basis.
    Anybody,
    /// A payee: only its own, and nothing while the register does not know it.
    Own(Option<HolderRef>),
}

impl Reach {
    /// The reach of the caller.
    pub(crate) async fn of(conn: &mut PgConnection, vault: &Vault, context: &Context) -> Result<Self, Fault> {
        let Actor::Payee { identifier } = &context.actor else {
            return Ok(Self::Anybody);
        };
        let own = vault.seal_number(identifier);
        let holder = identifier::holders_of(conn, &[&own].into_iter().collect()).await?;
        Ok(Self::Own(holder.into_iter().flatten().next()))
    }

    /// The holder, if it is known and within reach. A payee is not told whether a foreign number is known.
    pub(crate) fn check(self, found: Option<HolderRef>) -> Result<HolderRef, Problem> {
        match (self, found) {
            (Self::Anybody, Some(holder)) => Ok(holder),
            (Self::Anybody, None) => Err(unknown_number()),
            (Self::Own(Some(own)), Some(holder)) if own == holder => Ok(holder),
            (Self::Own(_), _) => Err(not_yours()),
        }
    }
}

fn not_yours() -> Problem {
    forbidden("Du kan kun se og ændre dine egne oplysninger.", "You can only see and change your own data.")
}

/// Looking many payees up for a payment, and recording holders, is not for payees in self-service.
pub(crate) fn check_not_self_service(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::Payee { .. } => Err(not_yours()),
        _ => Ok(()),
    }
}

/// Events of the civil and the business register come through a house of the system or an operator.
pub(crate) fn check_source(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::House { .. } | Actor::Operator { .. } => Ok(()),
        _ => Err(forbidden("Kun driften indlæser hændelser.", "Only operations take events in.")),
    }
}

/// Who is in the register is changed by operations and by caseworkers.
pub(crate) fn check_population(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::House { .. } | Actor::Operator { .. } | Actor::Caseworker { .. } => Ok(()),
        _ => Err(forbidden(
            "Kun driften og sagsbehandlere samler og deler kontohavere.",
            "Only operations and caseworkers merge and split holders.",
        )),
    }
}

/// Whether the caller may designate by this route and for this purpose.
pub(crate) fn check_designation(context: &Context, item: &Designation) -> Result<(), Problem> {
    check_route(&context.actor, &item.route)?;
    check_specific(&context.actor, item)?;
    match &item.route {
        DesignationRoute::ForeignForm { signatures } => check_form(signatures, &item.account),
        _ => Ok(()),
    }
}

fn check_route(actor: &Actor, route: &DesignationRoute) -> Result<(), Problem> {
    use DesignationRoute as Route;
    let allowed = match (actor, route) {
        (Actor::House { .. } | Actor::Operator { .. }, _) => true,
        (Actor::Payee { identifier }, Route::SelfService | Route::Guardian) => may_self_serve(identifier),
        (Actor::Caseworker { .. }, Route::Caseworker | Route::Form | Route::ForeignForm { .. } | Route::Estate { .. }) => true,
        (Actor::Bank { code }, Route::Bank { bank }) => code == bank,
        _ => false,
    };
    if allowed {
        return Ok(());
    }
    Err(forbidden("Den rute kan du ikke anvise en konto ad.", "You cannot designate an account by this route.").in_field("route"))
}

/// The self-service of companies only shows: a company changes its account through its bank, a caseworker or a form.
fn may_self_serve(identifier: &Identifier) -> bool {
    matches!(identifier.kind(), IdentifierKind::Cpr | IdentifierKind::Foreign)
}

/// Only the authority that pays creates a specific account, and it is pending until activated like any other.
fn check_specific(actor: &Actor, item: &Designation) -> Result<(), Problem> {
    let AccountPurpose::Specific { payer, .. } = &item.purpose else {
        return Ok(());
    };
    let allowed = match (actor, &item.route) {
        (_, DesignationRoute::Bank { .. }) => false,
        (Actor::Caseworker { authority, .. }, _) => authority == payer,
        _ => true,
    };
    if allowed {
        return Ok(());
    }
    Err(forbidden(
        "Kun den udbetalende myndighed opretter en ydelsesspecifik konto.",
        "Only the paying authority creates a specific account.",
    )
    .in_field("purpose"))
}

/// Whether one of the numbers is that of somebody who acts for the person: a guardian, or while it is a child, who has custody.
pub(crate) fn is_guardian(vault: &Vault, details: &Details, born: Option<Date>, today: Date, own: &[SealedNumber]) -> bool {
    let custodians = if is_of_age(born, today) { &[][..] } else { &details.custodians[..] };
    details.guardians.iter().chain(custodians).any(|number| own.contains(&vault.seal_number(number)))
}

/// Who is under 15 does not serve itself: a guardian designates.
pub(crate) fn check_age(context: &Context, route: &DesignationRoute, born: Option<Date>, today: Date) -> Result<(), Problem> {
    match (&context.actor, route) {
        (Actor::Payee { .. }, DesignationRoute::SelfService) if !is_old_enough(born, today) => Err(forbidden(
            "Før du fylder 15 år, anviser din værge din konto.",
            "Until you are 15, your guardian designates your account.",
        )
        .in_field("route")),
        _ => Ok(()),
    }
}

/// What a payee changes for itself beside designating: no company does, and nobody under 15.
pub(crate) fn check_own_change(context: &Context, born: Option<Date>, today: Date) -> Result<(), Problem> {
    if matches!(context.actor, Actor::Payee { .. }) {
        check_route(&context.actor, &DesignationRoute::SelfService)?;
    }
    check_age(context, &DesignationRoute::SelfService, born, today)
}

/// A payee may change a specific account that is there, not create one.
pub(crate) fn check_creation(context: &Context, purpose: &AccountPurpose, has_current: bool) -> Result<(), Problem> {
    match (&context.actor, purpose) {
        (Actor::Payee { .. }, AccountPurpose::Specific { .. }) if !has_current => Err(forbidden(
            "Kun den udbetalende myndighed opretter en ydelsesspecifik konto.",
            "Only the paying authority creates a specific account.",
        )
        .in_field("purpose")),
        _ => Ok(()),
    }
}
