//! Which house runs where: in this process, or in another.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use clap::ValueEnum;
use platform::database::HouseSchema;
use platform::rpc::RpcClient;
use platform::service_token::ServiceToken;
use platform::tls::Trust;

use crate::Failure;
use crate::cli::Elsewhere;

/// A house of the street.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum HouseName {
    /// NKR.
    Register,
    /// Payers, banks, users.
    Parties,
    /// Ventekonto.
    Holding,
    /// Gældsmodregning.
    Setoff,
    /// Betalingsformidling.
    Mediation,
}

impl HouseName {
    /// All houses.
    pub const ALL: [Self; 5] = [Self::Register, Self::Parties, Self::Holding, Self::Setoff, Self::Mediation];

    /// The house's schema and migrations.
    #[must_use]
    pub fn schema(self) -> HouseSchema {
        match self {
            Self::Register => register::SCHEMA,
            Self::Parties => parties::SCHEMA,
            Self::Holding => holding::SCHEMA,
            Self::Setoff => setoff::SCHEMA,
            Self::Mediation => mediation::SCHEMA,
        }
    }
}

impl fmt::Display for HouseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.schema().name)
    }
}

/// Which houses are here, and how those elsewhere are reached. A house may be neither, where nobody calls it.
#[derive(Clone, Debug)]
pub struct Places {
    here: Vec<HouseName>,
    elsewhere: BTreeMap<HouseName, RpcClient>,
}

impl Places {
    /// All houses in this process.
    #[must_use]
    pub fn all_here() -> Self {
        Self { here: HouseName::ALL.to_vec(), elsewhere: BTreeMap::new() }
    }

    /// Here are those of `only`, or, when it is empty, all that are not elsewhere.
    ///
    /// # Errors
    /// When a house is to be here and elsewhere, a URL is wrong, or the secret or a certificate it needs is missing.
    pub fn new(only: &[HouseName], args: &Elsewhere) -> Result<Self, Failure> {
        let elsewhere = clients(args)?;
        if let Some(both) = only.iter().find(|house| elsewhere.contains_key(house)) {
            return Err(format!("{both} is to be here (--only) and elsewhere (--{both}-url)").into());
        }
        let is_here = |house: &HouseName| if only.is_empty() { !elsewhere.contains_key(house) } else { only.contains(house) };
        Ok(Self { here: HouseName::ALL.into_iter().filter(is_here).collect(), elsewhere })
    }

    /// The houses of this process.
    #[must_use]
    pub fn here(&self) -> &[HouseName] {
        &self.here
    }

    /// Whether the house runs in this process.
    #[must_use]
    pub fn is_here(&self, house: HouseName) -> bool {
        self.here.contains(&house)
    }

    /// The way to a house elsewhere.
    #[must_use]
    pub fn client(&self, house: HouseName) -> Option<RpcClient> {
        self.elsewhere.get(&house).cloned()
    }

    /// The schemas of the houses of this process.
    #[must_use]
    pub fn schemas(&self) -> Vec<HouseSchema> {
        self.here.iter().map(|house| house.schema()).collect()
    }
}

/// The secret of the services, which has no default: without it nothing is served to other processes, and none of them is called.
///
/// # Errors
/// When no file is named, it cannot be read, others than its owner have rights to it, or it holds no secret.
pub fn service_secret(file: Option<&Path>) -> Result<ServiceToken, Failure> {
    let file = file.ok_or("--service-secret is missing: the file with the secret that the processes show each other")?;
    Ok(ServiceToken::read(file)?)
}

fn clients(args: &Elsewhere) -> Result<BTreeMap<HouseName, RpcClient>, Failure> {
    let urls = [
        (HouseName::Register, &args.register_url),
        (HouseName::Parties, &args.parties_url),
        (HouseName::Holding, &args.holding_url),
        (HouseName::Setoff, &args.setoff_url),
        (HouseName::Mediation, &args.mediation_url),
    ];
    let urls: Vec<_> = urls.into_iter().filter_map(|(house, url)| Some((house, url.as_deref()?))).collect();
    if urls.is_empty() {
        return Ok(BTreeMap::new());
    }
    let secret = service_secret(args.service_secret.as_deref())?;
    let trust = args.service_ca.as_deref().map(Trust::read).transpose()?;
    urls.into_iter()
        .map(|(house, url)| {
            let client = RpcClient::new(url, trust.as_ref()).map_err(|error| format!("--{house}-url: {error}"))?;
            Ok((house, client.with_token(secret.clone())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use platform::testing::TemporaryFolder;

    use super::*;

    fn secret(folder: &TemporaryFolder) -> std::path::PathBuf {
        let path = folder.path().join("secret");
        fs::write(&path, "s".repeat(32)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    #[test]
    fn a_house_is_here_unless_it_is_elsewhere() {
        let folder = TemporaryFolder::new();
        let register_elsewhere = Elsewhere {
            register_url: Some("http://localhost:1".to_owned()),
            service_secret: Some(secret(&folder)),
            ..Elsewhere::default()
        };
        let check = |only: &[HouseName], args: &Elsewhere, expect: &[HouseName]| {
            assert_eq!(Places::new(only, args).unwrap().here(), expect);
        };
        check(&[], &Elsewhere::default(), &HouseName::ALL);
        check(&[], &register_elsewhere, &HouseName::ALL[1..]);
        check(&[HouseName::Setoff, HouseName::Parties], &register_elsewhere, &[HouseName::Parties, HouseName::Setoff]);
        assert!(Places::new(&[], &register_elsewhere).unwrap().client(HouseName::Register).is_some());
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let folder = TemporaryFolder::new();
        let at = |url: &str| Elsewhere {
            setoff_url: Some(url.to_owned()),
            service_secret: Some(secret(&folder)),
            ..Elsewhere::default()
        };
        let check = |only: &[HouseName], args: &Elsewhere, named: &str| {
            let error = Places::new(only, args).unwrap_err().to_string();
            assert!(error.contains(named), "{named}: {error}");
        };
        check(&[HouseName::Setoff], &at("http://localhost:1"), "setoff is to be here");
        check(&[], &at("http://setoff:1"), "--setoff-url");
        check(&[], &at("https://setoff:1"), "authority");
        check(&[], &Elsewhere { service_secret: None, ..at("http://localhost:1") }, "--service-secret");
    }
}
