//! How files leave the house.

use platform::crash;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use primitives::{AgreementNumber, BankCode, DataSupplierId};

/// Hands files over to banks and payers.
pub trait Channel: Send + Sync {
    /// Hands a file over; when it returns, the recipient has it for good. Called on a thread that may block.
    ///
    /// A file may be handed over more than once, when the program was killed before it could note that it had been: the same key always
    /// comes with the same bytes, and a recipient must count it once.
    ///
    /// # Errors
    /// When the recipient cannot take it now. It is tried again later, each time twice as late; the files of other recipients go on.
    fn hand_over(&self, file: &OutgoingFile, content: &mut dyn Read) -> io::Result<()>;
}

/// A file to hand over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingFile {
    /// Who gets it.
    pub recipient: Recipient,
    /// Its key, which is also its message identification: 1 to 35 letters, digits and hyphens.
    pub key: String,
    /// The message's name, such as `pain.001.001.09`.
    pub message: String,
    /// How many bytes it has. The content ends with an error when it has fewer or more.
    pub bytes: u64,
    /// The number of this attempt to hand it over, from 1. An earlier one whose worker has fallen behind may still be under way.
    pub attempt: u64,
}

/// Who gets a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A bank: the file is a pain.001, or a camt.055.
    Bank(BankCode),
    /// A payer: the file is a pain.002, a camt.029 or an admi.002.
    Payer(AgreementNumber),
    /// A data supplier, where a delivery did not tell its payer: the file is an admi.002 or a pain.002.
    Supplier(DataSupplierId),
}

/// A folder as the outside world: `bank/<code>/<key>.xml` and `reports/<agreement or data supplier>/<key>.xml`.
///
/// A file appears whole under its name or not at all, and is on disk when it does.
#[derive(Clone, Debug)]
pub struct DirectoryChannel {
    root: PathBuf,
}

impl DirectoryChannel {
    /// The channel that writes below this folder, which is made when it is not there.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of a recipient. Codes may hold a slash, which a folder's name cannot.
    fn folder(&self, recipient: &Recipient) -> PathBuf {
        let (kind, name) = match recipient {
            Recipient::Bank(code) => ("bank", code.as_str().to_owned()),
            Recipient::Payer(agreement) => ("reports", agreement.digits().to_owned()),
            Recipient::Supplier(id) => ("reports", id.as_str().to_owned()),
        };
        let name = name.replace('/', "%2F");
        // "." and ".." are codes too, but no folders of ours.
        let name = if name.starts_with('.') { name.replacen('.', "%2E", 1) } else { name };
        self.root.join(kind).join(name)
    }
}

impl Channel for DirectoryChannel {
    fn hand_over(&self, file: &OutgoingFile, content: &mut dyn Read) -> io::Result<()> {
        let folder = self.folder(&file.recipient);
        fs::create_dir_all(&folder)?;
        // Of its own for each attempt: two that write at once must not write into one file.
        let partial = |attempt: u64| folder.join(format!(".{}.{attempt}.partial", file.key));
        (1..file.attempt)
            .map(partial)
            .chain([folder.join(format!(".{}.partial", file.key))])
            .try_for_each(|left| remove(&left))?;
        let partial = partial(file.attempt);
        write_durably(&partial, content)?;
        crash::point("mediation.send.partial_written");
        fs::rename(&partial, folder.join(format!("{}.xml", file.key)))?;
        for ancestor in folder.ancestors().take_while(|ancestor| ancestor.starts_with(&self.root)) {
            File::open(ancestor)?.sync_all()?;
        }
        Ok(())
    }
}

/// Removes what an earlier attempt has left, if it has.
fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

fn write_durably(path: &Path, content: &mut dyn Read) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(256 * 1024, File::create(path)?);
    io::copy(content, &mut file)?;
    file.flush()?;
    file.get_ref().sync_all()
}

/// A reader that fails where its source has fewer or more bytes than stated.
pub(crate) struct Exactly<R> {
    source: R,
    left: u64,
}

