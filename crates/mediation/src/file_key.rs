//! The keys of what we send: functions of what they name, so that a repeated attempt gives the same key, and at most 35 characters, the
//! limit of ISO 20022's `Max35Text`.

use jiff::civil::Date;
use primitives::DeliveryId;

const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The key of the bank file with this place among the files of a disposal. Its message identification (MsgId).
pub(crate) fn bank_file_key(delivery: DeliveryId, due: Date, place: usize) -> String {
    keyed("NKB", delivery, due, place)
}

/// The key of the batch with this place among the batches of a disposal. Its payment information identification (PmtInfId).
pub(crate) fn batch_key(delivery: DeliveryId, due: Date, place: usize) -> String {
    keyed("NKP", delivery, due, place)
}

/// The key of the report that tells these tasks, the first and the last.
pub(crate) fn report_key(first_task: i64, last_task: i64) -> String {
    format!("NKR-{}-{}", base_36(first_task.unsigned_abs()), base_36(last_task.unsigned_abs()))
}

/// The key of the file by which a recall asks the bank with this place among its banks. Its message identification, and its case.
pub(crate) fn recall_file_key(recall: DeliveryId, place: usize) -> String {
    format!("NKC-{}-{}", base_36(recall.get().unsigned_abs()), place + 1)
}

fn keyed(kind: &str, delivery: DeliveryId, due: Date, place: usize) -> String {
    // A delivery's day lies within a year of its arrival, so two digits of the year are enough to tell its days apart.
    let day = format!("{:02}{:02}{:02}", due.year().rem_euclid(100), due.month(), due.day());
    format!("{kind}-{}-{day}-{}", base_36(delivery.get().unsigned_abs()), place + 1)
}

/// The shortest upper-case text of a number: at most 13 characters.
fn base_36(mut number: u64) -> String {
    let mut text = Vec::with_capacity(13);
    loop {
        let digit = usize::try_from(number % 36).expect("a remainder of 36 is small");
        text.push(char::from(DIGITS[digit]));
        number /= 36;
        if number == 0 {
            return text.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn keys_tell_what_they_name() {
        assert_eq!(bank_file_key(DeliveryId::new(1), date(2026, 12, 1), 0), "NKB-1-261201-1");
        assert_eq!(batch_key(DeliveryId::new(36), date(2026, 12, 1), 9), "NKP-10-261201-10");
        assert_eq!(report_key(35, 1296), "NKR-Z-100");
    }

    #[test]
    fn the_longest_keys_fit() {
        let delivery = DeliveryId::new(i64::MAX);
        for key in [
            bank_file_key(delivery, date(2099, 12, 31), 999_999_999),
            batch_key(delivery, date(2099, 12, 31), 999_999_998),
            report_key(i64::MAX, i64::MAX),
            recall_file_key(delivery, 999_999_999),
        ] {
            assert!(key.len() <= 35, "{key}");
        }
    }
}
