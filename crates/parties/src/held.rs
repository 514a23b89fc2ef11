//! What a user holds: rights with their days, on two levels, and which functions exclude each other.

use contracts::parties::{BenefitScope, Function, GrantedRight, RightReason, UnitScope, UserProfile};
use jiff::civil::Date;
use primitives::{AgreementNumber, BenefitCode, UnitCode};

use crate::store::{grant::StoredGrant, user::StoredProfile};

/// A right of a user at an authority, from its first day until the day it no longer applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) user: String,
    pub(crate) authority: AgreementNumber,
    pub(crate) right: GrantedRight,
    pub(crate) from: Date,
    pub(crate) until: Date,
}

impl Held {
    pub(crate) fn applies(&self, user: &str, authority: AgreementNumber, on: Date) -> bool {
        self.user == user && self.authority == authority && self.from <= on && on < self.until
    }
}

impl From<StoredGrant> for Held {
    fn from(grant: StoredGrant) -> Self {
        Self { user: grant.user, authority: grant.authority, right: grant.right, from: grant.from, until: grant.until }
    }
}

/// The rights a profile is: its functions, where it has any, and its benefits, at every unit.
pub(crate) fn of_profile(profile: &UserProfile) -> Vec<Held> {
    let right = |right| Held {
        user: profile.user.clone(),
        authority: profile.authority,
        right,
        from: profile.valid_from,
        until: profile.valid_until,
    };
    let functions = GrantedRight::Functions { functions: profile.functions.clone() };
    let scope = GrantedRight::Scope { unit: None, benefits: profile.scope.clone() };
    if profile.functions.is_empty() { vec![right(scope)] } else { vec![right(functions), right(scope)] }
}

/// What the versions of users' profiles give, in the order they were recorded: each until a later one replaces it, or its end.
pub(crate) fn of_profiles(versions: &[StoredProfile]) -> Vec<StoredGrant> {
    let mut grants = Vec::new();
    for (place, StoredProfile { profile, functions, scope, recorded_by }) in versions.iter().enumerate() {
        let later = versions[place + 1..].iter().map(|later| &later.profile).filter(|later| later.user == profile.user);
        let replaced = later.map(|later| later.valid_from).min();
        for Held { user, authority, right, from, until } in of_profile(profile) {
            let (id, ended) = if matches!(right, GrantedRight::Functions { .. }) { *functions } else { *scope };
            let until = [replaced, ended].into_iter().flatten().fold(until, Date::min);
            if from < until {
                grants.push(StoredGrant { id, user, authority, right, from, until, granted_by: recorded_by.clone() });
            }
        }
    }
    grants
}

/// What a user holds at an authority on a day, as one profile; nothing where nothing is held. Its days are those on which it is just this.
pub(crate) fn profile_on(held: &[Held], user: &str, authority: AgreementNumber, name: &str, on: Date) -> Option<UserProfile> {
    let mut found: Option<UserProfile> = None;
    for right in held.iter().filter(|held| held.applies(user, authority, on)) {
        let profile = found.get_or_insert_with(|| UserProfile {
            user: user.to_owned(),
            name: name.to_owned(),
            authority,
            functions: Vec::new(),
            scope: BenefitScope::nothing(),
            units: Vec::new(),
            valid_from: right.from,
            valid_until: right.until,
        });
        profile.valid_from = profile.valid_from.max(right.from);
        profile.valid_until = profile.valid_until.min(right.until);
        add(profile, &right.right);
    }
    found
}

fn add(profile: &mut UserProfile, right: &GrantedRight) {
    match right {
        GrantedRight::Functions { functions } => {
            let more: Vec<Function> =
                functions.iter().filter(|function| !profile.functions.contains(function)).copied().collect();
            profile.functions.extend(more);
        }
        GrantedRight::Scope { unit: None, benefits } => profile.scope.widen(benefits),
        GrantedRight::Scope { unit: Some(unit), benefits } => match profile.units.iter_mut().find(|known| known.unit == *unit) {
            Some(known) => known.benefits.widen(benefits),
            None => profile.units.push(UnitScope { unit: *unit, benefits: benefits.clone() }),
        },
    }
}

/// What is asked of a caseworker's rights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) user: &'a str,
    pub(crate) authority: AgreementNumber,
    pub(crate) function: Function,
    pub(crate) benefit: Option<&'a BenefitCode>,
    pub(crate) unit: Option<UnitCode>,
    pub(crate) at: Date,
}

/// Whether what is held covers both levels.
pub(crate) fn decide(held: &[Held], asked: &Asked<'_>) -> RightReason {
    if !has_function(held, asked.user, asked.authority, asked.function, asked.at) {
        return RightReason::NoFunction;
    }
    let covers = |right: &GrantedRight| match right {
        GrantedRight::Functions { .. } => false,
        GrantedRight::Scope { unit, benefits } => (unit.is_none() || *unit == asked.unit) && benefits.allows(asked.benefit),
    };
    let in_scope = held.iter().any(|held| held.applies(asked.user, asked.authority, asked.at) && covers(&held.right));
    if asked.function.concerns_benefits() && !in_scope {
        return RightReason::NoScope;
    }
    RightReason::Granted
}

/// Whether the function is held: the authority level alone.
pub(crate) fn has_function(held: &[Held], user: &str, authority: AgreementNumber, function: Function, at: Date) -> bool {
    held.iter().any(|held| {
        held.applies(user, authority, at)
            && matches!(&held.right, GrantedRight::Functions { functions } if functions.contains(&function))
    })
}

/// Two functions that cannot be held together on these days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub(crate) one: Function,
    pub(crate) other: Function,
    pub(crate) from: Date,
    pub(crate) until: Option<Date>,
}

/// The first conflict between what would be held: within the new right, and between it and what its user holds at the same authority.
pub(crate) fn conflict_of<'c>(conflicts: &'c [Conflict], held: &[Held], new: &Held) -> Option<&'c Conflict> {
    let functions = |right: &GrantedRight| match right {
        GrantedRight::Functions { functions } => functions.clone(),
        GrantedRight::Scope { .. } => Vec::new(),
    };
    let new_functions = functions(&new.right);
    conflicts.iter().find(|conflict| {
        let meets = |other: &Held| {
            let held_functions = functions(&other.right);
            let both = |one, two| new_functions.contains(one) && held_functions.contains(two);
            let from = new.from.max(other.from).max(conflict.from);
            let until = conflict.until.map_or(new.until.min(other.until), |until| until.min(new.until).min(other.until));
            from < until && (both(&conflict.one, &conflict.other) || both(&conflict.other, &conflict.one))
        };
        meets(new) || held.iter().filter(|held| held.user == new.user && held.authority == new.authority).any(meets)
    })
}

#[cfg(test)]
mod tests;
