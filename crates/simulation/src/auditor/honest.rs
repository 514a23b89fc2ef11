//! For the auditor's tests: a run in which everything goes where it belongs, row by row, so that single faults can be planted in it.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use primitives::{Account, DanishAccount};

use super::{AuditInput, Recount, answers, audit, audit_from_outside};
use crate::banks::Banks;
use crate::denmark::authorities::AUTHORITIES;
use crate::denmark::{Payee, Redirected, Standing, World, WorldSize};
use crate::markup::Markup;
use crate::payers::{Block, DeliveryKind, GivenAccount, Kind, Order, PaymentMix, PlannedFiles};

/// A payment on its way to a bank.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) agreement: String,
    pub(super) message: String,
    pub(super) instruction: String,
    /// The reference it is sent with.
    pub(super) reference: String,
    /// The payer's reference.
    pub(super) payers_reference: String,
    /// The payer's block.
    pub(super) block: String,
    pub(super) amount: String,
    pub(super) currency: &'static str,
    pub(super) account: Account,
    pub(super) to_payee: bool,
}

/// That a payer is told of something refused.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) agreement: String,
    pub(super) message: String,
    pub(super) what: What,
    pub(super) code: &'static str,
}

/// What is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Delivery,
    /// The block with this id.
    Block(String),
    /// The payment with this reference.
    Payment(String),
}

/// All that goes out in a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    pub(super) sent: Vec<Sent>,
    pub(super) told: Vec<Told>,
}

impl Sent {
    /// What the payer is told when it is refused.
    pub(super) fn told(&self, code: &'static str) -> Told {
        Told {
            agreement: self.agreement.clone(),
            message: self.message.clone(),
            what: What::Payment(self.payers_reference.clone()),
            code,
        }
    }
}

