//! Writing a planned file as pain.001.001.03, .09 or .12.

use std::io::{self, Write};

use primitives::IdentifierKind;

use super::amount::Amount;
use super::file::{Block, FilePlan};
use super::order::{GivenAccount, Order};
use crate::denmark::authorities::{AuthoritySpec, NumberStyle, Version};
use crate::markup::Markup;

/// What the namespaces of all messages begin with.
const SCHEMAS: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// Where a written file departs from what it ought to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spoiled {
    /// The group's control sum is too high by one krone.
    pub(crate) wrong_sum: bool,
    /// The file breaks off inside this row.
    pub(crate) breaks_off_at: Option<u64>,
}

/// Writes the file; two passes over its rows, because the sums stand before them.
pub(crate) fn write<W: Write>(plan: &FilePlan<'_>, spoiled: Spoiled, out: W) -> io::Result<W> {
    let mut markup = begin(out, plan.spec(), "pain.001.001", &plan.message_id(), &created(plan))?;
    markup.open("CstmrCdtTrfInitn")?;
    header(&mut markup, plan, spoiled)?;
    for block in &plan.blocks {
        markup.open("PmtInf")?;
        block_header(&mut markup, plan, block)?;
        for row in block.rows.clone() {
            transaction(&mut markup, plan, block, &plan.order(block, row))?;
            if spoiled.breaks_off_at == Some(row) {
                markup.open("CdtTrfTxInf")?;
                markup.open("PmtId")?;
                return markup.break_off();
            }
        }
        markup.close()?;
    }
    markup.finish()
}

impl AuthoritySpec {
    /// The version of a message as the authority writes it: `pain.001.001` is of its own version, `camt.055.001` of the one that goes with it.
    fn version_of(&self, message: &str) -> &'static str {
        match (self.version, message) {
            (Version::V03, "pain.001.001") => "03",
            (Version::V09, "pain.001.001") => "09",
            (Version::V12, "pain.001.001") => "12",
            (Version::V03, _) => "01",
            (Version::V09 | Version::V12, _) => "08",
        }
    }

    /// The authority's name for a message it writes.
    pub(crate) fn message_name(&self, message: &str) -> String {
        format!("{message}.{}", self.version_of(message))
    }
}

/// Begins a message of an authority, in the envelope if it uses one.
pub(super) fn begin<W: Write>(out: W, spec: &AuthoritySpec, message: &str, id: &str, created: &str) -> io::Result<Markup<W>> {
    let name = spec.message_name(message);
    let namespace = format!("{SCHEMAS}{name}");
    if !spec.in_envelope {
        return Markup::document(out, &namespace);
    }
    Markup::in_envelope(out, &format!("{SCHEMAS}head.001.001.02"), &namespace, |header| {
        for (role, party) in [("Fr", spec.name), ("To", "NemKonto")] {
            header.within(&[role, "OrgId"], |header| header.leaf("Nm", party))?;
        }
        header.leaf("BizMsgIdr", id)?;
        header.leaf("MsgDefIdr", &name)?;
        header.leaf("CreDt", created)
    })
}

/// When the authorities make their files.
fn created(plan: &FilePlan<'_>) -> String {
    format!("{}T06:00:00Z", plan.world.today())
}

fn header<W: Write>(markup: &mut Markup<W>, plan: &FilePlan<'_>, spoiled: Spoiled) -> io::Result<()> {
    let rows: u64 = plan.blocks.iter().map(|block| block.rows.end - block.rows.start).sum();
    let sum: Amount = plan.blocks.iter().map(|block| block_sum(plan, block)).sum();
    let sum = if spoiled.wrong_sum { sum.one_more() } else { sum };
    markup.within(&["GrpHdr"], |markup| {
        markup.leaf("MsgId", &plan.message_id())?;
        markup.leaf("CreDtTm", &created(plan))?;
        markup.leaf("NbOfTxs", &rows.to_string())?;
        markup.leaf("CtrlSum", &sum.to_string())?;
        markup.within(&["InitgPty"], |markup| {
            markup.leaf("Nm", plan.spec().name)?;
            markup.within(&["Id", "OrgId"], |markup| proprietary(markup, plan.agreement().digits(), "NKS"))
        })
    })
}

fn block_sum(plan: &FilePlan<'_>, block: &Block) -> Amount {
    block.rows.clone().map(|row| plan.amount(block, row)).sum()
}

