//! Looking for personal numbers and accounts where none may stand.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use primitives::{Account, Identifier};
use simulation::World;

use super::files_below;

/// The length of a CPR number, a P number, and the number of a Danish account.
const DIGITS: usize = 10;
/// The shortest account number that is looked for: shorter ones occur by chance.
const SHORTEST_ACCOUNT: usize = 9;

/// Everything that would give somebody away.
#[derive(Debug, Default)]
pub struct Planted {
    /// Numbers of ten digits: looked for inside longer runs of digits, too.
    digits: HashSet<Vec<u8>>,
    /// IBANs and foreign account numbers: whole words.
    words: HashSet<Vec<u8>>,
}

impl Planted {
    /// The numbers and accounts of everybody in a Denmark, those in its payers' files, and the accounts in the files to its banks.
    pub fn of(world: &World, out: &Path) -> Self {
        let mut planted = Self::default();
        for identifier in world.holders().flat_map(|holder| holder.identifiers) {
            if let Identifier::Cpr(_) | Identifier::P(_) = identifier {
                planted.digits.insert(identifier.canonical().as_bytes().to_vec());
            }
        }
        for designation in world.designations() {
            planted.account(&designation.account);
        }
        for (_, file) in files_below(&out.join("in")) {
            let file = std::fs::read(file).unwrap();
            let numbers = words(&file).filter(|word| word.len() == DIGITS && word.iter().all(u8::is_ascii_digit));
            planted.digits.extend(numbers.map(<[u8]>::to_vec));
            planted.take_accounts(&file);
        }
        for (_, file) in files_below(&out.join("bank")) {
            planted.take_accounts(&std::fs::read(file).unwrap());
        }
        assert!(planted.digits.len() > 400 && planted.words.len() > 100, "{} and {}", planted.digits.len(), planted.words.len());
        planted
    }

    fn account(&mut self, account: &Account) {
        match account {
            Account::Danish(danish) => {
                self.digits.insert(danish.number().as_bytes().to_vec());
                self.words.insert(danish.to_iban().as_str().as_bytes().to_vec());
            }
            Account::Iban { iban, .. } => {
                self.words.insert(iban.as_str().as_bytes().to_vec());
            }
            Account::Foreign(foreign) if foreign.number().len() >= SHORTEST_ACCOUNT => {
                self.words.insert(foreign.number().as_bytes().to_vec());
            }
            Account::Foreign(_) => {}
        }
    }

    /// Every word in an IBAN's place.
    fn take_accounts(&mut self, file: &[u8]) {
        for rest in String::from_utf8_lossy(file).split("<IBAN>").skip(1) {
            self.words.insert(rest.split('<').next().unwrap_or_default().as_bytes().to_vec());
        }
    }

    /// One of them, to be planted.
    pub fn any_number(&self) -> &str {
        std::str::from_utf8(self.digits.iter().min().unwrap()).unwrap()
    }

    /// One of them, to be planted.
    pub fn any_account(&self) -> &str {
        std::str::from_utf8(self.words.iter().min().unwrap()).unwrap()
    }

    /// Whether one of them stands in the bytes as text: whole, inside a longer number, or written as `DDMMYY-NNNN`.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        let mut previous: &[u8] = &[];
        for word in words(bytes) {
            let is_second_half = word.len() == 4 && previous.len() == 6 && follows(bytes, previous, word);
            if is_second_half && self.digits.contains(&[previous, word].concat()) {
                return true;
            }
            let in_digits = word
                .split(|byte| !byte.is_ascii_digit())
                .filter(|run| run.len() >= DIGITS)
                .any(|run| run.windows(DIGITS).any(|number| self.digits.contains(number)));
            if in_digits || self.words.contains(word) {
                return true;
            }
            previous = word;
        }
        false
    }

    /// The files below a folder that hold one of them.
    pub fn files_below(&self, folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read(&path).is_ok_and(|bytes| self.is_in(&bytes)) {
                    found.push(path);
                }
            }
        }
        found
    }
}

/// The runs of letters and digits.
fn words(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether `second` stands right behind `first` and a hyphen or space.
fn follows(bytes: &[u8], first: &[u8], second: &[u8]) -> bool {
    let place = |part: &[u8]| part.as_ptr() as usize - bytes.as_ptr() as usize;
    let between = place(first) + first.len();
    place(second) == between + 1 && matches!(bytes[between], b'-' | b' ')
}
