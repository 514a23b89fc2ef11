//! Names of payers, for pages that know their agreement numbers.

use std::collections::HashMap;

use primitives::{AgreementNumber, Text};

use crate::{calls, layout::View, portal::Site, visit::Visit};

/// Payers' names by agreement number. Empty when Parties cannot answer: pages then show the number.
#[derive(Clone, Default)]
pub(crate) struct Names(HashMap<AgreementNumber, String>);

impl Names {
    /// The names of the agreements in force today.
    pub(crate) async fn load(site: &Site, visit: &Visit) -> Self {
        let directory = site.parties.directory(&calls::as_portal(visit), site.clock.today()).await;
        Self(directory.unwrap_or_default().into_iter().map(|entry| (entry.agreement, entry.name)).collect())
    }

    #[cfg(test)]
    pub(crate) fn of(names: &[(AgreementNumber, &str)]) -> Self {
        Self(names.iter().map(|(agreement, name)| (*agreement, (*name).to_owned())).collect())
    }

    /// The payer's name, or its number where the agreement is no longer in force.
    pub(crate) fn payer<'a>(&'a self, agreement: &'a AgreementNumber) -> &'a str {
        self.0.get(agreement).map_or(agreement.digits(), String::as_str)
    }

    /// Who acted, from the label of a record: in words, without the user id of a caseworker.
    pub(crate) fn actor(&self, view: View<'_>, label: &str, on_behalf_of: Option<&AgreementNumber>) -> String {
        let (kind, rest) = label.split_once(':').unwrap_or((label, ""));
        let role = role(kind);
        let authority = rest.get(..8).and_then(|digits| AgreementNumber::parse(digits).ok()).filter(|_| kind == "caseworker");
        match on_behalf_of.or(authority.as_ref()) {
            Some(payer) => format!("{}, {}", view.text(&role), self.payer(payer)),
            None => view.text(&role).to_owned(),
        }
    }
}

fn role(kind: &str) -> Text {
    let (da, en) = match kind {
        "payee" => ("Dig selv", "Yourself"),
        "caseworker" => ("Sagsbehandler", "Caseworker"),
        "house" => ("NemKonto", "NemKonto"),
        "supplier" => ("Dataleverandør", "Data supplier"),
        "bank" => ("Bank", "Bank"),
        "recovery-authority" => ("Restanceinddrivelsesmyndigheden", "The recovery authority"),
        "operator" => ("NemKontos drift", "NemKonto's operators"),
        _ => ("Ukendt", "Unknown"),
    };
    Text::new(da, en)
}

#[cfg(test)]
mod tests {
    use primitives::Language;

    use super::*;
    use crate::tongue::Tongue;

    #[track_caller]
    fn check(label: &str, on_behalf_of: Option<&str>, expect: &str) {
        let agreement = |digits| AgreementNumber::parse(digits).unwrap();
        let names = Names::of(&[(agreement("00000001"), "Skatteforvaltningen")]);
        let view = View { tongue: Tongue(Language::Da), csrf: "" };
        let behalf = on_behalf_of.map(agreement);
        assert_eq!(names.actor(view, label, behalf.as_ref()), expect);
    }

    #[test]
    fn actors_are_named_without_user_ids() {
        check("payee:CPR", None, "Dig selv");
        check("caseworker:00000001:u17", None, "Sagsbehandler, Skatteforvaltningen");
        check("caseworker:00000002:u17", None, "Sagsbehandler, 00000002");
        check("house:mediation", Some("00000001"), "NemKonto, Skatteforvaltningen");
        check("bank:B1", None, "Bank");
        check("", None, "Ukendt");
    }
}
