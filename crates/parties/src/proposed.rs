//! What a proposal holds, and who may propose and approve it.

use contracts::{
    Actor, Context, Problem, ProblemCode,
    parties::{AgreementChange, Function, NewProposal, PartyKey, PartyKind, PayerProfile},
};
use jiff::civil::Date;
use platform::{fault::Fault, vault::Vault};
use primitives::AgreementNumber;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{changes, house::House, profiles, rights, store};

/// The kind of our proposals, and what their payload is sealed as.
pub(crate) const KIND: &str = "agreement";

/// A proposal's payload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Proposed {
    pub(crate) content: NewProposal,
    /// The version each change was made from: when another has been recorded since, the proposal is out of date.
    pub(crate) based_on: Vec<Option<i64>>,
}

impl Proposed {
    pub(crate) fn seal(&self, vault: &Vault) -> Result<Vec<u8>, Fault> {
        let text = serde_json::to_vec(self).map_err(|_| Fault::Stored("proposal"))?;
        Ok(vault.sealer().seal(KIND, &text))
    }

    pub(crate) fn open(vault: &Vault, sealed: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(&vault.sealer().open(KIND, sealed)?).map_err(|_| Fault::Stored("proposal"))
    }

    /// Whether the actor may see it: a caseworker when all of it concerns the own authority.
    pub(crate) fn may_see(&self, actor: &Actor) -> bool {
        self.content.changes.iter().all(|change| match change {
            AgreementChange::Payer(payer) => concerns(actor, payer.agreement),
            AgreementChange::Routing(routing) => concerns(actor, routing.payer),
            AgreementChange::Terms(terms) => {
                matches!(actor, Actor::Operator { .. } | Actor::House { .. } | Actor::Caseworker { .. })
                    && rights::may_see_terms(actor, &terms.party)
            }
        })
    }
}

/// Every subject the actor may see a proposal about; `None` for those who may see all.
pub(crate) fn subjects_of(actor: &Actor) -> Option<Vec<String>> {
    let authority = match actor {
        Actor::Operator { .. } | Actor::House { .. } => return None,
        Actor::Caseworker { authority, .. } => *authority,
        _ => return Some(Vec::new()),
    };
    let own = |kind| changes::terms(&PartyKey { kind, id: authority.digits().to_owned() });
    let terms = PartyKind::ALL.into_iter().filter(|kind| kind.pays()).map(own);
    Some([changes::agreement(authority), changes::routing(authority)].into_iter().chain(terms).collect())
}

/// Whether a change of this payer is the actor's to see.
fn concerns(actor: &Actor, payer: AgreementNumber) -> bool {
    match actor {
        Actor::Operator { .. } | Actor::House { .. } => true,
        Actor::Caseworker { authority, .. } => *authority == payer,
        _ => false,
    }
}

/// What a change is about, as it is locked and logged.
pub(crate) fn subject(change: &AgreementChange) -> String {
    match change {
        AgreementChange::Payer(payer) => changes::agreement(payer.agreement),
        AgreementChange::Terms(terms) => changes::terms(&terms.party),
        AgreementChange::Routing(routing) => changes::routing(routing.payer),
    }
}

/// How the thing is that the change is about: its last version, with its number.
pub(crate) async fn current(
    connection: &mut PgConnection, house: &House, change: &AgreementChange,
) -> Result<Option<(i64, AgreementChange)>, Fault> {
    Ok(match change {
        AgreementChange::Payer(payer) => store::agreement::latest(connection, &house.vault, payer.agreement)
            .await?
            .map(|(version, known)| (version, AgreementChange::Payer(known))),
        AgreementChange::Terms(terms) => store::terms::latest(connection, &house.vault, &terms.party)
            .await?
            .map(|(version, known)| (version, AgreementChange::Terms(known))),
        AgreementChange::Routing(routing) => store::routing::latest(connection, routing.payer)
            .await?
            .map(|(version, known)| (version, AgreementChange::Routing(known))),
    })
}

/// Whether the actor may propose the change of what is now so. Operators may; a caseworker proposes changes of the own authority's agreement
/// but not what it is: kind, CVR number. Terms and routing are the operators' to propose.
pub(crate) async fn may_propose(
    connection: &mut PgConnection, context: &Context, change: &AgreementChange, current: Option<&AgreementChange>, today: Date,
) -> Result<Result<(), Problem>, Fault> {
    let allowed = match (&context.actor, change, current) {
        (Actor::Operator { .. }, _, _) => true,
        (Actor::Caseworker { user, authority }, AgreementChange::Payer(new), Some(AgreementChange::Payer(known)))
            if *authority == new.agreement && new.kind == known.kind && new.cvr == known.cvr =>
        {
            let mut may = profiles::has_function(connection, user, *authority, Function::ProposeChanges, today).await?;
            if !may && benefits_alone(new, known) {
                may = profiles::has_function(connection, user, *authority, Function::ManageBenefits, today).await?;
            }
            may
        }
        _ => false,
    };
    Ok(if allowed { Ok(()) } else { Err(rights::forbidden()) })
}

/// Whether nothing but the benefits, and the day of the version, is another.
fn benefits_alone(new: &PayerProfile, known: &PayerProfile) -> bool {
    let same = PayerProfile { benefits: known.benefits.clone(), valid_from: known.valid_from, ..new.clone() };
    same == *known
}

/// Whether the actor may approve or reject the changes.
pub(crate) async fn may_approve(
    connection: &mut PgConnection, context: &Context, proposed: &Proposed, today: Date,
) -> Result<Result<(), Problem>, Fault> {
    let allowed = match &context.actor {
        Actor::Operator { .. } => true,
        Actor::Caseworker { user, authority } => {
            let own = |change: &AgreementChange| matches!(change, AgreementChange::Payer(payer) if payer.agreement == *authority);
            proposed.content.changes.iter().all(own)
                && profiles::has_function(connection, user, *authority, Function::ApproveChanges, today).await?
        }
        _ => false,
    };
    Ok(if allowed { Ok(()) } else { Err(rights::forbidden()) })
}

/// What is proposed has been changed since.
pub(crate) fn out_of_date() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Aftalen er ændret, siden ændringen blev foreslået. Foreslå den igen.",
        "The agreement has been changed since the change was proposed. Propose it again.",
    )
    .in_field("proposal")
}
