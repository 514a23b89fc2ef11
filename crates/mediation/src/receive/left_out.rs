//! Elements of an order that do not pass on to the bank: the payer is told once for each kind, with the receipt.

use std::collections::BTreeMap;

use iso20022::{AllLeftOut, LeftOut, ReasonCode};
use primitives::Text;

use super::fault::Fault;

/// What was met, how often, and where first.
#[derive(Debug, Default)]
pub(super) struct Notes(BTreeMap<LeftOut, (u64, u64)>);

impl Notes {
    /// Notes what a payment or a block on this line has.
    #[inline]
    pub fn take(&mut self, left_out: AllLeftOut, line: u64) {
        if !left_out.is_empty() {
            self.note(left_out, line);
        }
    }

    #[cold]
    fn note(&mut self, left_out: AllLeftOut, line: u64) {
        for one in left_out.iter() {
            self.0.entry(one).or_insert((0, line)).0 += 1;
        }
    }

    /// What the payer is told; no fault, for everything is paid.
    pub fn told(&self) -> impl Iterator<Item = Fault> {
        self.0.iter().map(|(one, (count, line))| {
            let elements = one.elements();
            let text = Text::new(
                format!("Gives ikke videre til banken: {elements} ({count} steder, først her). Betalingerne er modtaget."),
                format!("Does not pass on to the bank: {elements} ({count} places, first here). The payments are received."),
            );
            Fault::of_delivery(*line, "/Document/CstmrCdtTrfInitn/PmtInf", ReasonCode::NARR, text)
        })
    }
}

/// References of payments that were not compared with earlier ones of the file; it has more than are remembered.
pub(super) fn uncompared(count: u64) -> Option<Fault> {
    let text = || {
        Text::new(
            format!(
                "{count} UETR og InstrId er ikke sammenlignet med tidligere i filen: den har flere, end der huskes. EndToEndId er."
            ),
            format!(
                "{count} UETRs and InstrIds are not compared with earlier ones of the file: it has more than are remembered. EndToEndIds are."
            ),
        )
    };
    (count > 0).then(|| Fault::of_delivery(1, "/Document/CstmrCdtTrfInitn/PmtInf", ReasonCode::NARR, text()))
}

#[cfg(test)]
mod tests {
    use iso20022::Level;

    use super::*;

    #[test]
    fn each_kind_is_told_once_with_its_first_line() {
        let (mut notes, mut one, mut two) = (Notes::default(), AllLeftOut::default(), AllLeftOut::default());
        one.add(LeftOut::Tax);
        [LeftOut::Tax, LeftOut::Supplementary].into_iter().for_each(|left| two.add(left));
        notes.take(AllLeftOut::default(), 4);
        notes.take(one, 5);
        notes.take(two, 6);
        let told: Vec<Fault> = notes.told().collect();
        assert_eq!(told.iter().map(|fault| fault.place.line).collect::<Vec<_>>(), [5, 6]);
        assert!(told[0].text.en.contains("Tax (2 places") && told[1].text.da.contains("SplmtryData (1 steder"));
        assert!(told.iter().all(|fault| fault.level == Level::Group && fault.code == ReasonCode::NARR));
    }

    #[test]
    fn references_that_were_not_compared_are_told() {
        assert_eq!(uncompared(0), None);
        assert!(uncompared(7).unwrap().text.en.starts_with("7 UETRs"));
    }
}
