//! Texts as hashes: what is kept of a reference or account, so that millions fit in memory and nothing personal stays.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read};
use std::path::Path;

/// 128 bits of the texts it was made of; two different ones meet by chance once in 10^26 among a trillion pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(u64, u64);

impl Key {
    /// The key of texts, in order.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut hashers = Self::hashers();
        for part in parts {
            for hasher in &mut hashers {
                hasher.write(part.as_bytes());
                hasher.write_u8(0xFF);
            }
        }
        Self(hashers[0].finish(), hashers[1].finish())
    }

    /// The first half: enough where only two values are held against each other, as accounts are.
    pub(super) fn half(self) -> u64 {
        self.0
    }

    /// The key of a file's bytes.
    pub(super) fn of_file(path: &Path) -> io::Result<Self> {
        let (mut file, mut buffer) = (File::open(path)?, vec![0; 1 << 16]);
        let mut hashers = Self::hashers();
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Ok(Self(hashers[0].finish(), hashers[1].finish()));
            }
            for hasher in &mut hashers {
                hasher.write(&buffer[..count]);
            }
        }
    }

    fn hashers() -> [DefaultHasher; 2] {
        let mut hashers = [DefaultHasher::new(), DefaultHasher::new()];
        hashers[1].write_u8(1);
        hashers
    }
}

/// A currency as a small number: its three letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Letters([u8; 3]);

impl Letters {
    pub(super) const DKK: Self = Self(*b"DKK");

    /// The letters of a currency; anything that has not three counts as `XXX`, ISO 4217's "no currency".
    pub(super) fn of(text: &str) -> Self {
        Self(text.as_bytes().try_into().unwrap_or(*b"XXX"))
    }

    pub(super) fn text(self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Decimals of the minor unit by ISO 4217.
    pub(super) fn decimals(self) -> u32 {
        match &self.0 {
            b"ISK" | b"JPY" | b"KRW" | b"CLP" | b"VND" | b"XAF" | b"XOF" | b"XPF" | b"PYG" | b"UGX" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_eq!(Key::of(&["a", "b"]), Key::of(&["a", "b"]));
        assert_ne!(Key::of(&["a", "b"]), Key::of(&["ab"]));
        assert_ne!(Key::of(&["a", "b"]), Key::of(&["b", "a"]));
    }
}
