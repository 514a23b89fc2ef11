//! Writes an extract.

use contracts::Context;
use contracts::register::{ExtractPage, ExtractQuery, ExtractRecord, MAX_RECORDS, RegisterStep};
use jiff::Timestamp;
use primitives::hex;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{FileFault, FirstLine, Header, LastLine, Trailer, VERSION};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The moment it is known at: changes go on from here.
    pub as_known: Timestamp,
    /// Holders.
    pub holders: u64,
    /// Holders known no longer.
    pub removed: u64,
}

/// Writes an extract as known at a moment (the latest, when none is given), or of what has changed since another. Memory does not grow with it.
///
/// # Errors
/// When the register refuses or the bytes cannot be written; what was written then is no extract, since its end is missing.
pub async fn export(
    context: &Context, register: &dyn RegisterStep, (as_known, since): (Option<Timestamp>, Option<Timestamp>),
    out: &mut (dyn AsyncWrite + Unpin + Send),
) -> Result<Exported, FileFault> {
    let limit = u32::try_from(MAX_RECORDS).unwrap_or(u32::MAX);
    let mut query = ExtractQuery { as_known, since, after: None, limit };
    let mut page = register.extract(context, query.clone()).await?;
    let mut exported = Exported { as_known: page.as_known, holders: 0, removed: 0 };
    query.as_known = Some(page.as_known);
    let mut hash = Sha256::new();
    let mut bytes = Vec::new();
    line(&FirstLine { extract: Header { version: VERSION, as_known: page.as_known, since } }, &mut bytes);
    loop {
        let next = page.next.take();
        exported.count(&page);
        page.records.iter().for_each(|record| line(record, &mut bytes));
        hash.update(&bytes);
        // The next page is read while this one is written.
        let reading = async {
            match &next {
                Some(_) => Ok::<_, FileFault>(Some(
                    register.extract(context, ExtractQuery { after: next.clone(), ..query.clone() }).await?,
                )),
                None => Ok(None),
            }
        };
        let writing = async { Ok::<_, FileFault>(out.write_all(&bytes).await?) };
        let (read, ()) = tokio::try_join!(reading, writing)?;
        bytes.clear();
        match read {
            Some(read) => page = read,
            None => break,
        }
    }
    let end = Trailer { holders: exported.holders, removed: exported.removed, sha256: hex::encode(hash.finalize()) };
    line(&LastLine { end }, &mut bytes);
    out.write_all(&bytes).await?;
    out.flush().await?;
    Ok(exported)
}

impl Exported {
    fn count(&mut self, page: &ExtractPage) {
        for record in &page.records {
            match record {
                ExtractRecord::Holder(_) => self.holders += 1,
                ExtractRecord::Removed(_) => self.removed += 1,
            }
        }
    }
}

fn line(value: &impl serde::Serialize, bytes: &mut Vec<u8>) {
    serde_json::to_writer(&mut *bytes, value).expect("its fields are texts, numbers and lists, which JSON has a form for");
    bytes.push(b'\n');
}