fn block_header<W: Write>(markup: &mut Markup<W>, plan: &FilePlan<'_>, block: &Block) -> io::Result<()> {
    markup.leaf("PmtInfId", &block.id)?;
    markup.leaf("PmtMtd", "TRF")?;
    markup.leaf("BtchBookg", if block.batch_booking { "true" } else { "false" })?;
    markup.leaf("NbOfTxs", &(block.rows.end - block.rows.start).to_string())?;
    markup.leaf("CtrlSum", &block_sum(plan, block).to_string())?;
    if let Some(benefit) = block.benefit {
        markup.within(&["PmtTpInf", "CtgyPurp"], |markup| markup.leaf("Prtry", benefit))?;
    }
    if plan.spec().version != Version::V03 {
        markup.within(&["ReqdExctnDt"], |markup| markup.leaf("Dt", &block.date.to_string()))?;
    } else {
        markup.leaf("ReqdExctnDt", &block.date.to_string())?;
    }
    markup.within(&["Dbtr"], |markup| {
        markup.leaf("Nm", plan.spec().name)?;
        markup.within(&["Id", "OrgId"], |markup| {
            proprietary(markup, plan.world.authority_cvr(plan.authority).digits(), "CVR")?;
            proprietary(markup, "1001", "LOS")
        })
    })?;
    let account = plan.world.debtor_account(plan.authority, block.euro);
    markup.within(&["DbtrAcct"], |markup| {
        markup.within(&["Id"], |markup| markup.leaf("IBAN", account.to_iban().as_str()))?;
        markup.leaf("Ccy", currency(block))
    })?;
    let bic = if plan.spec().version == Version::V03 { "BIC" } else { "BICFI" };
    markup.within(&["DbtrAgt", "FinInstnId"], |markup| markup.leaf(bic, plan.world.bank_bic(plan.authority)))
}

fn transaction<W: Write>(markup: &mut Markup<W>, plan: &FilePlan<'_>, block: &Block, order: &Order) -> io::Result<()> {
    let in_account = is_in_account(plan.spec().style, order);
    markup.open("CdtTrfTxInf")?;
    markup.within(&["PmtId"], |markup| {
        markup.leaf("InstrId", &order.reference)?;
        markup.leaf("EndToEndId", &order.reference)
    })?;
    markup.within(&["Amt"], |markup| markup.amount("InstdAmt", currency(block), &order.amount.to_string()))?;
    markup.within(&["Cdtr"], |markup| {
        markup.leaf("Nm", &order.name)?;
        markup.within(&["PstlAdr"], |markup| {
            markup.leaf("StrtNm", &order.address.street)?;
            markup.leaf("PstCd", order.address.postal_code)?;
            markup.leaf("TwnNm", order.address.town)?;
            markup.leaf("Ctry", "DK")
        })?;
        if in_account { Ok(()) } else { numbers(markup, plan.spec().style, order) }
    })?;
    if in_account {
        for (kind, number) in &order.numbers {
            if plan.spec().style == NumberStyle::Alias {
                markup.within(&["CdtrAcct", "Prxy"], |markup| {
                    markup.within(&["Tp"], |markup| markup.leaf("Prtry", kind.as_str()))?;
                    markup.leaf("Id", number)
                })?;
            } else {
                markup.within(&["CdtrAcct", "Id"], |markup| proprietary(markup, number, kind.as_str()))?;
            }
        }
    }
    match &order.account {
        Some(GivenAccount::Iban(iban)) => markup.within(&["CdtrAcct", "Id"], |markup| markup.leaf("IBAN", iban))?,
        Some(GivenAccount::BareDigits(digits)) => {
            markup.within(&["CdtrAcct", "Id", "Othr"], |markup| markup.leaf("Id", digits))?;
        }
        None => {}
    }
    if let Some(benefit) = order.benefit {
        markup.within(&["Purp"], |markup| markup.leaf("Prtry", benefit))?;
    }
    markup.within(&["RmtInf"], |markup| markup.leaf("Ustrd", &order.text))?;
    markup.close()
}

/// Whether the number is written in the account's place: only where it stands alone and no account is given.
fn is_in_account(style: NumberStyle, order: &Order) -> bool {
    let alone = matches!(order.numbers.as_slice(), [(IdentifierKind::Cpr | IdentifierKind::Cvr | IdentifierKind::Se, _)]);
    matches!(style, NumberStyle::InAccount | NumberStyle::Alias) && alone && order.account.is_none()
}

fn numbers<W: Write>(markup: &mut Markup<W>, style: NumberStyle, order: &Order) -> io::Result<()> {
    let person = order.numbers.iter().all(|(kind, _)| *kind == IdentifierKind::Cpr);
    markup.within(&["Id", if person { "PrvtId" } else { "OrgId" }], |markup| {
        for (kind, number) in &order.numbers {
            match (style, kind) {
                (NumberStyle::NationalId, IdentifierKind::Cpr) => coded(markup, number, "NIDN")?,
                (NumberStyle::SocialSecurity, IdentifierKind::Cpr) => coded(markup, number, "SOSE")?,
                (NumberStyle::NationalId | NumberStyle::SocialSecurity, IdentifierKind::Cvr) => coded(markup, number, "COID")?,
                _ => proprietary(markup, number, kind.as_str())?,
            }
        }
        Ok(())
    })
}

pub(super) fn proprietary<W: Write>(markup: &mut Markup<W>, id: &str, scheme: &str) -> io::Result<()> {
    other(markup, id, "Prtry", scheme)
}

fn coded<W: Write>(markup: &mut Markup<W>, id: &str, code: &str) -> io::Result<()> {
    other(markup, id, "Cd", code)
}

fn other<W: Write>(markup: &mut Markup<W>, id: &str, form: &'static str, scheme: &str) -> io::Result<()> {
    markup.within(&["Othr"], |markup| {
        markup.leaf("Id", id)?;
        markup.within(&["SchmeNm"], |markup| markup.leaf(form, scheme))
    })
}

pub(super) fn currency(block: &Block) -> &'static str {
    if block.euro { "EUR" } else { "DKK" }
}
