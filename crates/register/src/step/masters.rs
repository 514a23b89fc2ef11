//! Who is the master of what, while two registers run beside each other: dated rules.

use contracts::register::AccountPurpose;
use jiff::civil::Date;
use primitives::{AgreementNumber, IdentifierKind};
use serde::Deserialize;

/// Whose word counts where two registers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Master {
    /// This register's.
    Here,
    /// The other register's.
    There,
}

/// A part of what is known of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// That it exists; its numbers, name and status.
    Holder,
    /// Its NemKonto.
    NemKonto,
    /// Its specific accounts of a payer.
    Specific(AgreementNumber),
}

impl Part {
    /// The part an account of this purpose belongs to.
    #[must_use]
    pub fn of(purpose: &AccountPurpose) -> Self {
        match purpose {
            AccountPurpose::NemKonto => Self::NemKonto,
            AccountPurpose::Specific { payer, .. } => Self::Specific(*payer),
        }
    }

    fn name(self) -> PartName {
        match self {
            Self::Holder => PartName::Holder,
            Self::NemKonto => PartName::NemKonto,
            Self::Specific(_) => PartName::Specific,
        }
    }
}

/// A part in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PartName {
    Holder,
    NemKonto,
    Specific,
}

/// From a day on, one register is the master of some of it. What a rule does not name it says of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterRule {
    /// First day; none: since ever.
    #[serde(default)]
    from: Option<Date>,
    /// Of holders whose current number is of this kind.
    #[serde(default)]
    kind: Option<IdentifierKind>,
    /// Of this part.
    #[serde(default)]
    part: Option<PartName>,
    /// Of specific accounts of this payer.
    #[serde(default)]
    payer: Option<AgreementNumber>,
    /// Who it is.
    master: Master,
}

impl MasterRule {
    fn covers(&self, kind: IdentifierKind, part: Part, on: Date) -> bool {
        let payer = match part {
            Part::Specific(payer) => Some(payer),
            _ => None,
        };
        self.from.is_none_or(|from| from <= on)
            && self.kind.is_none_or(|covered| covered == kind)
            && self.part.is_none_or(|covered| covered == part.name())
            && (self.payer.is_none() || self.payer == payer)
    }
}

/// The rules. Of those that cover a case the last one counts.
///
/// Without any, the other register is the master of everything. Who is the master of what during parallel operation is not public: the default is ours, made
/// for a register that is being filled from the one in operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masters(Vec<MasterRule>);

impl Masters {
    /// These rules, in this order.
    #[must_use]
    pub fn new(rules: Vec<MasterRule>) -> Self {
        Self(rules)
    }

    /// Whether nothing was decided, so that the default holds.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose word counts.
    #[must_use]
    pub fn of(&self, kind: IdentifierKind, part: Part, on: Date) -> Master {
        self.0.iter().rev().find(|rule| rule.covers(kind, part, on)).map_or(Master::There, |rule| rule.master)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use primitives::IdentifierKind::{Cpr, Cvr};

    use super::*;

    const DAY: Date = date(2026, 3, 2);

    #[test]
    fn the_last_rule_that_covers_a_case_counts() {
        let rules = r#"[
            {"master": "there"},
            {"from": "2026-03-02", "kind": "CVR", "master": "here"},
            {"part": "specific", "payer": "12345678", "master": "here"},
            {"from": "2026-04-01", "part": "nem_konto", "master": "here"}
        ]"#;
        let masters = Masters::new(serde_json::from_str(rules).unwrap());
        let specific = |payer| Part::Specific(AgreementNumber::parse(payer).unwrap());
        let check = |kind, part, on, expect| assert_eq!(masters.of(kind, part, on), expect, "{kind} {part:?} {on}");
        check(Cpr, Part::Holder, DAY, Master::There);
        check(Cvr, Part::Holder, DAY, Master::Here);
        check(Cvr, Part::Holder, date(2026, 3, 1), Master::There);
        check(Cpr, specific("12345678"), DAY, Master::Here);
        check(Cpr, specific("12345679"), DAY, Master::There);
        check(Cpr, Part::NemKonto, DAY, Master::There);
        check(Cpr, Part::NemKonto, date(2026, 4, 1), Master::Here);
    }

    #[test]
    fn without_rules_the_other_is_the_master() {
        assert!(Masters::default().is_default());
        assert_eq!(Masters::default().of(Cpr, Part::Holder, DAY), Master::There);
    }
}
