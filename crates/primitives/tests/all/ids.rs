use primitives::{DeliveryId, FeedPosition, HolderRef, LegRef, PaymentRef, RefError};
use proptest::prelude::*;
use uuid::Uuid;

/// The characters of a bank reference that follow the 8-digit agreement number.
const FREE_CHARACTERS: usize = 27;

#[test]
fn ids_are_written_as_their_values() {
    assert_eq!(DeliveryId::new(42).to_string(), "42");
    assert_eq!("42".parse(), Ok(DeliveryId(42)));
    assert_eq!(FeedPosition(7).get(), 7);
    assert!(FeedPosition(7) < FeedPosition(8));
    assert!("x".parse::<DeliveryId>().is_err());
    let holder = HolderRef::from(Uuid::from_u128(1));
    assert_eq!(holder.to_string(), "00000000-0000-0000-0000-000000000001");
    assert_eq!(holder.to_string().parse(), Ok(holder));
    assert_eq!(Uuid::from(holder), Uuid::from_u128(1));
}

#[test]
fn references_have_short_texts() {
    let check = |leg: LegRef, expect: &str| {
        assert_eq!(leg.to_string(), expect);
        assert_eq!(expect.parse(), Ok(leg));
    };
    check(PaymentRef::new(0, 0).leg(0), "P-0-0/0");
    check(PaymentRef::new(35, 36).leg(1), "P-Z-10/1");
    check(PaymentRef::new(i64::MAX, i32::MAX).leg(i16::MAX), "P-1Y2P0IJ32E8E7-ZIK0ZJ/PA7");
}

#[test]
fn refuses_other_spellings() {
    for text in [
        "",
        "P",
        "P-",
        "P-1",
        "P-1-",
        "P--1-1",
        "P-01-1",
        "P-1-00",
        "p-1-1",
        "P-a-1",
        "P-1-1-1",
        "P-1-1 ",
        "P-+1-1",
        "P-1Y2P0IJ32E8E8-0",
        "P-0-ZIK0ZK",
    ] {
        assert_eq!(text.parse::<PaymentRef>(), Err(RefError), "{text}");
    }
    for text in ["P-1-1", "P-1-1/", "P-1-1/01", "P-1-1/PA8", "P-1-1/1/1", "/1"] {
        assert_eq!(text.parse::<LegRef>(), Err(RefError), "{text}");
    }
}

#[test]
fn a_negative_reference_has_a_text_that_nobody_reads() {
    let text = PaymentRef::new(i64::MIN, -1).to_string();
    assert_eq!(text, "P--1Y2P0IJ32E8E8--1");
    assert_eq!(text.parse::<PaymentRef>(), Err(RefError));
}

proptest! {
    #[test]
    fn every_reference_reads_back_and_fits(slice in 0..=i64::MAX, row in 0..=i32::MAX, leg in 0..=i16::MAX) {
        let reference = PaymentRef::new(slice, row).leg(leg);
        let text = reference.to_string();
        prop_assert!(text.len() <= FREE_CHARACTERS);
        prop_assert_eq!(text.parse(), Ok(reference));
        prop_assert_eq!(reference.payment.to_string().parse(), Ok(reference.payment));
    }

    #[test]
    fn whatever_is_read_is_written_the_same(text in "P-[0-9A-Z]{0,14}-[0-9A-Z]{0,7}(/[0-9A-Z]{0,4})?") {
        if let Ok(payment) = text.parse::<PaymentRef>() {
            prop_assert_eq!(payment.to_string(), text.clone());
        }
        if let Ok(leg) = text.parse::<LegRef>() {
            prop_assert_eq!(leg.to_string(), text);
        }
    }
}
