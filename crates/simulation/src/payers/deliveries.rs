//! All files of a day: a main file and a file of cases per authority, and the files that go wrong.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use primitives::{AgreementNumber, DataSupplierId};

use super::PaymentMix;
use super::file::FilePlan;
use super::pain001::{self, Spoiled};
use super::samples::{Case, cases};
use crate::denmark::World;
use crate::denmark::authorities::AUTHORITIES;

/// Rows in a file that goes wrong.
const SMALL: u64 = 40;

/// What a file is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryKind {
    /// The authority's payments of the day.
    Main,
    /// One row of every kind.
    Cases,
    /// Not well-formed: breaks off in the middle.
    Broken,
    /// Its control sum is not the sum of its rows.
    WrongSum,
    /// An ordinary small file.
    Small,
    /// The same bytes once more.
    Again,
    /// The message id of a file before it, with other content.
    SameId,
}

/// A file to deliver. Files are delivered in the order of the list; within an authority this is also the order of the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedDelivery {
    /// The authority it is for.
    pub agreement: AgreementNumber,
    /// The data supplier that sends it.
    pub supplier: DataSupplierId,
    /// What it is there for.
    pub kind: DeliveryKind,
    /// Where it stands below the folder: `<agreement number>/<name>.xml`.
    pub path: PathBuf,
    authority: usize,
    number: u64,
    rows: u64,
}

/// The files of a day, planned; each is written on its own, so that progress can be shown.
#[derive(Debug)]
pub struct PlannedFiles<'w> {
    world: &'w World,
    mix: PaymentMix,
    cases: Vec<Case>,
    deliveries: Vec<PlannedDelivery>,
}

impl PlannedDelivery {
    /// The authority's place.
    pub(super) fn authority(&self) -> usize {
        self.authority
    }
}

impl<'w> PlannedFiles<'w> {
    /// Plans the files of a day.
    #[must_use]
    pub fn new(world: &'w World, mix: PaymentMix) -> Self {
        let weights: u64 = AUTHORITIES.iter().map(|spec| spec.weight).sum();
        let cases = cases(world);
        let mut deliveries = Vec::new();
        for (authority, spec) in AUTHORITIES.iter().enumerate() {
            let rows = mix.payments * spec.weight / weights;
            let main = [(DeliveryKind::Main, 1, rows), (DeliveryKind::Cases, 2, cases.len() as u64)];
            let files = main.into_iter().chain(special(authority).iter().map(|&(kind, number)| (kind, number, SMALL)));
            deliveries.extend(files.enumerate().map(|(position, (kind, number, rows))| PlannedDelivery {
                agreement: World::agreement_of(authority),
                supplier: world.data_supplier(authority),
                kind,
                path: path(authority, position, kind),
                authority,
                number,
                rows,
            }));
        }
        Self { world, mix, cases, deliveries }
    }

    /// The files, in the order they are to be delivered.
    #[must_use]
    pub fn deliveries(&self) -> &[PlannedDelivery] {
        &self.deliveries
    }

    /// Writes one file below the folder and says where.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn write(&self, delivery: &PlannedDelivery, folder: &Path) -> io::Result<PathBuf> {
        let path = folder.join(&delivery.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        pain001::write(&self.plan(delivery), spoiled(delivery), BufWriter::new(File::create(&path)?))?;
        Ok(path)
    }

    /// Writes every file below the folder and says where, in the order they are to be delivered.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn write_all(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.deliveries.iter().map(|delivery| self.write(delivery, folder)).collect()
    }

    /// The plan of one file.
    pub(crate) fn plan(&self, delivery: &PlannedDelivery) -> FilePlan<'_> {
        let PlannedDelivery { authority, number, rows, .. } = *delivery;
        match delivery.kind {
            DeliveryKind::Main => FilePlan::broad(self.world, authority, number, rows, self.mix),
            DeliveryKind::Cases => {
                let mut plan = FilePlan::single(self.world, authority, number, rows, self.mix);
                plan.cases = Some(&self.cases);
                plan
            }
            // The same message id as the file before, with rows of its own.
            DeliveryKind::SameId => {
                FilePlan { message_number: number - 1, ..FilePlan::single(self.world, authority, number, rows, self.mix) }
            }
            _ => FilePlan::single(self.world, authority, number, rows, self.mix),
        }
    }
}

/// The files of an authority beside its main file: what goes wrong, and the file's number.
fn special(authority: usize) -> &'static [(DeliveryKind, u64)] {
    match authority {
        1 => &[(DeliveryKind::Broken, 3)],
        2 => &[(DeliveryKind::WrongSum, 3)],
        3 => &[(DeliveryKind::Small, 3), (DeliveryKind::Again, 3)],
        4 => &[(DeliveryKind::Small, 3), (DeliveryKind::SameId, 4)],
        _ => &[],
    }
}

fn spoiled(delivery: &PlannedDelivery) -> Spoiled {
    Spoiled {
        wrong_sum: delivery.kind == DeliveryKind::WrongSum,
        breaks_off_at: (delivery.kind == DeliveryKind::Broken).then_some(delivery.rows / 2),
    }
}

fn path(authority: usize, position: usize, kind: DeliveryKind) -> PathBuf {
    let name = match kind {
        DeliveryKind::Main => "main",
        DeliveryKind::Cases => "cases",
        DeliveryKind::Broken => "broken",
        DeliveryKind::WrongSum => "wrong-sum",
        DeliveryKind::Small => "small",
        DeliveryKind::Again => "again",
        DeliveryKind::SameId => "same-id",
    };
    Path::new(World::agreement_of(authority).digits()).join(format!("{:02}-{name}.xml", position + 1))
}
