//! The external code lists of ISO 20022, as far as they are used here.
//!
//! `code_lists/external_codes.txt` holds them as data, with their source and its date; tests compare what the code says with it.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A code of an external code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalCode {
    /// The list, such as `ExternalStatusReason1Code`.
    pub list: &'static str,
    /// The code.
    pub code: &'static str,
    /// The list's definition.
    pub definition: &'static str,
}

const DATA: &str = include_str!("../code_lists/external_codes.txt");

/// The reasons a status report may give.
pub const STATUS_REASONS: &str = "ExternalStatusReason1Code";
/// The reasons for which a bank gives money back.
pub const RETURN_REASONS: &str = "ExternalReturnReason1Code";

/// What a list says of a code; `None` where the list, as it stands here, does not have it.
#[must_use]
pub fn external_code(list: &str, code: &str) -> Option<&'static ExternalCode> {
    static CODES: OnceLock<HashMap<&'static str, Vec<ExternalCode>>> = OnceLock::new();
    let by_code = CODES.get_or_init(|| {
        let mut codes: HashMap<_, Vec<_>> = HashMap::new();
        external_codes().for_each(|known| codes.entry(known.code).or_default().push(known));
        codes
    });
    by_code.get(code)?.iter().find(|known| known.list == list)
}

/// All codes of the lists that are used here, in the order of the data.
pub fn external_codes() -> impl Iterator<Item = ExternalCode> {
    let mut list = "";
    DATA.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(move |line| {
        let (code, definition) = line.split_once(' ')?;
        if code == "list" {
            list = definition;
            return None;
        }
        Some(ExternalCode { list, code, definition })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::ReasonCode;
    use crate::status::{Status, StatusScope};

    fn definition(list: &str, code: &str) -> Option<&'static str> {
        external_code(list, code).map(|known| known.definition)
    }

    #[test]
    fn the_data_names_its_source_and_date() {
        for label in
            ["# source: npm package @taprsvp/iso20022_external_codes 1.0.1", "# integrity: sha512-", "# published: 2026-"]
        {
            assert!(DATA.contains(label), "{label}");
        }
        assert_eq!(definition("ExternalStatusReason1Code", "XXXX"), None);
    }

    #[test]
    fn every_reason_is_in_the_list_with_its_definition() {
        for code in ReasonCode::ALL {
            let listed = definition("ExternalStatusReason1Code", code.as_str()).unwrap_or_default();
            assert_eq!(code.definition().trim_end_matches('.'), listed.trim_end_matches('.'), "{code}");
        }
    }

    /// Banks may give any of them, and what is passed on is judged by them.
    #[test]
    fn the_reasons_of_statuses_and_of_returns_are_whole_and_not_the_same() {
        let count = |list| external_codes().filter(|known| known.list == list).count();
        assert_eq!([STATUS_REASONS, RETURN_REASONS].map(count), [301, 104]);
        let of_returns = |code| (definition(STATUS_REASONS, code).is_some(), definition(RETURN_REASONS, code).is_some());
        assert_eq!(
            ["AC04", "AC17", "FRTR", "AC14", "FF08"].map(of_returns),
            [(true, true), (false, true), (false, true), (true, true), (true, false)]
        );
        for code in external_codes() {
            assert_eq!(external_code(code.list, code.code), Some(&code), "a code stands once in its list");
        }
    }

    #[test]
    fn the_codes_that_readers_know_are_in_their_lists() {
        for (list, codes) in [
            ("ExternalAccountIdentification1Code", &["BBAN"][..]),
            ("ExternalPersonIdentification1Code", &["SOSE", "NIDN"]),
            ("ExternalOrganisationIdentification1Code", &["COID"]),
            ("ExternalCancellationReason1Code", &["CUST", "DUPL"]),
            ("ExternalPaymentCancellationRejection1Code", &["ARDT", "NARR", "NOOR", "PTNA"]),
            ("ExternalInvestigationExecutionConfirmation1Code", &["CNCL", "RJCR", "PDCR", "PECR"]),
            ("ExternalEntryStatus1Code", &["BOOK", "PDNG", "INFO", "FUTR"]),
        ] {
            for code in codes {
                assert!(definition(list, code).is_some(), "{code} in {list}");
            }
        }
    }

    #[test]
    fn every_status_is_in_its_lists() {
        for scope in [StatusScope::Group, StatusScope::Transaction] {
            let list = match scope {
                StatusScope::Group => "ExternalPaymentGroupStatus1Code",
                StatusScope::Transaction => "ExternalPaymentTransactionStatus1Code",
            };
            for status in Status::ALL {
                assert_eq!(status.is_listed(scope), definition(list, status.as_str()).is_some(), "{status} in {list}");
            }
        }
    }
}
