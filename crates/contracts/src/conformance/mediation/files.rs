//! Files that are handed in: payers' deliveries and banks' answers.

use std::io;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use primitives::{BankCode, DataSupplierId};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::{Suite, code, context};
use crate::operation::Content;
use crate::{Actor, ProblemCode, mediation::Mediation};

/// SHA-256 of a million letters a (FIPS 180-4, example C of the algorithm's test vectors).
const MILLION_A: &str = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
/// More than any buffer on the way.
const MANY: u64 = 32 << 20;

impl<M: Mediation + ?Sized> Suite<'_, M> {
    /// The receipt is for every byte.
    pub(super) async fn a_delivery_is_kept_whole(&self) {
        let receipt = self.house.deliver(&self.as_supplier(), self.supplier(), letters(1_000_000)).await.expect("it is kept");
        assert_eq!((receipt.bytes, receipt.sha256.as_str()), (1_000_000, MILLION_A));
        let again = self.house.deliver(&self.as_supplier(), self.supplier(), letters(1_000_000)).await.expect("it is kept");
        assert_eq!(again.sha256, receipt.sha256, "what was sent twice is acknowledged twice");
    }

    /// Half a file is no file.
    pub(super) async fn a_stream_that_breaks_is_not_taken(&self) {
        for before in [0, 10, 600_000, MANY] {
            let broken = self.house.deliver(&self.as_supplier(), self.supplier(), Box::pin(letters(before).chain(Broken))).await;
            assert_eq!(code(broken), Some(ProblemCode::Unavailable), "after {before} bytes");
        }
    }

    /// Nobody hands in a file in another's name, and is told so however long the file is.
    pub(super) async fn files_are_handed_in_by_their_owners(&self) {
        let bank = BankCode::parse("0001").expect("a bank code");
        let other = BankCode::parse("0002").expect("a bank code");
        for length in [0, 1_000, MANY] {
            for actor in [Actor::Payee { identifier: self.payee(1) }, Actor::DataSupplier { id: self.payers_own() }] {
                let delivered = self.house.deliver(&context(actor.clone()), self.supplier(), letters(length)).await;
                assert_eq!(code(delivered), Some(ProblemCode::Forbidden), "{length} bytes");
                let answered = self.house.bank_answer(&context(actor), bank, letters(length)).await;
                assert_eq!(code(answered), Some(ProblemCode::Forbidden), "{length} bytes");
            }
            let answered = self.house.bank_answer(&context(Actor::Bank { code: other }), bank, letters(length)).await;
            assert_eq!(code(answered), Some(ProblemCode::Forbidden), "{length} bytes");
        }
    }

    /// It changes nothing, and a person is told; the same answer again is the same answer.
    pub(super) async fn an_unreadable_answer_changes_nothing(&self) {
        let bank = BankCode::parse("0001").expect("a bank code");
        let answer = || Box::pin(io::Cursor::new(format!("no message {}", self.seed).into_bytes()));
        let as_bank = context(Actor::Bank { code: bank });
        let first = self.house.bank_answer(&as_bank, bank, answer()).await.expect("it is kept");
        assert_eq!((first.applied, first.repeated, first.unmatched.len()), (0, 0, 1));
        let again = self.house.bank_answer(&as_bank, bank, answer()).await.expect("it is kept");
        assert_eq!(again, first);
    }

    fn supplier(&self) -> DataSupplierId {
        DataSupplierId::parse(&format!("S{}", self.seed)).expect("a short id")
    }

    fn payers_own(&self) -> DataSupplierId {
        DataSupplierId::parse(&format!("P{}", self.seed)).expect("a short id")
    }

    fn as_supplier(&self) -> crate::Context {
        context(Actor::DataSupplier { id: self.supplier() })
    }
}

fn letters(count: u64) -> Content {
    Box::pin(tokio::io::repeat(b'a').take(count))
}

/// Fails as a connection does that is lost.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Task<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}
