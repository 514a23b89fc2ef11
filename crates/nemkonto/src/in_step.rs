//! Keeping the register in step with another one: extracts, comparison, repair.

use std::fmt::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use contracts::register::{AccountPurpose, RegisterStep};
use contracts::{Actor, Context};
use primitives::{Clock, RandomIds, SystemClock};
use register::{Difference, House, Master, Masters, Reconciled, Remote, StepKey, What};
use serde_json::json;

use crate::Failure;
use crate::cli::{Elsewhere, InStep};
use crate::ground::Ground;
use crate::operate::{context, part_plan};
use crate::places::{HouseName, Places};
use crate::settings::Settings;
use crate::shadow;
use crate::street::{Part, check_migrated};

/// What is to be said of it, and whether all is well.
#[derive(Debug)]
pub struct Said {
    /// For people, or as JSON.
    pub text: String,
    /// Whether nothing was refused, and nothing differs.
    pub well: bool,
}

/// Does it.
///
/// # Errors
/// When a file cannot be read or written, or a register cannot answer.
pub async fn run(what: &InStep, settings: &Settings) -> Result<Said, Failure> {
    match what {
        InStep::Import { file, elsewhere } => {
            on_register(settings, elsewhere, async |register| import(register, file).await).await
        }
        InStep::Export { file, as_known, since, elsewhere } => {
            on_register(settings, elsewhere, async |register| export(register, file, (*as_known, *since)).await).await
        }
        InStep::Shadow(args) => shadow::run(args, settings).await,
        InStep::Reconcile { with, repair, masters, service_secret, service_ca, json } => {
            let other = Elsewhere {
                register_url: Some(with.clone()),
                service_secret: Some(service_secret.clone()),
                service_ca: service_ca.clone(),
                ..Elsewhere::default()
            };
            let client = Places::new(&[], &other).map_err(|error| format!("--with: {error}"))?.client(HouseName::Register);
            let there = Remote::new(client.ok_or("--with names the other register")?);
            let masters = masters.as_deref().map(read_masters).transpose()?.unwrap_or_default();
            let done = on_own(settings, async |here| {
                let registers: [&dyn RegisterStep; 2] = [here, &there];
                let day = SystemClock.today();
                let done = register::reconcile(&operator()?, registers, here.step_key(), (&masters, day), *repair).await?;
                Ok((done, here.step_key().clone()))
            });
            let (done, key) = done.await?;
            let text = if *json { as_object(&done, &key, &masters) } else { as_text(&done, &masters) };
            Ok(Said { text, well: done.equal })
        }
    }
}

fn operator() -> Result<Context, Failure> {
    let user = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    context(Actor::Operator { user }, "keeping registers in step")
}

fn read_masters(file: &Path) -> Result<Masters, Failure> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = std::fs::read(file).map_err(|error| named(&error))?;
    Ok(Masters::new(serde_json::from_slice(&text).map_err(|error| named(&error))?))
}

async fn import(register: &dyn RegisterStep, file: &Path) -> Result<Said, Failure> {
    let report = register::import(&operator()?, register, file, &RandomIds)
        .await
        .map_err(|error| format!("{}: {error}", file.display()))?;
    let mut text = String::new();
    if report.resumed {
        text.push_str("gone on with where it was broken off: ");
    }
    write!(text, "{} changed, {} known already, {} refused", report.changed, report.unchanged, report.refused)?;
    if report.refused > 0 {
        let file = file.display();
        write!(text, "\nwhy is told in {file}.refused, and the lines stand in {file}.aside")?;
    }
    if report.equal {
        write!(text, "\nthe register holds what the extract does, as known at {}", report.as_known)?;
    }
    Ok(Said { text, well: report.refused == 0 })
}

/// Writes to a new file that only its owner can read: it is full of numbers.
async fn export(
    register: &dyn RegisterStep, file: &Path, moments: (Option<jiff::Timestamp>, Option<jiff::Timestamp>),
) -> Result<Said, Failure> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let opened = opened.map_err(|error| named(&error))?;
    let mut out = tokio::io::BufWriter::new(tokio::fs::File::from_std(opened));
    let exported = register::export(&operator()?, register, moments, &mut out).await.map_err(|error| named(&error))?;
    out.get_ref().sync_all().await?;
    let text = format!("{} holders, {} removed, as known at {}", exported.holders, exported.removed, exported.as_known);
    Ok(Said { text, well: true })
}

