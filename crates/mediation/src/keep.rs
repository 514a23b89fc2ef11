//! Taking a delivery: its bytes are kept, durably, before the receipt is given. Reading them comes later.

use std::sync::{Mutex, PoisonError};

use contracts::mediation::{Content, Deposited};
use contracts::{Actor, Context, Problem, ProblemCode};
use primitives::{DataSupplierId, DeliveryId, hex};

use crate::delivery::Origin;
use crate::error::Error;
use crate::house::House;
use crate::sealed_stream::SealedStream;
use crate::store;

/// Keeps the file of a data supplier (dataleverandør) and gives the receipt.
///
/// # Errors
/// `FORBIDDEN` when a data supplier delivers in another's name, `TOO_LARGE` beyond the setting, `UNAVAILABLE` otherwise; then nothing is
/// kept.
pub(crate) async fn deliver(
    house: &House, context: &Context, supplier: DataSupplierId, content: Content,
) -> Result<Deposited, Problem> {
    may_deliver(&context.actor, &supplier)?;
    Ok(keep(house, &supplier, content).await?)
}

/// A data supplier sends its own files; the operator and other houses may hand files over for it.
fn may_deliver(actor: &Actor, supplier: &DataSupplierId) -> Result<(), Problem> {
    match actor {
        Actor::DataSupplier { id } if id == supplier => Ok(()),
        Actor::Operator { .. } | Actor::House { .. } => Ok(()),
        _ => Err(Problem::new(
            ProblemCode::Forbidden,
            "Kun dataleverandøren selv kan levere i sit navn.",
            "Only the data supplier itself may deliver in its name.",
        )),
    }
}

async fn keep(house: &House, supplier: &DataSupplierId, content: Content) -> Result<Deposited, Error> {
    let received_at = house.clock.now();
    // The content can be read only once: should the server give the transaction up, the caller must send it again.
    let content = Mutex::new(Some(content));
    let _share = house.connections.for_upload().await;
    house
        .database
        .transaction("mediation.keep", async |mut tx| {
            let content = content.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or(Error::Interrupted)?;
            let stream = SealedStream::start(house.vault.clone(), content, house.settings.longest_file);
            let delivery = store::delivery::next_id(&mut tx).await?;
            let digest = stream.store(&mut tx, store::delivery::COPY_PIECES, delivery.get()).await?;
            let row = store::delivery::NewDelivery { delivery, supplier, origin: Origin::File, received_at, digest };
            store::delivery::insert(&mut tx, &row).await?;
            store::delivery::insert_reading(&mut tx, delivery).await?;
            Ok(deposited(delivery, digest.sha256, digest.bytes))
        })
        .await
}

fn deposited(delivery: DeliveryId, sha256: [u8; 32], bytes: u64) -> Deposited {
    Deposited { delivery, sha256: hex::encode(sha256), bytes }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context as Task, Poll};

    use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

    use super::*;
    use crate::Settings;
    use crate::chunks::ChunkReader;
    use crate::testing::{World, supplier};

    /// Fails as a connection does that is lost.
    struct Lost;

    impl AsyncRead for Lost {
        fn poll_read(self: Pin<&mut Self>, _: &mut Task<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn slow_uploads_leave_connections_for_the_rest() {
        let world = World::new().await;
        let context = world.supplier_context();
        let (_senders, slow): (Vec<_>, Vec<_>) = (0..10).map(|_| tokio::io::duplex(1)).unzip();
        let uploads = slow.into_iter().map(|content| deliver(&world.house, &context, supplier(), Box::pin(content)));
        let uploads = futures_util::future::join_all(uploads);
        let rest = async {
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            tokio::time::timeout(std::time::Duration::from_secs(20), world.house.open_work()).await
        };
        tokio::select! {
            _ = uploads => panic!("the senders have sent nothing"),
            open = rest => assert!(open.expect("a connection is free").unwrap().is_none()),
        }
    }

    async fn kept(world: &World) -> Vec<String> {
        world
            .rows("(select count(*) from mediation.delivery), (select count(*) from mediation.delivery_chunk)", "(select) one")
            .await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_byte_is_kept_under_the_digest_of_the_receipt() {
        let world = World::new().await;
        let content = "0101605001,".repeat(100_000);
        let receipt = world.deliver(&content).await;
        assert_eq!(receipt.bytes, 1_100_000);
        let sha256: String = world.rows("encode(sha256, 'hex'), content_bytes", "mediation.delivery").await.join(";");
        assert_eq!(sha256, format!("{} 1100000", receipt.sha256));
        let pieces: Vec<Vec<u8>> = sqlx::query_scalar("select content from mediation.delivery_chunk order by chunk_no")
            .fetch_all(&mut world.admin().await)
            .await
            .unwrap();
        assert_eq!(pieces.len(), 5);
        let (mut pieces, mut plain) = (pieces.into_iter(), Vec::new());
        let mut stored = ChunkReader::new(world.house.vault.clone(), || pieces.next().map(Ok::<_, Error>));
        io::Read::read_to_end(&mut stored, &mut plain).unwrap();
        assert!(plain == content.as_bytes());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stream_that_breaks_or_is_too_long_is_not_kept() {
        let world = World::with(Settings { longest_file: 1_000_000, ..Settings::default() }).await;
        let context = world.supplier_context();
        let broken = Box::pin((&[b'x'; 600_000][..]).chain(Lost));
        let refused = deliver(&world.house, &context, supplier(), broken).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Unavailable);
        let long = Box::pin(tokio::io::repeat(b'x').take(1_000_001));
        assert_eq!(deliver(&world.house, &context, supplier(), long).await.unwrap_err().code, ProblemCode::TooLarge);
        assert_eq!(kept(&world).await, ["0 0"]);
        let just = Box::pin(tokio::io::repeat(b'x').take(1_000_000));
        assert_eq!(deliver(&world.house, &context, supplier(), just).await.unwrap().bytes, 1_000_000);
        assert_eq!(kept(&world).await, ["1 4"]);
    }
}
