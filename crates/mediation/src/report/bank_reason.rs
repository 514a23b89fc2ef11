//! A bank's reason as a payer is told it.
//!
//! A bank says why by a code of one of several lists, as its message has it: of *ExternalStatusReason1Code* in a pain.002, of
//! *ExternalReturnReason1Code* with money that came back, or one of its own. A payer's pain.002 has room for the first alone. So what is in that list is
//! passed on as it is, and anything else is NARR, with words that name the bank's code and say what its list means by it.

use iso20022::{RETURN_REASONS, ReasonCode, STATUS_REASONS, external_code};

use super::wrap::wrap;

/// The code of *ExternalStatusReason1Code* for what a bank gave, and the lines that go with it.
pub(super) fn told(code: String) -> (String, Vec<String>) {
    let narrative = ReasonCode::NARR.as_str();
    if code != narrative && external_code(STATUS_REASONS, &code).is_some() {
        return (code, Vec::new());
    }
    let words = match external_code(RETURN_REASONS, &code) {
        _ if code == narrative => ["Banken har ikke givet en ISO-kode.".to_owned(), "The bank has given no ISO code.".to_owned()],
        Some(known) => [
            format!("Bankens kode er {code} (ExternalReturnReason1Code)."),
            format!("The bank's code is {code} (ExternalReturnReason1Code): {}", known.definition),
        ],
        None => [format!("Bankens kode er {code}."), format!("The bank's code is {code}.")],
    };
    (narrative.to_owned(), words.iter().flat_map(|text| wrap(text)).collect())
}

#[cfg(test)]
mod tests {
    use iso20022::external_codes;

    use super::*;

    /// Every code a bank may give: what the payer is told is in the list of its message, and nothing is lost.
    #[test]
    fn every_code_of_both_lists_is_told_by_one_of_the_statuses() {
        let mut narrated = Vec::new();
        for known in external_codes().filter(|known| [STATUS_REASONS, RETURN_REASONS].contains(&known.list)) {
            let (code, lines) = told(known.code.to_owned());
            assert!(external_code(STATUS_REASONS, &code).is_some(), "{code}");
            assert!(lines.iter().all(|line| (1..=105).contains(&line.chars().count())), "{lines:?}");
            if code == known.code && code != "NARR" {
                assert_eq!(lines, <[String; 0]>::default());
            } else if known.code != "NARR" {
                narrated.push(known.code);
                let text = lines.join(" ");
                assert!(text.contains(&format!("kode er {}", known.code)) && text.ends_with(known.definition), "{text}");
            }
        }
        let expect = "AC17 ARDT CNPC DC04 EMVL FRTR NOOR PINL SP01 SP02 SVNR TRAC";
        assert_eq!(narrated.join(" "), expect, "the reasons of returns that no status has");
    }

    #[test]
    fn what_is_in_no_list_is_told_in_words() {
        let (code, lines) = told("ZZ99".to_owned());
        assert_eq!(
            (code.as_str(), lines),
            ("NARR", vec!["Bankens kode er ZZ99.".to_owned(), "The bank's code is ZZ99.".to_owned()])
        );
        let (code, lines) = told("NARR".to_owned());
        assert_eq!((code.as_str(), lines.len()), ("NARR", 2));
    }
}
