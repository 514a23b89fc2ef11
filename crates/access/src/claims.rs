//! From what a provider says of a person to a role here.

use std::collections::BTreeMap;
use std::fmt;

use primitives::{Cpr, Cvr, Identifier, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::identity::{AssuranceLevel, Employee, Identity, Mandate, Subject};
use crate::provider::Refusal;

/// What a scope of the OIO Basic Privilege Profile begins with, for a company or authority and for a person.
const CVR_SCOPE: &str = "urn:dk:gov:saml:cvrNumberIdentifier:";
const CPR_SCOPE: &str = "urn:dk:gov:saml:cprNumberIdentifier:";
/// The longest user id Parties keeps.
const MAX_USER: usize = 64;

/// What a provider says of a person, by the names of the claims. Its text forms show nothing: it holds personal numbers.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Claims(BTreeMap<String, Value>);

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claims({} of them)", self.0.len())
    }
}

/// What the claims are called. Brokers differ: the defaults are the attribute names of OIOSAML 3, as data.gov.dk publishes them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimNames {
    /// The level of assurance (NSIS).
    pub level: String,
    /// The person's CPR number.
    pub cpr: String,
    /// The CVR number of the company or authority the person signs in for.
    pub cvr: String,
    /// The person's id at the company or authority: the user id in Parties.
    pub user: String,
    /// The person's name.
    pub name: String,
    /// Rights and powers of attorney: groups of privileges, each with the company or person it is limited to.
    pub privileges: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            level: "https://data.gov.dk/concept/core/nsis/loa".to_owned(),
            cpr: "https://data.gov.dk/model/core/eid/cprNumber".to_owned(),
            cvr: "https://data.gov.dk/model/core/eid/professional/cvr".to_owned(),
            user: "https://data.gov.dk/model/core/eid/professional/uuid/persistent".to_owned(),
            name: "https://data.gov.dk/model/core/eid/fullName".to_owned(),
            privileges: "https://data.gov.dk/model/core/eid/privilegesIntermediate".to_owned(),
        }
    }
}

/// Which privileges give which role. No public source: the defaults are chosen by us and are not Danish practice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privileges {
    /// Makes an employee a caseworker of the authority; the functions are Parties' to give.
    pub caseworker: String,
    /// Lets an employee see the company's matters.
    pub company: String,
    /// Lets a person act for the one who gave the power of attorney.
    pub mandate: String,
}

impl Default for Privileges {
    fn default() -> Self {
        Self {
            caseworker: "urn:nemkonto:caseworker".to_owned(),
            company: "urn:nemkonto:company".to_owned(),
            mandate: "urn:nemkonto:self-service".to_owned(),
        }
    }
}

/// Privileges limited to one company or person, as in the OIO Basic Privilege Profile.
#[derive(Deserialize)]
struct PrivilegeGroup {
    scope: String,
    privileges: Vec<String>,
}

impl Claims {
    #[cfg(test)]
    pub(crate) fn of(claims: Value) -> Self {
        serde_json::from_value(claims).unwrap()
    }

    /// The role the claims prove.
    ///
    /// # Errors
    /// [`Refusal::LevelTooLow`] below [`AssuranceLevel::REQUIRED`]; [`Refusal::NoRole`] when nothing says who it is, or an employee has no
    /// privilege here; [`Refusal::Unproven`] when a claim cannot be read.
    pub fn identity(&self, names: &ClaimNames, privileges: &Privileges) -> Result<Identity, Refusal> {
        let level = self.text(&names.level).and_then(AssuranceLevel::parse);
        if level.is_none_or(|level| level < AssuranceLevel::REQUIRED) {
            return Err(Refusal::LevelTooLow);
        }
        let groups = self.groups(&names.privileges)?;
        let subject = match self.text(&names.cvr) {
            // Who signs in for a company is not here as a citizen, though the claims may name the CPR number too.
            Some(cvr) => self.employee(cvr, names, privileges, &groups)?,
            None => self.citizen(names, privileges, &groups)?,
        };
        let name = self.text(&names.name).unwrap_or("MitID");
        Ok(Identity { name: Text::new(name, name), subject })
    }

    fn citizen(&self, names: &ClaimNames, privileges: &Privileges, groups: &[PrivilegeGroup]) -> Result<Subject, Refusal> {
        let identifier = person(self.text(&names.cpr).ok_or(Refusal::NoRole)?)?;
        let mut grantors = groups
            .iter()
            .filter(|group| group.privileges.contains(&privileges.mandate))
            .filter_map(|group| group.scope.strip_prefix(CPR_SCOPE))
            .map(person);
        let mandate = grantors.next().transpose()?.map(|grantor| Mandate { grantor });
        if grantors.next().is_some() {
            return Err(Refusal::Unproven("several powers of attorney at once"));
        }
        Ok(Subject::Citizen { identifier, mandate })
    }

    fn employee(
        &self, cvr: &str, names: &ClaimNames, privileges: &Privileges, groups: &[PrivilegeGroup],
    ) -> Result<Subject, Refusal> {
        let own_scope = format!("{CVR_SCOPE}{cvr}");
        let cvr = Cvr::parse(cvr).map_err(|_| Refusal::Unproven("a CVR number that is none"))?;
        let has = |privilege: &str| {
            groups.iter().any(|group| group.scope == own_scope && group.privileges.iter().any(|held| held == privilege))
        };
        if has(&privileges.caseworker) {
            let user = self.text(&names.user).filter(|user| (1..=MAX_USER).contains(&user.chars().count()));
            let user = user.ok_or(Refusal::Unproven("a caseworker without a user id"))?;
            return Ok(Subject::Caseworker { user: user.to_owned(), cvr: Some(cvr) });
        }
        if !has(&privileges.company) {
            return Err(Refusal::NoRole);
        }
        Ok(Subject::Company { identifier: Identifier::Cvr(cvr), employee: self.who_of_a_company(names)? })
    }

