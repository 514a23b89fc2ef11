//! What is wrong with a delivery, on its way to the table of findings.

use iso20022::{Finding, Level, ReasonCode};
use platform::copy::CopyBuffer;
use primitives::{DeliveryId, Text};

use crate::store::receive::FINDING_COLUMNS;

/// Where a fault stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The payment information block, from 1.
    pub block: Option<i32>,
    /// The payment in the file, from 1.
    pub row: Option<i64>,
    /// The line in the file, from 1.
    pub line: u64,
    /// The path of the element.
    pub path: String,
}

/// A fault of a delivery, a block or a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub level: Level,
    pub place: Place,
    pub code: ReasonCode,
    pub text: Text,
    /// Sealed [`RowReference`](crate::delivery::RowReference) by which the payer knows the row, or the block, again.
    pub reference: Option<Vec<u8>>,
}

impl Fault {
    /// A fault of the delivery as a whole, in the element at this line and path.
    pub fn of_delivery(line: u64, path: &str, code: ReasonCode, text: Text) -> Self {
        let place = Place { line, path: path.to_owned(), ..Place::default() };
        Self { level: Level::Group, place, code, text, reference: None }
    }

    /// A finding of the message reader. What it expected and found belongs to the sentence people read.
    pub fn of_finding(finding: &Finding) -> Self {
        let place = Place { line: finding.line, path: finding.path.clone(), ..Place::default() };
        Self { level: finding.level, place, code: finding.code, text: finding.sentence(), reference: None }
    }

    /// Appends the fault as a row of the table.
    pub fn encode(&self, delivery: DeliveryId, number: i32, rows: &mut CopyBuffer) {
        rows.begin_row(FINDING_COLUMNS);
        rows.i64(delivery.get());
        rows.i32(number);
        rows.i16(level_code(self.level));
        rows.opt_i32(self.place.block);
        rows.opt_i64(self.place.row);
        rows.i64(i64::try_from(self.place.line).unwrap_or(i64::MAX));
        rows.text(&self.place.path);
        rows.text(self.code.as_str());
        rows.text(&self.text.da);
        rows.text(&self.text.en);
        rows.opt_bytes(self.reference.as_deref());
    }
}

/// The code of a level in the database.
fn level_code(level: Level) -> i16 {
    match level {
        Level::Unreadable => 1,
        Level::Schema => 2,
        Level::Group => 3,
        Level::PaymentInformation => 4,
        Level::Payment => 5,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Block, Order, World, pain001, person};

    /// Delivers and holds what is found, code and line, against the line on which the element stands in the file.
    async fn check(world: &World, content: &str, code: &str, element: &str) {
        let delivery = world.deliver(content).await.delivery.get();
        world.receive().await;
        let found = world.rows("code, line", &format!("mediation.finding where delivery_id = {delivery}")).await;
        let before = content.split(element).next().unwrap();
        assert_eq!(found, [format!("{code} {}", 1 + before.matches('\n').count())]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_fault_of_the_whole_delivery_is_told_at_the_line_it_stands_on() {
        let world = World::new().await;
        let block = Block::of(vec![Order::incomplete("E-0", "1.00", person(0))]);
        let file = |blocks: &[Block]| {
            let text = pain001("M-1", blocks);
            text.replace("<MsgId>", "\n\n<MsgId>").replace("<InitgPty>", "\n<InitgPty>\n")
        };
        let good = file(std::slice::from_ref(&block));
        check(&world, &good.replace(">NKS<", ">OTHER<"), "BE05", "<InitgPty>").await;
        check(&world, &good.replace("00000001</Id>", "00000009</Id>"), "BE05", "<InitgPty>").await;
        world.deliver(&good).await;
        check(&world, &good.replace(">1.00<", ">2.00<"), "DU01", "<MsgId>").await;
        world.parties.change(|payer| payer.data_suppliers.clear());
        check(&world, &good.replace("M-1", "M-2"), "AG01", "<InitgPty>").await;
    }
}
