//! Whether two answers say the same.

use primitives::Account;

/// An answer, as far as two registers can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// `nem_konto`, `specific`, `no_account`, `closed` or `unknown`.
    pub outcome: &'static str,
    /// The account, where there is one.
    pub account: Option<Account>,
    /// It was found by the number to fall back to.
    pub by_fallback: bool,
    /// It was found by a number that a new one has replaced.
    pub by_old_number: bool,
}

impl Told {
    /// That there is no account.
    pub fn without(outcome: &'static str) -> Self {
        Self { outcome, account: None, by_fallback: false, by_old_number: false }
    }
}

/// What both say of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub(crate) here: Told,
    pub(crate) there: Told,
}

/// In what two answers agree or differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerKind {
    /// Both pay the same account, by the same right.
    SameAccount,
    /// Both pay nobody, for the same reason.
    SameWithoutAccount,
    /// Each pays another account.
    OtherAccount,
    /// Only this register has an account.
    OnlyHere,
    /// Only the other one has.
    OnlyThere,
    /// The account is the same, or there is none, and what is said beside it is not: specific or not, by which number, why there is none.
    OtherStatus,
}

impl AnswerKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::SameAccount, Self::SameWithoutAccount, Self::OtherAccount, Self::OnlyHere, Self::OnlyThere, Self::OtherStatus];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SameAccount => "same_account",
            Self::SameWithoutAccount => "same_without_account",
            Self::OtherAccount => "other_account",
            Self::OnlyHere => "only_here",
            Self::OnlyThere => "only_there",
            Self::OtherStatus => "other_status",
        }
    }

    /// Whether the answers are equal.
    #[must_use]
    pub fn is_same(self) -> bool {
        matches!(self, Self::SameAccount | Self::SameWithoutAccount)
    }
}

impl Compared {
    /// In what they agree or differ.
    #[must_use]
    pub fn kind(&self) -> AnswerKind {
        match (&self.here.account, &self.there.account) {
            (Some(_), None) => AnswerKind::OnlyHere,
            (None, Some(_)) => AnswerKind::OnlyThere,
            (here, there) if here != there => AnswerKind::OtherAccount,
            _ if self.here != self.there => AnswerKind::OtherStatus,
            (Some(_), _) => AnswerKind::SameAccount,
            (None, _) => AnswerKind::SameWithoutAccount,
        }
    }
}

#[cfg(test)]
mod tests {
    use primitives::DanishAccount;

    use super::*;

    #[test]
    fn every_pair_of_answers_has_its_kind() {
        let found = |number: &str, outcome| {
            let account = Some(Account::from(DanishAccount::new("0040", number).unwrap()));
            Told { account, ..Told::without(outcome) }
        };
        let one = found("0440116243", "nem_konto");
        let check = |here: &Told, there: Told, expect| {
            let compared = Compared { here: here.clone(), there };
            assert_eq!(compared.kind(), expect, "{} {}", compared.here.outcome, compared.there.outcome);
        };
        check(&one, one.clone(), AnswerKind::SameAccount);
        check(&one, found("0440116244", "nem_konto"), AnswerKind::OtherAccount);
        check(&one, found("0440116243", "specific"), AnswerKind::OtherStatus);
        check(&one, Told { by_old_number: true, ..one.clone() }, AnswerKind::OtherStatus);
        check(&one, Told { by_fallback: true, ..one.clone() }, AnswerKind::OtherStatus);
        let none = Told::without("no_account");
        check(&one, none.clone(), AnswerKind::OnlyHere);
        check(&none, one.clone(), AnswerKind::OnlyThere);
        check(&none, none.clone(), AnswerKind::SameWithoutAccount);
        check(&none, Told::without("closed"), AnswerKind::OtherStatus);
    }
}
