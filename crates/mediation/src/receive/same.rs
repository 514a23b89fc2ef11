//! Whether two deliveries with one MsgId say the same: other blanks, prefixes, comments or encodings make no other content.
//!
//! Only where the bytes differ is a delivery read again, and the earlier one with it, both as streams.

use std::io::{self, Read, Write};

use iso20022::convert::{ConvertOptions, convert};
use iso20022::{MessageKind, Pain001Version};
use primitives::DeliveryId;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::chunks::ChunkReader;
use crate::error::Error;
use crate::house::House;
use crate::recall;
use crate::store;

/// Stored pieces that may wait for the reading thread.
const PIECES_IN_FLIGHT: usize = 4;

/// Whether both deliveries, which are kept, are this message and say the same.
pub(super) async fn say_the_same(house: &House, message: MessageKind, deliveries: [DeliveryId; 2]) -> Result<bool, Error> {
    let mut digests = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        let Some(digest) = canonical_digest(house, message, delivery).await? else { return Ok(false) };
        digests.push(digest);
    }
    Ok(digests.windows(2).all(|pair| pair[0] == pair[1]))
}

/// The digest of what a delivery says; none where it is not wholly that message, or says more than its schema has words for (`SplmtryData`).
async fn canonical_digest(house: &House, message: MessageKind, delivery: DeliveryId) -> Result<Option<[u8; 32]>, Error> {
    let (pieces_in, mut pieces) = mpsc::channel(PIECES_IN_FLIGHT);
    let feeding = tokio::spawn(store::delivery::send_pieces(house.database.pool().clone(), delivery, pieces_in));
    let vault = house.vault.clone();
    let reading = tokio::task::spawn_blocking(move || digest(message, ChunkReader::new(vault, || pieces.blocking_recv())));
    let digest = reading.await.map_err(|_| Error::Interrupted)?;
    feeding.await.map_err(|_| Error::Interrupted)?;
    digest
}

fn digest(message: MessageKind, input: impl Read) -> Result<Option<[u8; 32]>, Error> {
    let version = match message {
        MessageKind::Pain001V03 => Pain001Version::V03,
        MessageKind::Pain001V09 => Pain001Version::V09,
        MessageKind::Pain001V12 => Pain001Version::V12,
        _ => return Ok(recall::read(input)?.ok().filter(|recall| recall.message == message).map(|recall| recall.digest())),
    };
    let mut sha256 = Hashing(Sha256::new());
    sha256.0.update(message.name());
    let written = convert(input, version, &mut sha256, ConvertOptions::default())?;
    Ok(written.obstacles.is_empty().then(|| sha256.0.finalize().into()))
}

/// Takes what is written into a digest.
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Block, Order, World, pain001, person};

    /// The state of the second of two deliveries.
    async fn check(first: &str, second: impl Into<Vec<u8>>, expect: &str) {
        let world = World::new().await;
        world.deliver(first).await;
        world.deliver_bytes(second.into()).await;
        world.receive().await;
        assert_eq!(world.rows("state", "mediation.delivery_reading order by delivery_id").await[1], expect);
    }

    const REPEATED: &str = "4";
    const REFUSED: &str = "3";

    fn order() -> String {
        pain001("M-1", &[Block::of(vec![Order::incomplete("E-1", "1.00", person(1))])])
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn other_dress_is_no_other_content() {
        let order = order();
        check(&order, order.replace('\n', "\r\n  "), REPEATED).await;
        check(&order, order.replace("<PmtInf>", "<!-- the same --><PmtInf>"), REPEATED).await;
        let prefixed = order.replace("</", "\u{1}").replace('<', "<p:").replace('\u{1}', "</p:").replace("<p:?", "<?");
        check(&order, prefixed.replace("xmlns=", "xmlns:p="), REPEATED).await;
        let latin = order.replace("UTF-8", "ISO-8859-1").replace("Modtager", "Søren");
        let bytes: Vec<u8> = latin.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        check(&order.replace("Modtager", "Søren"), bytes, REPEATED).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn any_other_content_is() {
        let order = order();
        check(&order, order.replace("Modtager", "Modtagerin"), REFUSED).await;
        check(&order, order.replace(">1.00<", ">1.0<"), REFUSED).await;
        check(&order, order[..order.len() - 20].to_owned(), REFUSED).await;
    }

    /// What `SplmtryData` holds has no schema here, so nobody can say which of its dress is content: only the same bytes are the same.
    #[tokio::test(flavor = "multi_thread")]
    async fn supplementary_data_is_the_same_in_the_same_bytes_alone() {
        let more = "<SplmtryData><Envlp><x:More xmlns:x=\"urn:more\">1</x:More></Envlp></SplmtryData></CstmrCdtTrfInitn>";
        let order = order().replace("</CstmrCdtTrfInitn>", more);
        check(&order, order.clone(), REPEATED).await;
        check(&order, order.replace(">1</x:More>", ">2</x:More>"), REFUSED).await;
        check(&order, order.replace("<PmtInf>", "<!-- the same --><PmtInf>"), REFUSED).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_recall_in_other_dress_is_the_same_recall() {
        let recall = crate::recall::example("STOP-1", &["E-1"]);
        let world = World::new().await;
        for content in [recall.clone(), recall.replace('\n', "\n\n"), recall.replace(">E-1<", ">E-2<")] {
            world.deliver(&content).await;
        }
        world.receive().await;
        assert_eq!(world.rows("state", "mediation.delivery_reading order by delivery_id").await, ["2", REPEATED, REFUSED]);
    }
}
