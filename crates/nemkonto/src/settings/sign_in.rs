//! Who says who somebody is: a broker of MitID by OpenID Connect.

use std::path::PathBuf;
use std::sync::Arc;

use access::oidc::{ClientKey, OidcMeans, OidcProvider, OidcSettings};
use access::{ClaimNames, Privileges};
use platform::settings::SettingsError;
use platform::tls::Trust;
use primitives::{Clock, IdSource, Text};
use serde::Deserialize;

use crate::Failure;

/// The provider's name in our addresses.
const ID: &str = "mitid";

/// The section as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    issuer: Option<String>,
    client_id: Option<String>,
    address: Option<String>,
    key_file: Option<PathBuf>,
    key_id: Option<String>,
    ca_file: Option<PathBuf>,
    label: Option<String>,
    scopes: Option<String>,
    levels: Option<String>,
    claim_level: Option<String>,
    claim_cpr: Option<String>,
    claim_cvr: Option<String>,
    claim_user: Option<String>,
    claim_name: Option<String>,
    claim_privileges: Option<String>,
    privilege_caseworker: Option<String>,
    privilege_company: Option<String>,
    privilege_mandate: Option<String>,
}

/// Sign-in by a broker, checked.
#[derive(Clone, Debug)]
pub struct SignIn {
    oidc: OidcSettings,
    key_file: PathBuf,
    key_id: Option<String>,
    ca_file: PathBuf,
}

impl Section {
    pub(super) fn checked(self) -> Result<SignIn, SettingsError> {
        let missing = |key: &str| SettingsError::Invalid(format!("in the settings' section sign_in: {key} is missing"));
        let address = self.address.ok_or_else(|| missing("address"))?;
        let label = self.label.unwrap_or_else(|| "MitID".to_owned());
        let ClaimNames { level, cpr, cvr, user, name, privileges } = ClaimNames::default();
        let defaults = Privileges::default();
        let oidc = OidcSettings {
            id: ID.to_owned(),
            label: Text::new(label.clone(), label),
            issuer: self.issuer.ok_or_else(|| missing("issuer"))?,
            client_id: self.client_id.ok_or_else(|| missing("client_id"))?,
            redirect_address: format!("{}/sign-in/{ID}/answer", address.trim_end_matches('/')),
            scopes: words(self.scopes),
            levels: words(self.levels),
            claims: ClaimNames {
                level: self.claim_level.unwrap_or(level),
                cpr: self.claim_cpr.unwrap_or(cpr),
                cvr: self.claim_cvr.unwrap_or(cvr),
                user: self.claim_user.unwrap_or(user),
                name: self.claim_name.unwrap_or(name),
                privileges: self.claim_privileges.unwrap_or(privileges),
            },
            privileges: Privileges {
                caseworker: self.privilege_caseworker.unwrap_or(defaults.caseworker),
                company: self.privilege_company.unwrap_or(defaults.company),
                mandate: self.privilege_mandate.unwrap_or(defaults.mandate),
            },
        };
        Ok(SignIn {
            oidc,
            key_file: self.key_file.ok_or_else(|| missing("key_file"))?,
            key_id: self.key_id,
            ca_file: self.ca_file.ok_or_else(|| missing("ca_file"))?,
        })
    }
}

/// Words with blanks between them.
fn words(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

impl SignIn {
    /// The provider.
    ///
    /// # Errors
    /// When the key or the authorities' certificates cannot be read, or an address would travel readable between machines.
    pub fn provider(&self, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Result<OidcProvider, Failure> {
        let key = ClientKey::read(&self.key_file, self.key_id.clone())?;
        let means = OidcMeans { trust: Trust::read(&self.ca_file)?, key, clock, ids };
        Ok(OidcProvider::new(self.oidc.clone(), means).map_err(|error| format!("sign_in: {error}"))?)
    }
}