/// A folder with a day's files, removed afterwards.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) folder: PathBuf,
    pub(super) run: Run,
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Scene {
    /// Writes the payers' files and works out where every payment belongs.
    pub(super) fn new(name: &str) -> Self {
        let size = WorldSize { people: 20_000, companies: 2_000 };
        let world = World::new(1, size, Date::constant(2026, 1, 15)).unwrap();
        let folder = std::env::temp_dir().join(format!("nemkonto-auditor-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let mix = PaymentMix { payments: 1_200, faulty: 200, ..PaymentMix::default() };
        let run = {
            let files = PlannedFiles::new(&world, mix);
            files.write_all(&folder.join("in")).unwrap();
            Run::honest(&world, &files)
        };
        Self { world, folder, run }
    }

    /// Writes what goes out, lets the banks answer, tells the payers what the banks refused, and audits.
    pub(super) fn audited(&self, run: &Run) -> Recount {
        let (out, answered) = (self.folder.join("out"), self.folder.join("answers"));
        for folder in [&out, &answered] {
            let _ = fs::remove_dir_all(folder);
        }
        for authority in self.world.agreements() {
            let agreement = authority.digits();
            let sent: Vec<_> = run.sent.iter().filter(|sent| sent.agreement == agreement).collect();
            let bank_file = out.join(format!("bank/DEMO/{agreement}.xml"));
            write(&bank_file, |out| write_sent(agreement, &sent, out));
            let answer = answered.join(format!("DEMO/{agreement}.xml"));
            let banks = Banks::new(&self.world).refusing(100);
            write(&answer, |out| {
                banks.answer(&bank_file, out).unwrap();
            });
        }
        let refusals = answers::read(&answered).unwrap();
        let refused = run.sent.iter().filter(|sent| refusals.refuses(&sent.agreement, &sent.instruction));
        let told_of_bank: Vec<_> = refused.map(|sent| sent.told("AC04")).collect();
        write_reports(&out, "own", &run.told);
        write_reports(&out, "bank", &told_of_bank);
        self.audit_folder()
    }

    /// Audits what stands in the folder.
    pub(super) fn audit_folder(&self) -> Recount {
        self.audit_by(audit)
    }

    /// As if the payers' files came from outside.
    pub(super) fn audit_folder_from_outside(&self) -> Recount {
        self.audit_by(audit_from_outside)
    }

    fn audit_by(&self, audit: fn(&AuditInput<'_>) -> std::io::Result<Recount>) -> Recount {
        let (input, output, answers) = (self.folder.join("in"), self.folder.join("out"), self.folder.join("answers"));
        let today = self.world.today();
        let world = Some(&self.world);
        audit(&AuditInput { input: &input, output: &output, answers: Some(&answers), today, world }).unwrap()
    }
}

impl Run {
    fn honest(world: &World, files: &PlannedFiles<'_>) -> Self {
        let mut run = Self::default();
        for delivery in files.deliveries() {
            let plan = files.plan(delivery);
            let agreement = delivery.agreement.digits().to_owned();
            let message = plan.message_id();
            let whole = match delivery.kind {
                DeliveryKind::Broken => Some("FF01"),
                DeliveryKind::WrongSum => Some("AM16"),
                DeliveryKind::SameId => Some("DU01"),
                DeliveryKind::Again => continue,
                DeliveryKind::Main | DeliveryKind::Cases | DeliveryKind::Small => None,
            };
            if let Some(code) = whole {
                run.told.push(Told { agreement, message, what: What::Delivery, code });
                continue;
            }
            for block in &plan.blocks {
                for row in block.rows.clone() {
                    let order = plan.order(block, row);
                    let waits = block.date > world.today();
                    let refused = matches!(plan.kind(row), Kind::Faulty(_)).then_some("NARR");
                    let benefit = order.benefit.or(block.benefit);
                    let to = match refused {
                        Some(code) => To::Payer(code),
                        None if waits => continue,
                        None => belongs(world, plan.authority, benefit, &order),
                    };
                    run.put(to, &order, (&agreement, &message), block);
                }
            }
        }
        run
    }

    fn put(&mut self, to: To, order: &Order, (agreement, message): (&str, &str), block: &Block) {
        let leg = format!("L{}", self.sent.len());
        let (account, reference, to_payee) = match to {
            To::Payer(code) => {
                let what = What::Payment(order.reference.clone());
                self.told.push(Told { agreement: agreement.to_owned(), message: message.to_owned(), what, code });
                return;
            }
            To::Account(account) => (account, order.reference.clone(), true),
            To::State(account) => (account, leg.clone(), false),
        };
        self.sent.push(Sent {
            agreement: agreement.to_owned(),
            message: message.to_owned(),
            instruction: format!("{agreement}{leg}"),
            reference,
            payers_reference: order.reference.clone(),
            block: block.id.clone(),
            amount: order.amount.to_string(),
            currency: if block.euro { "EUR" } else { "DKK" },
            account,
            to_payee,
        });
    }
}

enum To {
    Account(Account),
    /// The recovery authority or the holding account: sent with a reference of its own.
    State(Account),
    Payer(&'static str),
}

fn belongs(world: &World, authority: usize, benefit: Option<&str>, order: &Order) -> To {
    let found: Vec<Option<Payee>> = order.numbers.iter().map(|(kind, digits)| world.find(*kind, digits)).collect();
    let payee = found.last().copied().flatten();
    let fallback = (found.len() == 2).then(|| found[0]).flatten();
    if payee.is_some_and(|payee| world.redirected(authority, benefit, payee) != Redirected::No) {
        return To::State(world.recovery_account());
    }
    if let Some(GivenAccount::Iban(iban)) = &order.account {
        return To::Account(primitives::Iban::parse(iban).unwrap().to_danish().unwrap().into());
    }
    match world.standing(authority, benefit, payee, fallback) {
        Standing::Account(account) => To::Account(account),
        Standing::WithoutAccount if world.uses_holding(authority) => To::State(world.holding_account()),
        Standing::WithoutAccount | Standing::Closed | Standing::Unknown => {
            world.error_account(authority).map_or(To::Payer("AC03"), To::Account)
        }
    }
}

fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>)) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut out = BufWriter::new(File::create(path).unwrap());
    fill(&mut out);
    out.flush().unwrap();
}

fn write_sent(message: &str, sent: &[&Sent], out: impl Write) {
    let mut markup = Markup::document(out, "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09").unwrap();
    markup.open("CstmrCdtTrfInitn").unwrap();
    markup
        .within(&["GrpHdr"], |markup| {
            markup.leaf("MsgId", message)?;
            markup.leaf("NbOfTxs", &sent.len().to_string())
        })
        .unwrap();
    markup.open("PmtInf").unwrap();
    let debtor = DanishAccount::new("9901", "1").unwrap().to_iban();
    markup.within(&["DbtrAcct", "Id"], |markup| markup.leaf("IBAN", debtor.as_str())).unwrap();
    for sent in sent {
        markup.within(&["CdtTrfTxInf"], |markup| write_row(markup, sent)).unwrap();
    }
    markup.finish().unwrap();
}

fn write_row<W: Write>(markup: &mut Markup<W>, sent: &Sent) -> std::io::Result<()> {
    markup.within(&["PmtId"], |markup| {
        markup.leaf("InstrId", &sent.instruction)?;
        markup.leaf("EndToEndId", &sent.reference)
    })?;
    markup.within(&["Amt"], |markup| markup.amount("InstdAmt", sent.currency, &sent.amount))?;
    markup.within(&["CdtrAcct", "Id"], |markup| match &sent.account {
        Account::Danish(danish) => markup.leaf("IBAN", danish.to_iban().as_str()),
        Account::Iban { iban, .. } => markup.leaf("IBAN", iban.as_str()),
        Account::Foreign(foreign) => markup.within(&["Othr"], |markup| markup.leaf("Id", foreign.number())),
    })
}

/// By what reports are told apart.
fn key(told: &Told) -> (&String, &String, bool) {
    (&told.agreement, &told.message, told.what == What::Delivery)
}

/// One report per delivery that there is something to tell of.
fn write_reports(out: &Path, name: &str, told: &[Told]) {
    let mut deliveries: Vec<_> = told.iter().map(key).collect();
    deliveries.sort_unstable();
    deliveries.dedup();
    for (number, (agreement, message, whole)) in deliveries.into_iter().enumerate() {
        let told: Vec<_> = told.iter().filter(|told| key(told) == (agreement, message, whole)).collect();
        let path = out.join(format!("reports/{agreement}/{name}-{number}.xml"));
        write(&path, |out| write_report(message, &told, out).unwrap());
    }
}

fn write_report(message: &str, told: &[&Told], out: impl Write) -> std::io::Result<()> {
    let mut markup = Markup::document(out, "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10")?;
    markup.open("CstmrPmtStsRpt")?;
    let whole = told.iter().find(|told| told.what == What::Delivery);
    markup.within(&["OrgnlGrpInfAndSts"], |markup| {
        markup.leaf("OrgnlMsgId", message)?;
        markup.leaf("GrpSts", if whole.is_some() { "RJCT" } else { "PART" })?;
        whole.map_or(Ok(()), |told| write_reason(markup, told.code))
    })?;
    for told in told {
        if let What::Block(id) = &told.what {
            markup.within(&["OrgnlPmtInfAndSts"], |markup| {
                markup.leaf("OrgnlPmtInfId", id)?;
                markup.leaf("PmtInfSts", "RJCT")?;
                write_reason(markup, told.code)
            })?;
        }
    }
    markup.open("OrgnlPmtInfAndSts")?;
    for told in told {
        if let What::Payment(reference) = &told.what {
            markup.within(&["TxInfAndSts"], |markup| {
                markup.leaf("OrgnlEndToEndId", reference)?;
                markup.leaf("TxSts", "RJCT")?;
                write_reason(markup, told.code)
            })?;
        }
    }
    markup.finish().map(drop)
}

fn write_reason<W: Write>(markup: &mut Markup<W>, code: &str) -> std::io::Result<()> {
    markup.within(&["StsRsnInf", "Rsn"], |markup| markup.leaf("Cd", code))
}

/// An account that is no payee's.
pub(super) fn another_account(world: &World) -> Account {
    world.debtor_account(AUTHORITIES.len() - 1, false).into()
}
