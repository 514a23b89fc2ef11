//! How changes stand in the change log.

use contracts::{
    Context, ItemResult,
    setoff::{BenefitRule, MarkerChange},
};
use platform::change_log::NewChange;
use platform::fault::Fault;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A rule that was recorded.
pub(crate) fn rule<'c>(rule: &BenefitRule, context: &'c Context) -> Result<NewChange<'c>, Fault> {
    let to = serde_json::to_value(rule).map_err(|_| Fault::Stored("change"))?;
    Ok(change(format!("benefit-rule:{}:{}", rule.benefit, rule.from), to, context))
}

/// A list of markers that was taken: one change for the call, with the digest of what came. The markers themselves stand, each with its call's
/// time, in `setoff.marker_version`.
pub(crate) fn list<'c>(
    markers: &[MarkerChange], answers: &[ItemResult<()>], context: &'c Context,
) -> Result<NewChange<'c>, Fault> {
    let came = serde_json::to_vec(markers).map_err(|_| Fault::Stored("change"))?;
    let digest = primitives::hex::encode(Sha256::digest(&came));
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    let to = json!({ "came": markers.len(), "accepted": accepted, "sha256": digest });
    Ok(change("markers".to_owned(), to, context))
}

fn change(subject: String, to: Value, context: &Context) -> NewChange<'_> {
    NewChange { subject, from: Value::Null, to, why: context.purpose.as_str(), by: None, approved_by: None }
}
