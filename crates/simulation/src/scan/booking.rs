//! Reading what banks have booked (camt.054, any version): the payments that came back.

use std::io::BufRead;

use super::ScanError;
use super::elements::{Elements, Step};

const ENTRY: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry";
const DETAILS: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls";

/// What is known of a booking so far.
#[derive(Default)]
struct Booking {
    is_credit: bool,
    is_booked: bool,
    instruction: String,
    has_reason: bool,
}

/// Reads a notification to its end, and gives the sender's reference of each payment that was booked back.
pub(crate) fn scan_returns(input: impl BufRead, mut out: impl FnMut(&str)) -> Result<(), ScanError> {
    let mut elements = Elements::new(input);
    let mut booking = Booking::default();
    loop {
        match elements.step()? {
            Step::Done => return Ok(()),
            Step::Begin if elements.path() == ENTRY => booking = Booking::default(),
            Step::Begin if elements.path() == DETAILS => (booking.instruction, booking.has_reason) = Default::default(),
            Step::Begin => {}
            Step::End if elements.path() == DETAILS => {
                if booking.is_credit && booking.is_booked && booking.has_reason {
                    out(&booking.instruction);
                }
            }
            Step::End => booking.leaf(elements.path(), elements.text()),
        }
    }
}

impl Booking {
    fn leaf(&mut self, path: &str, text: &str) {
        if let Some(rest) = path.strip_prefix(DETAILS) {
            match rest {
                "/Refs/InstrId" => text.clone_into(&mut self.instruction),
                "/RtrInf/Rsn/Cd" => self.has_reason = true,
                _ => {}
            }
        } else if let Some(rest) = path.strip_prefix(ENTRY) {
            match rest {
                "/CdtDbtInd" => self.is_credit = text == "CRDT",
                "/Sts" | "/Sts/Cd" => self.is_booked |= text == "BOOK",
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(entry: &str, expect: &[&str]) {
        let file = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><Ntfctn>{entry}</Ntfctn>\
             </BkToCstmrDbtCdtNtfctn></Document>"
        );
        let mut found = Vec::new();
        scan_returns(file.as_bytes(), |instruction| found.push(instruction.to_owned())).unwrap();
        assert_eq!(found, expect, "{entry}");
    }

    #[test]
    fn only_booked_credits_with_a_reason_came_back() {
        let entry = |direction: &str, status: &str, reason: &str| {
            format!(
                "<Ntry><CdtDbtInd>{direction}</CdtDbtInd><Sts>{status}</Sts><NtryDtls><TxDtls><Refs><InstrId>A</InstrId></Refs>{reason}\
                 </TxDtls></NtryDtls></Ntry>"
            )
        };
        let reason = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>";
        check(&entry("CRDT", "<Cd>BOOK</Cd>", reason), &["A"]);
        check(&entry("CRDT", "BOOK", reason), &["A"]);
        check(&entry("CRDT", "BOOK", ""), &[]);
        check(&entry("DBIT", "BOOK", reason), &[]);
        check(&entry("CRDT", "PDNG", reason), &[]);
    }
}
