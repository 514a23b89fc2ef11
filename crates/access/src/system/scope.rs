//! What a caseworker's call asks for, held against the role profile: the own authority, and the benefits that may be seen.
//!
//! The houses leave the rights within an authority to whoever knows the role profiles. Here is who knows them.

use contracts::OperationName;
use contracts::mediation::{DeliveryQuery, PaymentSearch, StopRequest, StoryQuery, Viewer};
use contracts::parties::{BenefitScope, Function, GrantQuery, NewGrant, UnitScope, UserProfile};
use contracts::register::{
    AccountPurpose, AwaitedQuery, Designation, EndDesignation, Promotion, ResolveRequest, SpecificRule, Subscription,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::authorization::endpoint_of;

/// The operations whose input is looked into.
const LOOKED_INTO: [&str; 14] = [
    "register/resolve",
    "register/designate",
    "register/end",
    "register/set-specific-rules",
    "register/promote",
    "register/subscribe",
    "register/unsubscribe",
    "register/awaited",
    "parties/grant",
    "parties/grants",
    "mediation/search",
    "mediation/story",
    "mediation/stop",
    "mediation/deliveries",
];

/// Whether the input decides.
pub(super) fn looks_into(operation: OperationName) -> bool {
    LOOKED_INTO.contains(&endpoint_of(operation).as_str())
}

/// Whether all the call asks for lies within the role profile.
pub(super) fn is_within(operation: OperationName, input: Option<&Value>, profile: &UserProfile) -> bool {
    let endpoint = endpoint_of(operation);
    match endpoint.as_str() {
        "register/resolve" => read(input).is_some_and(|request: ResolveRequest| resolves_own(&request, profile)),
        "register/designate" => {
            read(input).is_some_and(|items: Vec<Designation>| items.iter().all(|item| is_own_purpose(&item.purpose, profile)))
        }
        "register/end" => {
            read(input).is_some_and(|items: Vec<EndDesignation>| items.iter().all(|item| is_own_purpose(&item.purpose, profile)))
        }
        "register/set-specific-rules" => read(input).is_some_and(|rules: Vec<SpecificRule>| {
            rules.iter().all(|rule| rule.payer == profile.authority && profile.scope.allows(Some(&rule.benefit)))
        }),
        "register/promote" => read(input).is_some_and(|items: Vec<Promotion>| {
            items.iter().all(|item| item.payer == profile.authority && profile.scope.allows(Some(&item.benefit)))
        }),
        // Who waits for an account waits for no benefit.
        "register/subscribe" | "register/unsubscribe" => {
            read(input).is_some_and(|items: Vec<Subscription>| items.iter().all(|item| item.payer == profile.authority))
        }
        "register/awaited" => read(input).is_some_and(|query: AwaitedQuery| query.payer == profile.authority),
        "parties/grant" => {
            read(input).is_some_and(|grants: Vec<NewGrant>| grants.iter().all(|grant| grant.authority == profile.authority))
        }
        "parties/grants" => read(input).is_some_and(|query: GrantQuery| query.authority == profile.authority),
        "mediation/search" => read(input).is_some_and(|search: PaymentSearch| searches_own(&search, profile)),
        "mediation/story" => read(input).is_some_and(|query: StoryQuery| views_own(&query.viewer, profile)),
        "mediation/stop" => read(input).is_some_and(|stops: Vec<StopRequest>| stops.iter().all(|stop| stops_own(stop, profile))),
        // A finding may be of any benefit.
        "mediation/deliveries" => {
            read(input).is_some_and(|query: DeliveryQuery| query.payer == profile.authority && profile.scope == BenefitScope::All)
        }
        _ => true,
    }
}

/// Whether the operation is for private payers, who pay through their own banks.
pub(super) fn is_of_private_payers(operation: OperationName) -> bool {
    ["register/complete-bundle", "register/levy", "register/choose-private"].contains(&endpoint_of(operation).as_str())
}

fn read<T: DeserializeOwned>(input: Option<&Value>) -> Option<T> {
    serde_json::from_value(input?.clone()).ok()
}

fn resolves_own(request: &ResolveRequest, profile: &UserProfile) -> bool {
    request.payer == profile.authority && request.payees.iter().all(|payee| profile.scope.allows(payee.benefit.as_ref()))
}

/// A specific account is of one authority and one benefit, and needs a function of its own.
fn is_own_purpose(purpose: &AccountPurpose, profile: &UserProfile) -> bool {
    match purpose {
        AccountPurpose::NemKonto => true,
        AccountPurpose::Specific { payer, benefit } => {
            *payer == profile.authority
                && profile.scope.allows(Some(benefit))
                && profile.functions.contains(&Function::SpecificAccounts)
        }
    }
}

fn searches_own(search: &PaymentSearch, profile: &UserProfile) -> bool {
    let asked = search.scope.as_ref().unwrap_or(&BenefitScope::All);
    search.payer == Some(profile.authority) && covers(&profile.scope, asked) && units_covered(profile, &search.units)
}

fn views_own(viewer: &Viewer, profile: &UserProfile) -> bool {
    matches!(viewer, Viewer::Payer { agreement, scope, units }
        if *agreement == profile.authority && covers(&profile.scope, scope) && units_covered(profile, units))
}

/// A request to stop does not say which benefits it is about: it is for those who may see them all.
fn stops_own(stop: &StopRequest, profile: &UserProfile) -> bool {
    stop.payer == profile.authority && profile.scope == BenefitScope::All
}

/// Whether what is asked of single units is held at every unit, or at that unit.
fn units_covered(profile: &UserProfile, asked: &[UnitScope]) -> bool {
    asked.iter().all(|asked| {
        let mut held = profile.scope.clone();
        profile.units.iter().filter(|held| held.unit == asked.unit).for_each(|of_unit| held.widen(&of_unit.benefits));
        covers(&held, &asked.benefits)
    })
}

/// Whether everything `asked` is within what is `held`.
fn covers(held: &BenefitScope, asked: &BenefitScope) -> bool {
    match (held, asked) {
        (BenefitScope::All, _) => true,
        (BenefitScope::Only { .. }, BenefitScope::All) => false,
        (BenefitScope::Only { benefits: held, without: with }, BenefitScope::Only { benefits: asked, without }) => {
            asked.iter().all(|benefit| held.contains(benefit)) && (*with || !*without)
        }
    }
}

#[cfg(test)]
mod tests {
    use primitives::BenefitCode;

    use super::*;

    fn only(codes: &[&str], without: bool) -> BenefitScope {
        let benefits = codes.iter().map(|code| BenefitCode::parse(code).unwrap()).collect();
        BenefitScope::Only { benefits, without }
    }

    #[test]
    fn a_units_benefits_are_that_units_alone() {
        let unit = |code: &str, benefits| UnitScope { unit: code.parse().unwrap(), benefits };
        let profile = UserProfile {
            user: "u".into(),
            name: "U".into(),
            authority: "00000001".parse().unwrap(),
            functions: vec![],
            scope: only(&["NKSBFY"], false),
            units: vec![unit("ALFA", only(&["NKSLØN"], true))],
            valid_from: jiff::civil::date(2026, 1, 1),
            valid_until: jiff::civil::date(2027, 1, 1),
        };
        for (asked, expect) in [
            (unit("ALFA", only(&["NKSLØN", "NKSBFY"], true)), true),
            (unit("BETA", only(&["NKSBFY"], false)), true),
            (unit("BETA", only(&["NKSLØN"], false)), false),
            (unit("BETA", only(&[], true)), false),
            (unit("ALFA", BenefitScope::All), false),
        ] {
            assert_eq!(units_covered(&profile, std::slice::from_ref(&asked)), expect, "{asked:?}");
        }
        assert!(!covers(&profile.scope, &only(&["NKSLØN"], false)), "not at every unit");
    }

    #[test]
    fn a_scope_covers_no_more_than_it_holds() {
        for (held, asked, expect) in [
            (BenefitScope::All, BenefitScope::All, true),
            (BenefitScope::All, only(&["NKSBFY"], true), true),
            (only(&["NKSBFY"], true), BenefitScope::All, false),
            (only(&["NKSBFY", "NKSLØN"], false), only(&["NKSBFY"], false), true),
            (only(&["NKSBFY"], false), only(&["NKSLØN"], false), false),
            (only(&["NKSBFY"], false), only(&["NKSBFY"], true), false),
            (only(&["NKSBFY"], true), only(&[], true), true),
        ] {
            assert_eq!(covers(&held, &asked), expect, "{held:?} {asked:?}");
        }
    }
}