/// Without numbers: who is meant is told by kind and, of specific accounts, payer and benefit. The numbers are for those who ask the registers.
fn as_text(reconciled: &Reconciled, masters: &Masters) -> String {
    let Reconciled { here, there, differences, repaired, refused, equal } = reconciled;
    let mut text = format!("here {} holders, there {}; {} differences", here.holders, there.holders, differences.len());
    for (line, count) in counted(differences) {
        let _ = write!(text, "\n{count:>8}  {line}");
    }
    if masters.is_default() && !differences.is_empty() {
        text.push_str("\nno rules were given: the other register is the master of everything (our default)");
    }
    if let Some(repaired) = repaired {
        let _ = write!(text, "\n{repaired} records taken over, {} refused", refused.len());
    }
    refused.iter().for_each(|problem| _ = write!(text, "\nrefused: {problem}"));
    text.push_str(if *equal { "\nthe registers are equal" } else { "\nthe registers differ" });
    text
}

/// Holders are told by a reference that both registers make of the number, under the key they share.
fn as_object(reconciled: &Reconciled, key: &StepKey, masters: &Masters) -> String {
    let Reconciled { here, there, differences, repaired, refused, equal } = reconciled;
    let of = |difference: &Difference| {
        json!({ "holder": key.reference(&difference.identifier), "kind": difference.identifier.kind().as_str(), "what": name(&difference.what), "purpose": purpose(&difference.what),
                "master": master(difference.master) })
    };
    json!({
        "here": here, "there": there, "differences": differences.iter().map(of).collect::<Vec<_>>(),
        "masters": if masters.is_default() { "default: the other register" } else { "rules" },
        "repaired": repaired, "refused": refused, "equal": equal,
    })
    .to_string()
}

/// What differs, and how often.
fn counted(differences: &[Difference]) -> std::collections::BTreeMap<String, usize> {
    let mut counted = std::collections::BTreeMap::new();
    for Difference { identifier, what, master: who } in differences {
        let purpose = purpose(what).map(|purpose| format!(" {purpose}")).unwrap_or_default();
        let line = format!("{} {}{purpose}; master: {}", identifier.kind(), name(what), master(*who));
        *counted.entry(line).or_default() += 1;
    }
    counted
}

fn name(what: &What) -> &'static str {
    match what {
        What::OnlyHere => "only_here",
        What::OnlyThere => "only_there",
        What::Numbers => "numbers",
        What::Name => "name",
        What::Status => "status",
        What::Account(_) => "account",
    }
}

fn purpose(what: &What) -> Option<String> {
    match what {
        What::Account(AccountPurpose::NemKonto) => Some("nem_konto".to_owned()),
        What::Account(AccountPurpose::Specific { payer, benefit }) => Some(format!("{}/{}", payer.digits(), benefit.as_str())),
        _ => None,
    }
}

fn master(master: Master) -> &'static str {
    match master {
        Master::Here => "here",
        Master::There => "there",
    }
}

/// Does the work with the register elsewhere, for which nothing is needed here, or with our own.
async fn on_register<T>(
    settings: &Settings, elsewhere: &Elsewhere, work: impl AsyncFnOnce(&dyn RegisterStep) -> Result<T, Failure>,
) -> Result<T, Failure> {
    match Places::new(&[], elsewhere)?.client(HouseName::Register) {
        Some(client) => work(&Remote::new(client)).await,
        None => on_own(settings, async move |house| work(house).await).await,
    }
}

/// Does the work with our own register, and no other house.
pub(crate) async fn on_own<T>(settings: &Settings, work: impl AsyncFnOnce(&House) -> Result<T, Failure>) -> Result<T, Failure> {
    let places = Places::new(&[HouseName::Register], &Elsewhere::default())?;
    let ground = Ground::on(settings)?;
    let plan = part_plan(&ground, settings).await?;
    check_migrated(&plan.url, &places.schemas()).await?;
    let part = Part::open(plan, &places).await?;
    let house = part.own_register().ok_or("the register is here")?;
    let done = work(&house).await;
    part.close().await;
    done
}
