//! Money that comes back: payments a bank has executed, and that the payee's bank has sent back. Told by a camt.054.

use std::io::{self, Write};

use super::Banks;
use crate::dice::mix;
use crate::markup::Markup;
use crate::scan::{AccountIn, BlockHead, Row};

/// Why the payee's bank sends money back: the account is closed, or blocked.
const REASONS: [&str; 2] = ["AC04", "AC06"];
/// Makes the draw of returns another than that of refusals.
const OTHER_DRAW: u64 = 0x0052_6574_7572_6e73;

/// What has come back of a bank's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returns {
    message_id: String,
    message_name: String,
    created: String,
    /// By block, in the order of the file.
    rows: Vec<Returned>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Returned {
    block: String,
    account: AccountIn,
    instruction: String,
    reference: String,
    currency: String,
    amount: String,
    reason: &'static str,
}

impl Banks {
    /// Why an executed payment comes back; `None` when it stays.
    pub(super) fn return_reason(&self, row: &Row) -> Option<&'static str> {
        let key = row.account.key().filter(|key| !self.sound.contains(key))?;
        let start = mix(self.seed ^ OTHER_DRAW ^ row.amount?.steps().unsigned_abs());
        let drawn = key.as_str().bytes().fold(start, |drawn, byte| mix(drawn ^ u64::from(byte)));
        let reason = usize::try_from(drawn / 10_000 % REASONS.len() as u64).expect("below the length of a table");
        (drawn % 10_000 < u64::from(self.returned_per_10_000)).then_some(REASONS[reason])
    }
}

impl Returns {
    pub(super) fn of_file(message_id: &str, message_name: &str, created: &str) -> Self {
        let owned = str::to_owned;
        Self { message_id: owned(message_id), message_name: owned(message_name), created: owned(created), rows: Vec::new() }
    }

    pub(super) fn add(&mut self, block: &BlockHead, row: &Row, reason: &'static str) {
        let Some(amount) = row.amount else { return };
        self.rows.push(Returned {
            block: block.id.clone(),
            account: block.debtor_account.clone(),
            instruction: row.instruction.clone(),
            reference: row.reference.clone(),
            currency: row.currency.clone(),
            amount: amount.to_string(),
            reason,
        });
    }

    /// How many payments have come back.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Writes the notification: camt.054.001.02 of a file of version 03, else camt.054.001.08.
    ///
    /// # Errors
    /// What the output answers.
    pub fn write<W: Write>(&self, out: W) -> io::Result<W> {
        let is_old = self.message_name.ends_with(".03");
        let version = if is_old { "02" } else { "08" };
        let mut markup = Markup::document(out, &format!("urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}"))?;
        markup.open("BkToCstmrDbtCdtNtfctn")?;
        let id = self.message_id.bytes().fold(3, |id, byte| mix(id ^ u64::from(byte)));
        markup.within(&["GrpHdr"], |markup| {
            markup.leaf("MsgId", &format!("RETUR-{id:016X}"))?;
            markup.leaf("CreDtTm", &self.created)
        })?;
        for (place, rows) in self.rows.chunk_by(|one, next| one.block == next.block).enumerate() {
            markup.open("Ntfctn")?;
            markup.leaf("Id", &format!("RETUR-{id:016X}-{}", place + 1))?;
            markup.leaf("CreDtTm", &self.created)?;
            rows[0].write_account(&mut markup)?;
            for row in rows {
                row.write(&mut markup, &self.message_id, is_old)?;
            }
            markup.close()?;
        }
        markup.finish()
    }
}

impl Returned {
    fn write_account<W: Write>(&self, markup: &mut Markup<W>) -> io::Result<()> {
        markup.within(&["Acct", "Id"], |markup| match &self.account {
            AccountIn::Iban(iban) => markup.leaf("IBAN", iban),
            AccountIn::Other { number, .. } => markup.within(&["Othr"], |markup| markup.leaf("Id", number)),
            AccountIn::None => markup.within(&["Othr"], |markup| markup.leaf("Id", "NOTPROVIDED")),
        })
    }

    fn write<W: Write>(&self, markup: &mut Markup<W>, message_id: &str, is_old: bool) -> io::Result<()> {
        markup.within(&["Ntry"], |markup| {
            markup.amount("Amt", &self.currency, &self.amount)?;
            markup.leaf("CdtDbtInd", "CRDT")?;
            if is_old {
                markup.leaf("Sts", "BOOK")?;
            } else {
                markup.within(&["Sts"], |markup| markup.leaf("Cd", "BOOK"))?;
            }
            markup.within(&["BkTxCd", "Domn"], |markup| {
                markup.leaf("Cd", "PMNT")?;
                markup.within(&["Fmly"], |markup| {
                    markup.leaf("Cd", "ICDT")?;
                    markup.leaf("SubFmlyCd", "RRTN")
                })
            })?;
            markup.within(&["NtryDtls", "TxDtls"], |markup| {
                markup.within(&["Refs"], |markup| {
                    markup.leaf("MsgId", message_id)?;
                    markup.leaf("PmtInfId", &self.block)?;
                    markup.leaf("InstrId", &self.instruction)?;
                    markup.leaf("EndToEndId", &self.reference)
                })?;
                markup.within(&["RtrInf", "Rsn"], |markup| markup.leaf("Cd", self.reason))
            })
        })
    }
}
