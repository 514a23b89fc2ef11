//! Reading credit transfers (pain.001, any version): those of payers and those to banks.

use std::io::{self, BufRead};

use jiff::civil::Date;

use super::ScanError;
use super::account::AccountKey;
use super::decimal::Fine;
use super::elements::{Elements, Step};

/// The group header.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) message_name: String,
    pub(crate) message_id: String,
    pub(crate) created: String,
    pub(crate) payments: Option<u64>,
    pub(crate) sum: Option<Fine>,
    /// The initiator's agreement number, where one is given.
    pub(crate) agreement: Option<String>,
    /// Whether the initiator is named by a CVR number.
    pub(crate) names_company: bool,
    /// The initiator's number that is being read.
    number: String,
}

/// A `PmtInf` up to its first payment.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockHead {
    pub(crate) id: String,
    pub(crate) payments: Option<u64>,
    pub(crate) sum: Option<Fine>,
    pub(crate) date: Option<Date>,
    pub(crate) benefit: Option<String>,
    pub(crate) debtor_account: AccountIn,
    /// The BIC of the debtor's bank; empty when it is not given.
    pub(crate) debtor_bank: String,
}

/// What stands in an account's place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum AccountIn {
    /// Nothing.
    #[default]
    None,
    /// An IBAN, right or wrong.
    Iban(String),
    /// A number with its scheme; the scheme is empty when it has none.
    Other { number: String, scheme: String },
}

impl AccountIn {
    /// The account's key; none when there is no account.
    pub(crate) fn key(&self) -> Option<AccountKey> {
        match self {
            Self::None => None,
            Self::Iban(iban) => Some(AccountKey::of_iban(iban)),
            Self::Other { number, scheme } => Some(AccountKey::of_number(number, scheme)),
        }
    }

    /// Whether it can be an account at all: a right IBAN, or some number.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::None => false,
            Self::Iban(iban) => super::account::iban_checks(iban),
            Self::Other { number, .. } => !number.is_empty(),
        }
    }
}

/// A number of the payee with its scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NumberIn {
    pub(crate) number: String,
    pub(crate) scheme: String,
}

/// A payment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) instruction: String,
    pub(crate) reference: String,
    pub(crate) amount: Option<Fine>,
    pub(crate) currency: String,
    pub(crate) numbers: Vec<NumberIn>,
    pub(crate) account: AccountIn,
    pub(crate) benefit: Option<String>,
}

/// Takes what is read, in the order of the file.
pub(crate) trait CreditTransfers {
    /// The group header has been read.
    fn group(&mut self, group: &Group) -> io::Result<()>;
    /// A block begins; its rows follow.
    fn block(&mut self, block: &BlockHead) -> io::Result<()>;
    /// A payment has been read.
    fn row(&mut self, row: &Row) -> io::Result<()>;
    /// The block's last payment has been read.
    fn block_end(&mut self) -> io::Result<()>;
}

const GROUP: &str = "/Document/CstmrCdtTrfInitn/GrpHdr";
const BLOCK: &str = "/Document/CstmrCdtTrfInitn/PmtInf";
const ROW: &str = "/Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf";
/// An alias of an account, in a payment: it may be a payee's number.
const ALIAS: &str = "/CdtrAcct/Prxy";

/// Reads a file to its end.
pub(crate) fn scan_pain001(input: impl BufRead, out: &mut impl CreditTransfers) -> Result<(), ScanError> {
    let mut elements = Elements::new(input);
    let (mut group, mut block, mut row) = (Group::default(), BlockHead::default(), Row::default());
    let mut block_given = false;
    loop {
        match elements.step()? {
            Step::Done => return Ok(()),
            Step::Begin if elements.path() == BLOCK => {
                block = BlockHead::default();
                block_given = false;
            }
            Step::Begin if elements.path() == ROW => {
                if !std::mem::replace(&mut block_given, true) {
                    out.block(&block)?;
                }
                row.clear();
            }
            Step::Begin => row.begin(elements.path().strip_prefix(ROW)),
            Step::End => {
                let (path, text) = (elements.path(), elements.text());
                if path == ROW {
                    out.row(&row)?;
                } else if let Some(rest) = path.strip_prefix(ROW) {
                    row.leaf(rest, text, elements.currency());
                } else if path == BLOCK {
                    out.block_end()?;
                } else if let Some(rest) = path.strip_prefix(BLOCK) {
                    block.leaf(rest, text);
                } else if path == GROUP {
                    elements.message_name().clone_into(&mut group.message_name);
                    out.group(&group)?;
                } else if let Some(rest) = path.strip_prefix(GROUP) {
                    group.leaf(rest, text);
                }
            }
        }
    }
}

