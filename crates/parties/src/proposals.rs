//! Proposals by state.

use contracts::{
    Context,
    parties::{Proposal, ProposalQuery, ProposalState},
};
use platform::fault::Fault;
use platform::four_eyes::{self, State, Wanted};

use crate::{
    decide::proposal_state,
    house::House,
    limits::MAX_LISTED,
    proposed::{self, KIND, Proposed},
    rights,
};

/// The proposals in the state that the actor may see, oldest first.
pub(crate) async fn proposals(house: &House, context: &Context, query: ProposalQuery) -> Result<Vec<Proposal>, Fault> {
    rights::require_profile_reader(context)?;
    let state = match query.state {
        ProposalState::Open => State::Open,
        ProposalState::Approved => State::Approved,
        ProposalState::Rejected => State::Rejected,
        ProposalState::Withdrawn => State::Withdrawn,
        ProposalState::Expired => State::Expired,
    };
    let now = house.clock.now();
    let mut connection = house.database.pool().acquire().await?;
    let mut listed = Vec::new();
    let within = proposed::subjects_of(&context.actor);
    let wanted = Wanted { kind: KIND, state, within: within.as_deref() };
    for stored in four_eyes::list(&mut connection, "parties", wanted, now, MAX_LISTED).await? {
        let proposed = Proposed::open(&house.vault, &stored.payload)?;
        if proposed.may_see(&context.actor) {
            listed.push(Proposal {
                proposal: stored.id,
                content: proposed.content,
                state: proposal_state(stored.state_at(now)),
                proposed_by: stored.proposed_by,
                proposed_at: stored.proposed_at,
                expires_at: stored.expires_at,
                decided_by: stored.decided_by,
                decided_at: stored.decided_at,
            });
        }
    }
    Ok(listed)
}
