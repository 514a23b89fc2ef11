//! The payers' recalls (camt.055): some payments of the main file are asked back, some that wait for their day and some that have left.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use primitives::{AgreementNumber, DataSupplierId, next_bank_day};

use super::deliveries::{DeliveryKind, PlannedDelivery, PlannedFiles};
use super::file::{Block, FilePlan};
use super::order::{Fault, Kind};
use super::pain001::{begin, currency, proprietary};
use crate::denmark::authorities::AUTHORITIES;
use crate::denmark::{Payee, Redirected, Standing};
use crate::markup::Markup;

/// At most so many payments of each kind, waiting and sent, are recalled of an authority: a recall is a small file.
const MOST: usize = 20;
/// Of each kind, one in so many is looked at.
const ONE_IN: u64 = 50;
/// A reference that no order has: there is no such payment.
const UNHEARD: &str = "IKKE-SENDT";

/// A recall to deliver, once the authority's main file has been received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRecall {
    /// The authority it is for.
    pub agreement: AgreementNumber,
    /// The data supplier that sends it.
    pub supplier: DataSupplierId,
    /// Where it stands below the folder: `<agreement number>/90-recall.xml`.
    pub path: PathBuf,
    authority: usize,
}

/// A payment that is recalled.
struct Recalled<'p> {
    block: &'p Block,
    row: u64,
}

impl PlannedFiles<'_> {
    /// The recalls of the day: one of each authority that has payments to recall.
    #[must_use]
    pub fn recalls(&self) -> Vec<PlannedRecall> {
        let mains = self.deliveries().iter().filter(|delivery| delivery.kind == DeliveryKind::Main);
        mains.filter(|main| !recalled(&self.plan(main)).is_empty()).map(planned).collect()
    }

    /// Writes one recall below the folder and says where.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn write_recall(&self, recall: &PlannedRecall, folder: &Path) -> io::Result<PathBuf> {
        let path = folder.join(&recall.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let is_of = |main: &&PlannedDelivery| main.kind == DeliveryKind::Main && main.agreement == recall.agreement;
        let main = self.deliveries().iter().find(is_of).ok_or(io::ErrorKind::NotFound)?;
        write(&self.plan(main), recall, BufWriter::new(File::create(&path)?))?;
        Ok(path)
    }
}

fn planned(main: &PlannedDelivery) -> PlannedRecall {
    PlannedRecall {
        agreement: main.agreement,
        supplier: main.supplier,
        path: Path::new(main.agreement.digits()).join("90-recall.xml"),
        authority: main.authority(),
    }
}

/// What is recalled of a main file, in its order.
fn recalled<'p>(plan: &'p FilePlan<'_>) -> Vec<Recalled<'p>> {
    let due = next_bank_day(plan.world.today());
    let (mut waiting, mut sent) = (0, 0);
    let mut recalled = Vec::new();
    for block in plan.blocks.iter().filter(|block| block.benefit.is_some()) {
        let count = if block.date > due { &mut waiting } else { &mut sent };
        for row in block.rows.clone().filter(|row| (row - block.rows.start).is_multiple_of(ONE_IN)) {
            if *count < MOST && is_paid_to_an_account(plan, block, row) {
                *count += 1;
                recalled.push(Recalled { block, row });
            }
        }
    }
    recalled
}

/// Whether the payment goes to the payee's own account, and its reference is its alone. A payer is not told of a redirect, and a simulated
/// bank gives nothing of the state's back.
fn is_paid_to_an_account(plan: &FilePlan<'_>, block: &Block, row: u64) -> bool {
    let is_last = row + 1 == block.rows.end;
    if plan.kind(row) != Kind::Ordinary || (!is_last && plan.kind(row + 1) == Kind::Faulty(Fault::RepeatedReference)) {
        return false;
    }
    let found: Vec<Payee> =
        plan.order(block, row).numbers.iter().rev().filter_map(|(kind, digits)| plan.world.find(*kind, digits)).collect();
    let Some(payee) = found.first().copied() else { return false };
    let standing = plan.world.standing(plan.authority, block.benefit, Some(payee), found.get(1).copied());
    let redirected = found.iter().any(|payee| plan.world.redirected(plan.authority, block.benefit, *payee) != Redirected::No);
    matches!(standing, Standing::Account(_)) && !redirected
}

fn write<W: Write>(plan: &FilePlan<'_>, recall: &PlannedRecall, out: W) -> io::Result<W> {
    let (spec, id) = (&AUTHORITIES[recall.authority], format!("{}-TILBAGE", plan.message_id()));
    let created = format!("{}T08:00:00Z", plan.world.today());
    let mut markup = begin(out, spec, "camt.055.001", &id, &created)?;
    markup.open("CstmrPmtCxlReq")?;
    markup.within(&["Assgnmt"], |markup| {
        markup.leaf("Id", &id)?;
        markup.within(&["Assgnr", "Pty"], |markup| {
            markup.leaf("Nm", spec.name)?;
            markup.within(&["Id", "OrgId"], |markup| proprietary(markup, plan.agreement().digits(), "NKS"))
        })?;
        markup.within(&["Assgne", "Pty"], |markup| markup.leaf("Nm", "NemKonto"))?;
        markup.leaf("CreDtTm", &created)
    })?;
    markup.open("Undrlyg")?;
    markup.within(&["OrgnlGrpInfAndCxl"], |markup| {
        markup.leaf("OrgnlMsgId", &plan.message_id())?;
        markup.leaf("OrgnlMsgNmId", &spec.message_name("pain.001.001"))
    })?;
    blocks(&mut markup, plan)?;
    markup.finish()
}

fn blocks<W: Write>(markup: &mut Markup<W>, plan: &FilePlan<'_>) -> io::Result<()> {
    let recalled = recalled(plan);
    for (place, group) in recalled.chunk_by(|one, next| one.block.id == next.block.id).enumerate() {
        markup.open("OrgnlPmtInfAndCxl")?;
        markup.leaf("OrgnlPmtInfId", &group[0].block.id)?;
        for Recalled { block, row } in group {
            let amount = plan.amount(block, *row).to_string();
            payment(markup, &plan.reference(*row), Some((currency(block), &amount)))?;
        }
        if place == 0 {
            payment(markup, UNHEARD, None)?;
        }
        markup.close()?;
    }
    Ok(())
}

fn payment<W: Write>(markup: &mut Markup<W>, reference: &str, amount: Option<(&str, &str)>) -> io::Result<()> {
    markup.within(&["TxInf"], |markup| {
        markup.leaf("OrgnlEndToEndId", reference)?;
        if let Some((currency, decimal)) = amount {
            markup.amount("OrgnlInstdAmt", currency, decimal)?;
        }
        markup.within(&["CxlRsnInf", "Rsn"], |markup| markup.leaf("Cd", "CUST"))
    })
}