impl Group {
    fn leaf(&mut self, path: &str, text: &str) {
        match path {
            "/MsgId" => text.clone_into(&mut self.message_id),
            "/CreDtTm" => text.clone_into(&mut self.created),
            "/NbOfTxs" => self.payments = text.parse().ok(),
            "/CtrlSum" => self.sum = Fine::parse(text),
            "/InitgPty/Id/OrgId/Othr/Id" => text.clone_into(&mut self.number),
            "/InitgPty/Id/OrgId/Othr/SchmeNm/Prtry" if text == "NKS" => self.agreement = Some(self.number.clone()),
            "/InitgPty/Id/OrgId/Othr/SchmeNm/Prtry" => self.names_company |= text == "CVR",
            "/InitgPty/Id/OrgId/Othr/SchmeNm/Cd" => self.names_company |= text == "COID",
            _ => {}
        }
    }
}

impl BlockHead {
    fn leaf(&mut self, path: &str, text: &str) {
        match path {
            "/PmtInfId" => text.clone_into(&mut self.id),
            "/NbOfTxs" => self.payments = text.parse().ok(),
            "/CtrlSum" => self.sum = Fine::parse(text),
            "/ReqdExctnDt" if self.date.is_none() => self.date = text.parse().ok(),
            "/ReqdExctnDt/Dt" => self.date = text.parse().ok(),
            "/ReqdExctnDt/DtTm" => self.date = text.get(..10).and_then(|day| day.parse().ok()),
            "/PmtTpInf/CtgyPurp/Prtry" => self.benefit = Some(text.to_owned()),
            "/DbtrAcct/Id/IBAN" => self.debtor_account = AccountIn::Iban(text.to_owned()),
            "/DbtrAgt/FinInstnId/BIC" | "/DbtrAgt/FinInstnId/BICFI" => text.clone_into(&mut self.debtor_bank),
            _ => number_leaf(path, "/DbtrAcct/Id/Othr", text, &mut self.debtor_account),
        }
    }
}

impl Row {
    fn clear(&mut self) {
        self.instruction.clear();
        self.reference.clear();
        self.amount = None;
        self.currency.clear();
        self.numbers.clear();
        self.account = AccountIn::None;
        self.benefit = None;
    }

    fn begin(&mut self, path: Option<&str>) {
        if let Some("/Cdtr/Id/PrvtId/Othr" | "/Cdtr/Id/OrgId/Othr" | ALIAS) = path {
            self.numbers.push(NumberIn::default());
        }
    }

    fn leaf(&mut self, path: &str, text: &str, currency: &str) {
        match path {
            "/PmtId/InstrId" => text.clone_into(&mut self.instruction),
            "/PmtId/EndToEndId" => text.clone_into(&mut self.reference),
            "/Amt/InstdAmt" => {
                self.amount = Fine::parse(text);
                currency.clone_into(&mut self.currency);
            }
            "/Purp/Prtry" => self.benefit = Some(text.to_owned()),
            "/CdtrAcct/Id/IBAN" => self.account = AccountIn::Iban(text.to_owned()),
            _ if path.starts_with("/CdtrAcct") && !path.starts_with(ALIAS) => {
                number_leaf(path, "/CdtrAcct/Id/Othr", text, &mut self.account)
            }
            _ => self.creditor_leaf(path, text),
        }
    }

    fn creditor_leaf(&mut self, path: &str, text: &str) {
        let prefixes = ["/Cdtr/Id/PrvtId/Othr", "/Cdtr/Id/OrgId/Othr", ALIAS];
        let other = prefixes.iter().find_map(|prefix| path.strip_prefix(prefix));
        let (Some(part), Some(number)) = (other, self.numbers.last_mut()) else { return };
        match part {
            "/Id" => text.clone_into(&mut number.number),
            "/SchmeNm/Cd" | "/SchmeNm/Prtry" | "/Tp/Cd" | "/Tp/Prtry" => text.clone_into(&mut number.scheme),
            _ => {}
        }
    }
}

/// A leaf of a number in an account's place.
fn number_leaf(path: &str, prefix: &str, text: &str, account: &mut AccountIn) {
    match (path.strip_prefix(prefix), &mut *account) {
        (Some("/Id"), _) => *account = AccountIn::Other { number: text.to_owned(), scheme: String::new() },
        (Some("/SchmeNm/Cd" | "/SchmeNm/Prtry"), AccountIn::Other { scheme, .. }) => text.clone_into(scheme),
        _ => {}
    }
}