    /// Which employee it is: the log names the person behind the company, as far as the claims do.
    fn who_of_a_company(&self, names: &ClaimNames) -> Result<Employee, Refusal> {
        let user = self.text(&names.user).filter(|user| (1..=MAX_USER).contains(&user.chars().count())).map(str::to_owned);
        Ok(Employee { user, person: self.text(&names.cpr).map(person).transpose()? })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    fn groups(&self, name: &str) -> Result<Vec<PrivilegeGroup>, Refusal> {
        let unreadable = |_| Refusal::Unproven("privileges that cannot be read");
        self.0.get(name).map_or(Ok(Vec::new()), |value| serde_json::from_value(value.clone()).map_err(unreadable))
    }
}

fn person(cpr: &str) -> Result<Identifier, Refusal> {
    Cpr::parse(cpr).map(Identifier::Cpr).map_err(|_| Refusal::Unproven("a CPR number that is none"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PERSON: &str = "0101585005";
    const GRANTOR: &str = "0202585004";
    const COMPANY: &str = "10103940";

    fn names() -> ClaimNames {
        let [level, cpr, cvr, user, name, privileges] = ["loa", "cpr", "cvr", "user", "name", "privileges"].map(str::to_owned);
        ClaimNames { level, cpr, cvr, user, name, privileges }
    }

    #[track_caller]
    fn check(claims: Value, expect: Result<&str, Refusal>) {
        let mut with_level = json!({ "loa": "https://data.gov.dk/concept/core/nsis/Substantial" });
        with_level.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let identity = Claims::of(with_level).identity(&names(), &Privileges::default());
        let said = identity.map(|identity| match identity.subject {
            Subject::Citizen { identifier, mandate: None } => format!("citizen {}", identifier.canonical()),
            Subject::Citizen { mandate: Some(mandate), .. } => format!("for {}", mandate.grantor.canonical()),
            Subject::Company { identifier, employee } => {
                format!("company {} by {}", identifier.canonical(), employee.user.unwrap_or_default())
            }
            Subject::Caseworker { user, cvr } => format!("caseworker {user} of {}", cvr.unwrap().digits()),
        });
        assert_eq!(said.as_deref(), expect.as_deref());
    }

    fn group(scope: &str, privilege: &str) -> Value {
        json!({ "scope": scope, "privileges": [privilege] })
    }

    #[test]
    fn persons() {
        check(json!({ "cpr": PERSON }), Ok("citizen 0101585005"));
        check(json!({ "cpr": "3102585005" }), Err(Refusal::Unproven("a CPR number that is none")));
        check(json!({}), Err(Refusal::NoRole));
        check(json!({ "cpr": 101585005 }), Err(Refusal::NoRole));
    }

    #[test]
    fn powers_of_attorney() {
        let power = |scope: &str, privilege: &str| json!({ "cpr": PERSON, "privileges": [group(scope, privilege)] });
        let of_grantor = format!("{CPR_SCOPE}{GRANTOR}");
        check(power(&of_grantor, "urn:nemkonto:self-service"), Ok("for 0202585004"));
        check(power(&of_grantor, "urn:another:service"), Ok("citizen 0101585005"));
        check(power(&format!("{CPR_SCOPE}1"), "urn:nemkonto:self-service"), Err(Refusal::Unproven("a CPR number that is none")));
        let two = json!({ "cpr": PERSON, "privileges": [
            group(&of_grantor, "urn:nemkonto:self-service"), group(&of_grantor, "urn:nemkonto:self-service"),
        ] });
        check(two, Err(Refusal::Unproven("several powers of attorney at once")));
        check(json!({ "cpr": PERSON, "privileges": "x" }), Err(Refusal::Unproven("privileges that cannot be read")));
    }

    #[test]
    fn employees() {
        let own = format!("{CVR_SCOPE}{COMPANY}");
        let employee = |scope: &str, privilege: &str| json!({ "cpr": PERSON, "cvr": COMPANY, "user": "u-1", "privileges": [group(scope, privilege)] });
        check(employee(&own, "urn:nemkonto:company"), Ok("company 10103940 by u-1"));
        check(employee(&own, "urn:nemkonto:caseworker"), Ok("caseworker u-1 of 10103940"));
        check(employee(&own, "urn:nemkonto:self-service"), Err(Refusal::NoRole));
        // A privilege for another company is none for this one.
        check(employee(&format!("{CVR_SCOPE}13585628"), "urn:nemkonto:caseworker"), Err(Refusal::NoRole));
        check(json!({ "cvr": COMPANY }), Err(Refusal::NoRole));
        let without_user = json!({ "cvr": COMPANY, "privileges": [group(&own, "urn:nemkonto:caseworker")] });
        check(without_user, Err(Refusal::Unproven("a caseworker without a user id")));
    }

    #[test]
    fn a_level_below_substantial_is_refused() {
        for (level, expect) in [(json!("Low"), false), (json!("High"), true), (json!(null), false), (json!("3"), false)] {
            let identity = Claims::of(json!({ "loa": level, "cpr": PERSON })).identity(&names(), &Privileges::default());
            assert_eq!(identity.is_ok(), expect, "{level}");
            assert!(expect || identity == Err(Refusal::LevelTooLow));
        }
    }

    #[test]
    fn nothing_of_a_claim_is_shown() {
        assert_eq!(format!("{:?}", Claims::of(json!({ "cpr": PERSON }))), "Claims(1 of them)");
    }
}
