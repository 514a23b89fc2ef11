//! A part: records side by side in one row.

use super::Record;

/// A row of a part fills a page of 8 KB and is never moved out of line: the column's storage is `plain`.
const PART_BYTES: usize = 8_000;

/// Bytes of a key.
const KEY: usize = size_of::<i64>();

/// Records of `VALUE` bytes and their key in a full part.
pub(super) const fn records_a_part(value: usize) -> usize {
    PART_BYTES / (KEY + value)
}

/// Appends the records' bytes.
pub(super) fn encode<const VALUE: usize>(records: &[Record<VALUE>], into: &mut Vec<u8>) {
    for record in records {
        into.extend_from_slice(&record.key.to_be_bytes());
        into.extend_from_slice(&record.value);
    }
}

/// A stored part.
#[derive(Debug)]
pub(super) struct Part<const VALUE: usize> {
    bytes: Vec<u8>,
}

impl<const VALUE: usize> Part<VALUE> {
    /// The part with these bytes.
    pub fn read(bytes: Vec<u8>) -> Result<Self, sqlx::Error> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(KEY + VALUE) {
            return Err(sqlx::Error::Decode("a part of a run does not hold whole records".into()));
        }
        Ok(Self { bytes })
    }

    pub fn len(&self) -> usize {
        self.bytes.len() / (KEY + VALUE)
    }

    /// The record in `place`, if the part has so many.
    pub fn get(&self, place: usize) -> Option<Record<VALUE>> {
        let bytes = self.bytes.get(place * (KEY + VALUE)..)?;
        let (key, rest) = bytes.split_first_chunk()?;
        Some(Record { key: i64::from_be_bytes(*key), value: *rest.first_chunk()? })
    }

    /// The records with the key.
    pub fn with_key(&self, key: i64) -> impl Iterator<Item = Record<VALUE>> {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            if self.get(middle).is_some_and(|record| record.key < key) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        (from..).map_while(|place| self.get(place)).take_while(move |record| record.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_and_are_found_by_key() {
        let records: Vec<Record<2>> =
            [i64::MIN, -7, -7, 0, 0, 0, 5, i64::MAX].into_iter().zip(0..).map(|(key, n)| Record { key, value: [n, 9] }).collect();
        let mut bytes = Vec::new();
        encode(&records, &mut bytes);
        assert_eq!(bytes[10..20], [255, 255, 255, 255, 255, 255, 255, 249, 1, 9], "as SQL's int8send writes it");
        let part = Part::read(bytes).unwrap();
        assert_eq!((0..=8).map_while(|place| part.get(place)).collect::<Vec<_>>(), records);
        for key in [i64::MIN, i64::MIN + 1, -8, -7, -6, -1, 0, 1, 5, 6, i64::MAX] {
            let expect: Vec<_> = records.iter().copied().filter(|record| record.key == key).collect();
            assert_eq!(part.with_key(key).collect::<Vec<_>>(), expect, "{key}");
        }
    }

    #[test]
    fn a_torn_part_is_refused() {
        for length in [0, 1, 15, 17] {
            assert!(Part::<8>::read(vec![0; length]).is_err(), "{length}");
        }
    }
}
