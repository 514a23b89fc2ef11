//! The access log.

use contracts::{Actor, Context, LegalBasis, Purpose};
use platform::access_log::{AccessRecord, append, push_subject};
use platform::seal::{KeyRing, Sealer};
use platform::testing::TestDatabase;
use primitives::AgreementNumber;
use uuid::Uuid;

use crate::houses::first;

#[tokio::test]
async fn a_call_leaves_one_row_without_numbers() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let sealer = Sealer::new(&KeyRing::for_tests(), "first");
    let mut subjects = Vec::new();
    for number in [b"0101901234", b"0202901234"] {
        push_subject(&mut subjects, &sealer.seal("cpr", number));
    }
    let context = Context {
        actor: Actor::House { name: "mediation".into() },
        on_behalf_of: Some(AgreementNumber::parse("12345678").unwrap()),
        legal_basis: LegalBasis::new("lov 696/2025 § 1").unwrap(),
        purpose: Purpose::new("payout").unwrap(),
        trace: Uuid::from_u128(5),
    };
    let at = "2026-01-02T03:04:05Z".parse().unwrap();
    let record = AccessRecord { at, context: &context, operation: "resolve", subjects: &subjects };
    let mut connection = house.pool().acquire().await.unwrap();
    assert_eq!(append(&mut connection, "first", &record).await.unwrap(), 1);
    let query = "select concat_ws('|', at at time zone 'UTC', actor, on_behalf_of, legal_basis, purpose, operation, octet_length(subjects))
        from first.access_log";
    let row: String = sqlx::query_scalar(query).fetch_one(&mut *connection).await.unwrap();
    assert_eq!(row, "2026-01-02 03:04:05|house:mediation|12345678|lov 696/2025 § 1|payout|resolve|34");
    let second = sealer.seal("cpr", b"0202901234");
    assert_eq!(&subjects[17..], &second[..17], "a person is found by the key of the number");
}
