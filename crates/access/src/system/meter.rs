//! Lookups that are counted, so that nobody goes through numbers.
//!
//! Charged is what tells whether somebody, or an account, is there, to a person or a party that may ask about anybody. Not charged is what pays:
//! files and the houses among each other. A private payer's bundle pays too: each of its messages names an expected payout, is answered once,
//! costs the levy and is shown to the payee, so what it finds costs nothing; numbers it does not find are charged like everybody's.
//!
//! What changes something tells too: an item that is done costs nothing, since the payee is told of it and it stands in the change log, so that
//! honest bulk is cheap; an item that is refused has changed nothing and costs like a lookup. To wait for a payee's account changes nothing of the
//! payee's: it is a lookup. What only the payee itself may ask (`register/history`, `register/accesses`) or only the system's own processes
//! (`register/holder-links`) is not counted: the table lets no party that could go through numbers call it.

use contracts::mediation::PaymentSearch;
use contracts::register::{AccountPresence, Resolution};
use contracts::{OperationName, Problem, ProblemCode};
use serde_json::Value;

use crate::authorization::endpoint_of;

/// What a call has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) hits: u32,
    pub(super) misses: u32,
}

/// The operations that tell whether somebody is there.
const COUNTED: [&str; 13] = [
    "register/resolve",
    "register/protected-names",
    "register/have-accounts",
    "register/verify",
    "register/holds",
    "register/complete-bundle",
    "register/designate",
    "register/end",
    "register/promote",
    "register/subscribe",
    "register/choose-private",
    "register/report-accounts",
    "mediation/search",
];

/// Whether the operation looks somebody up.
pub(super) fn is_counted(operation: OperationName) -> bool {
    COUNTED.contains(&endpoint_of(operation).as_str())
}

/// Whether the call looks somebody up: of searches, those that name a payee.
pub(super) fn looks_up(operation: OperationName, input: Option<&Value>) -> bool {
    is_counted(operation) && (endpoint_of(operation) != "mediation/search" || names_payee(input))
}

/// What an outcome has found. An answer that cannot be read counts as one miss: nothing leaves uncounted. A whole call that is refused tells
/// something only where it says that somebody is not there.
pub(super) fn found(operation: OperationName, input: Option<&Value>, outcome: Result<&Value, &Problem>) -> Found {
    match outcome {
        Ok(answer) => answered(operation, input, answer),
        Err(problem) if problem.code == ProblemCode::NotFound => Found { hits: 0, misses: 1 },
        Err(_) => Found::default(),
    }
}

fn answered(operation: OperationName, input: Option<&Value>, answer: &Value) -> Found {
    match endpoint_of(operation).as_str() {
        "register/resolve" => each(&answer["resolutions"], is_known),
        "register/have-accounts" => {
            let unknown = serde_json::to_value(AccountPresence::Unknown).unwrap_or_default();
            each(answer, |item| *item != unknown)
        }
        "register/protected-names" => each(answer, |name| !name.is_null()),
        "register/verify" => each(answer, |item| *item == Value::Bool(true)),
        "register/complete-bundle" => {
            let Found { misses, .. } = each(answer, is_there);
            Found { hits: 0, misses }
        }
        "register/subscribe" => each(answer, is_there),
        "register/designate" | "register/end" | "register/promote" | "register/choose-private" | "register/report-accounts" => {
            refused(answer)
        }
        "mediation/search" => searched(input, answer),
        _ => Found { hits: 1, misses: 0 },
    }
}

/// Whether the register knows the number, with an account or without.
fn is_known(item: &Value) -> bool {
    serde_json::from_value(item.clone()).is_ok_and(|resolution: Resolution| resolution != Resolution::Unknown)
}

/// Whether an item of a bulk call says anything else than that somebody, or an account, is not there.
fn is_there(item: &Value) -> bool {
    item["Err"]["code"] != ProblemCode::NotFound.as_str()
}

/// The items that were refused, so that nothing has changed: each has told whether somebody is there.
fn refused(answer: &Value) -> Found {
    let Found { hits, misses } = each(answer, is_there);
    let done = answer.as_array().map_or(0, |items| count(items.iter().filter(|item| item.get("Ok").is_some()).count()));
    Found { hits: hits.saturating_sub(done), misses }
}

fn each(answer: &Value, is_hit: impl Fn(&Value) -> bool) -> Found {
    let Some(items) = answer.as_array() else { return Found { hits: 0, misses: 1 } };
    let hits = count(items.iter().filter(|item| is_hit(item)).count());
    Found { hits, misses: count(items.len()).saturating_sub(hits) }
}

/// A search that names a payee is a lookup of that payee; one that does not is the payer's own list.
fn searched(input: Option<&Value>, answer: &Value) -> Found {
    let is_empty = answer["payments"].as_array().is_none_or(Vec::is_empty);
    match (names_payee(input), is_empty) {
        (false, _) => Found::default(),
        (true, true) => Found { hits: 0, misses: 1 },
        (true, false) => Found { hits: 1, misses: 0 },
    }
}

