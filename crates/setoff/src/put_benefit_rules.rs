//! Takes dated rules on which benefits take part. The list is published and changes quarterly, so it is data.

use contracts::{
    Context, IdempotencyKey, ItemResult, Problem, ProblemCode,
    setoff::{BenefitRule, MAX_ITEMS},
};
use platform::fault::Fault;
use platform::limits::check_count;

use crate::{changes, house::House, permission::require_recovery_authority, store};

/// The greatest length of the reference to where a rule is published.
const MAX_SOURCE: usize = 200;

/// Records the rules under one new version; later rules for the same benefit and day replace earlier ones, which stay in the history.
pub(crate) async fn put_benefit_rules(
    house: &House, context: &Context, key: &IdempotencyKey, rules: Vec<BenefitRule>,
) -> Result<Vec<ItemResult<()>>, Fault> {
    require_recovery_authority(context)?;
    check_count(rules.len(), MAX_ITEMS, "input")?;
    let once = house.answers.call_with(context, "put-benefit-rules", key, &rules)?;
    let results = check(&rules);
    let accepted: Vec<&BenefitRule> =
        rules.iter().zip(&results).filter_map(|(rule, result)| result.is_ok().then_some(rule)).collect();
    let (by, at) = (context.actor.label(), house.clock.now());
    let log = accepted.iter().map(|rule| changes::rule(rule, context)).collect::<Result<Vec<_>, _>>()?;
    house
        .database
        .transaction("setoff.put_benefit_rules", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            if !accepted.is_empty() {
                store::rule::record(&mut tx, &accepted, at, &by).await?;
            }
            house.log.append(&mut tx, context, "put-benefit-rules", at, &log).await?;
            once.remember(&mut tx, results.clone()).await
        })
        .await
}

fn check(rules: &[BenefitRule]) -> Vec<ItemResult<()>> {
    let mut seen = std::collections::HashSet::new();
    rules
        .iter()
        .map(|rule| {
            if rule.source.trim().is_empty() || rule.source.chars().count() > MAX_SOURCE {
                return Err(bad_source());
            }
            if seen.insert((rule.benefit, rule.from)) { Ok(()) } else { Err(said_twice()) }
        })
        .collect()
}

fn bad_source() -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        "Angiv hvor reglen er offentliggjort (1 til 200 tegn).",
        "State where the rule is published (1 to 200 characters).",
    )
    .in_field("source")
}

fn said_twice() -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        "Der er to regler for samme ydelsesart fra samme dag i kaldet.",
        "The call has two rules for the same benefit from the same day.",
    )
    .in_field("benefit")
}