impl<R> Exactly<R> {
    pub fn new(source: R, bytes: u64) -> Self {
        Self { source, left: bytes }
    }
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        if read == 0 && !into.is_empty() && self.left > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let count = u64::try_from(read).map_err(io::Error::other)?;
        self.left = self.left.checked_sub(count).ok_or_else(|| io::Error::other("the content is longer than stated"))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test's own, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("nemkonto-channel-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn file(recipient: Recipient) -> OutgoingFile {
        OutgoingFile { recipient, key: "NKB-1-261201-1".to_owned(), message: "pain.001.001.09".to_owned(), bytes: 3, attempt: 1 }
    }

    #[test]
    fn files_stand_under_their_recipient_and_again_is_the_same() {
        let folder = Folder::new("recipients");
        let channel = DirectoryChannel::new(&folder.0);
        for (recipient, path) in [
            (Recipient::Bank(BankCode::parse("8079").unwrap()), "bank/8079"),
            (Recipient::Bank(BankCode::parse("../x").unwrap()), "bank/%2E.%2Fx"),
            (Recipient::Payer(AgreementNumber::parse("12345678").unwrap()), "reports/12345678"),
            (Recipient::Supplier(DataSupplierId::parse("KMD").unwrap()), "reports/KMD"),
        ] {
            for _ in 0..2 {
                channel.hand_over(&file(recipient.clone()), &mut &b"<a>"[..]).unwrap();
            }
            let folder = folder.0.join(path);
            assert_eq!(fs::read(folder.join("NKB-1-261201-1.xml")).unwrap(), b"<a>");
            assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing else is left behind");
        }
    }

    /// The halves of a content; between them another sender begins to write the same file, and waits in the middle.
    struct Overtaken<'c> {
        halves: Vec<&'c [u8]>,
        between: Option<Box<dyn FnOnce() + 'c>>,
    }

    impl Read for Overtaken<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.halves.len() == 1
                && let Some(between) = self.between.take()
            {
                between();
            }
            let Some(half) = self.halves.first_mut() else { return Ok(0) };
            let read = half.read(into)?;
            if half.is_empty() {
                self.halves.remove(0);
            }
            Ok(read)
        }
    }

    #[test]
    fn two_senders_of_one_file_do_not_write_into_each_other_s() {
        let folder = Folder::new("overtaken");
        let channel = DirectoryChannel::new(&folder.0);
        let content = vec![b'x'; 1 << 20];
        let first = file(Recipient::Bank(BankCode::parse("8079").unwrap()));
        let second = OutgoingFile { attempt: 2, ..first.clone() };
        let whole = |when: &str| {
            let found = fs::read(folder.0.join("bank/8079/NKB-1-261201-1.xml")).unwrap();
            assert!(found == content, "{when} the file is not whole");
        };
        let halves = || content.chunks(1 << 19).collect::<Vec<_>>();
        std::thread::scope(|scope| {
            let (begun_in, begun) = std::sync::mpsc::channel();
            let (finish, finish_out) = std::sync::mpsc::channel::<()>();
            let (channel_2, second, halves_2) = (&channel, &second, halves());
            let overtake = move || {
                scope.spawn(move || {
                    let wait = move || {
                        begun_in.send(()).unwrap();
                        finish_out.recv().unwrap();
                    };
                    let mut content = Overtaken { halves: halves_2, between: Some(Box::new(wait)) };
                    channel_2.hand_over(second, &mut content)
                });
                begun.recv().unwrap();
            };
            // The second has swept the first's away, so the first cannot finish.
            let _ = channel.hand_over(&first, &mut Overtaken { halves: halves(), between: Some(Box::new(overtake)) });
            if folder.0.join("bank/8079/NKB-1-261201-1.xml").exists() {
                whole("after the first");
            }
            finish.send(()).unwrap();
        });
        whole("after the second");
        assert_eq!(fs::read_dir(folder.0.join("bank/8079")).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn what_earlier_attempts_have_left_is_swept() {
        let folder = Folder::new("swept");
        let channel = DirectoryChannel::new(&folder.0);
        let bank = folder.0.join("bank/8079");
        fs::create_dir_all(&bank).unwrap();
        for left in ["1.partial", "2.partial", "partial"] {
            fs::write(bank.join(format!(".NKB-1-261201-1.{left}")), "<").unwrap();
        }
        let third = OutgoingFile { attempt: 3, ..file(Recipient::Bank(BankCode::parse("8079").unwrap())) };
        channel.hand_over(&third, &mut &b"<a>"[..]).unwrap();
        assert_eq!(fs::read_dir(bank).unwrap().count(), 1);
    }

    #[test]
    fn a_cut_content_never_appears_under_its_name() {
        let folder = Folder::new("cut");
        let channel = DirectoryChannel::new(&folder.0);
        let outgoing = file(Recipient::Bank(BankCode::parse("8079").unwrap()));
        for content in [&b"<a"[..], b"<a>b"] {
            assert!(channel.hand_over(&outgoing, &mut Exactly::new(content, outgoing.bytes)).is_err());
        }
        assert!(!folder.0.join("bank/8079/NKB-1-261201-1.xml").exists());
    }
}