/// A search that cannot be read may name one.
fn names_payee(input: Option<&Value>) -> bool {
    let search = input.and_then(|input| serde_json::from_value::<PaymentSearch>(input.clone()).ok());
    search.is_none_or(|search| search.payee.is_some())
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use contracts::Operation;
    use contracts::mediation::Search;
    use contracts::register::{
        ChoosePrivate, CompleteBundle, Designate, End, HaveAccounts, Holds, Promote, ProtectedNames, ReportAccounts, Resolve,
        Subscribe, Verify,
    };
    use primitives::{Cpr, HolderRef, IdSource, Identifier, RandomIds};
    use serde_json::json;

    use super::*;
    use crate::authorization::{Authorization, Right};

    fn check(operation: OperationName, input: &Value, answer: &Value, hits: u32, misses: u32) {
        assert!(is_counted(operation), "{}", operation.name);
        assert_eq!(found(operation, Some(input), Ok(answer)), Found { hits, misses }, "{} {answer}", operation.name);
    }

    #[test]
    fn what_is_found_is_a_hit_and_what_is_not_a_miss() {
        let holder = HolderRef(RandomIds.uuid_v4());
        let resolved = [Resolution::NoAccount { holder }, Resolution::Closed { holder }, Resolution::Unknown];
        let resolved = json!({ "resolutions": resolved });
        check(Resolve::NAME, &Value::Null, &resolved, 2, 1);
        let present = json!([AccountPresence::HasNemKonto, AccountPresence::NoNemKonto, AccountPresence::Unknown]);
        check(HaveAccounts::NAME, &Value::Null, &present, 2, 1);
        check(Verify::NAME, &Value::Null, &json!([true, false, false]), 1, 2);
        check(ProtectedNames::NAME, &Value::Null, &json!(["En", null, "To"]), 2, 1);
        check(Holds::NAME, &Value::Null, &json!([]), 1, 0);
        check(Verify::NAME, &Value::Null, &json!("?"), 0, 1);
    }

    #[test]
    fn a_bundle_pays_for_what_it_does_not_find_alone() {
        let answer = json!([{ "Ok": {} }, { "Err": { "code": "NOT_FOUND" } }, { "Err": { "code": "FORBIDDEN" } }]);
        check(CompleteBundle::NAME, &Value::Null, &answer, 0, 1);
    }

    /// The item that is done, the one nobody is found for, and two that are refused for another reason.
    #[test]
    fn what_is_done_costs_nothing_and_what_is_refused_is_a_lookup() {
        let refused = |code: &str| json!({ "Err": { "code": code } });
        let answer = json!([{ "Ok": {} }, refused("NOT_FOUND"), refused("CONFLICT"), refused("FORBIDDEN")]);
        for changes in [Designate::NAME, End::NAME, Promote::NAME, ChoosePrivate::NAME, ReportAccounts::NAME] {
            check(changes, &Value::Null, &answer, 2, 1);
            check(changes, &Value::Null, &json!([{ "Ok": {} }, { "Ok": {} }]), 0, 0);
            check(changes, &Value::Null, &json!("?"), 0, 1);
        }
        check(Subscribe::NAME, &Value::Null, &answer, 3, 1);
    }

    #[test]
    fn a_call_that_finds_nobody_is_a_miss_and_one_refused_for_another_reason_tells_nothing() {
        for (code, misses) in [(ProblemCode::NotFound, 1), (ProblemCode::Forbidden, 0), (ProblemCode::InvalidInput, 0)] {
            let problem = Problem::new(code, "nej", "no");
            assert_eq!(found(Holds::NAME, None, Err(&problem)), Found { hits: 0, misses }, "{code:?}");
        }
    }

    /// What a party may call of the register without a citizen's token, and what tells nothing of a number the caller chooses.
    #[test]
    fn every_operation_a_party_may_ask_about_anybody_with_is_counted() {
        const TELLS_NOTHING: [&str; 4] = [
            "register/set-specific-rules", // names a benefit
            "register/awaited",            // names the payer, and tells whom it waits for already
            "register/unsubscribe",        // tells whether the payer has waited
            "register/levy",               // names the payer
        ];
        let table = Authorization::declared();
        let may = |endpoint: &str| {
            ["caseworker", "supplier", "bank", "recovery"].iter().any(|role| table.right(endpoint, role) != Right::None)
        };
        for endpoint in table.endpoints().filter(|endpoint| endpoint.starts_with("register/")) {
            let is_known = COUNTED.contains(&endpoint) != TELLS_NOTHING.contains(&endpoint);
            assert_eq!(may(endpoint), is_known, "{endpoint}");
        }
    }

    #[test]
    fn a_search_for_a_payee_is_a_lookup() {
        let payee = json!({ "payee": Identifier::Cpr(Cpr::parse("0101585005").unwrap()), "limit": 1 });
        let (some, none) = (json!({ "payments": [{}, {}] }), json!({ "payments": [] }));
        let own = json!({ "limit": 1 });
        check(Search::NAME, &own, &none, 0, 0);
        check(Search::NAME, &payee, &some, 1, 0);
        check(Search::NAME, &payee, &none, 0, 1);
    }
}
