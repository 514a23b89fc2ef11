//! Every setting with its default and meaning, as `nemkonto settings` prints it and `SETTINGS.md` holds it.

use std::fmt::Write as _;

use super::gaps;

/// What holds when nothing is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Otherwise {
    /// Nothing: the operator must say.
    Nothing,
    /// This value.
    Value(&'static str),
    /// What these words say.
    Words(&'static str),
}

use Otherwise::{Nothing, Value, Words};

type Entry = (&'static str, Otherwise, &'static str);

/// The settings but for the gaps, by section.
const SETTINGS: &[Entry] = &[
    ("state.recovery_account", Nothing, "IBAN of the recovery authority's account; needed to pay"),
    ("state.holding_account", Nothing, "IBAN of the holding account; needed to pay"),
    ("state.holding_agreement", Nothing, "the agreement number (8 digits) under which the holding account pays; needed to pay"),
    (
        "channel.folder",
        Nothing,
        "where files for banks (`bank/`) and reports to payers (`reports/`) are handed over; needed to pay",
    ),
    (
        "database.url",
        Words("a private server"),
        "the operator's PostgreSQL, as a user that may act as the houses' roles; `DATABASE_URL`",
    ),
    (
        "database.admin_url",
        Words("`database.url`"),
        "the same database, as a user that may make roles and schemas: for `migrate`",
    ),
    ("database.max_connections", Value("16"), "the most connections of one house; chosen by us for two cores"),
    (
        "local_postgres.data_dir",
        Words("`/var/lib/nemkonto/postgres` for root, else `~/.local/share/nemkonto/postgres`"),
        "the private server's folder; `NEMKONTO_DATA_DIR`",
    ),
    ("local_postgres.fsync", Value("true"), "whether commits wait for the disk; no is for data that may be lost"),
    ("local_postgres.max_connections", Value("100"), "the most connections of all processes together; PostgreSQL's own default"),
    (
        "seal.key_file",
        Words("`keys` beside `local_postgres.data_dir`"),
        "the keys that seal numbers at rest; made when missing; `NEMKONTO_KEY_FILE`",
    ),
    (
        "audit.anchor_file",
        Words("`<local_postgres.data_dir>.anchors`"),
        "where the signed ends of the change logs are noted outside the database: a line each, append-only; `audit verify` reads it",
    ),
    ("workers.count", Value("2"), "workers per room of `work`, unless `--workers` says otherwise; chosen by us for two cores"),
    ("telemetry.format", Value("text"), "how the log looks: `text` for people, `json` for a log collector"),
    ("telemetry.filter", Value("warn"), "what is logged, for example `info,mediation=debug`; `NEMKONTO_LOG`"),
    ("sign_in.issuer", Nothing, "the broker of MitID, by its issuer identifier (OpenID Connect); needed to sign in by proof"),
    ("sign_in.client_id", Nothing, "our id at the broker; needed to sign in by proof"),
    (
        "sign_in.address",
        Nothing,
        "the site's address as browsers know it, `https://nemkonto.dk`: the broker sends them back below it; needed to sign in by proof",
    ),
    (
        "sign_in.key_file",
        Nothing,
        "our private key (P-256, PEM, mode 0600), whose public half the broker knows; needed to sign in by proof",
    ),
    ("sign_in.key_id", Words("none"), "which of our public keys it is, as the broker knows it"),
    ("sign_in.ca_file", Nothing, "the authorities that vouch for the broker's addresses (PEM); needed to sign in by proof"),
    ("sign_in.label", Words("`MitID`"), "what stands on the button"),
    ("sign_in.scopes", Words("none but `openid`"), "further scopes that are asked for, with blanks between them"),
    (
        "sign_in.levels",
        Words("none"),
        "levels of assurance that are asked for (`acr_values`); Substantial or High (NSIS) is required anyhow",
    ),
    (
        "sign_in.claim_level",
        Words("`https://data.gov.dk/concept/core/nsis/loa`"),
        "the claim with the level of assurance; brokers differ",
    ),
    ("sign_in.claim_cpr", Words("`https://data.gov.dk/model/core/eid/cprNumber`"), "the claim with the CPR number"),
    (
        "sign_in.claim_cvr",
        Words("`https://data.gov.dk/model/core/eid/professional/cvr`"),
        "the claim with the CVR number of an employee",
    ),
    (
        "sign_in.claim_user",
        Words("`https://data.gov.dk/model/core/eid/professional/uuid/persistent`"),
        "the claim with the user id of an employee",
    ),
    ("sign_in.claim_name", Words("`https://data.gov.dk/model/core/eid/fullName`"), "the claim with the name"),
    (
        "sign_in.claim_privileges",
        Words("`https://data.gov.dk/model/core/eid/privilegesIntermediate`"),
        "the claim with privileges and powers of attorney, as a JSON list of `scope` and `privileges`",
    ),
    (
        "sign_in.privilege_caseworker",
        Words("`urn:nemkonto:caseworker`"),
        "the privilege that makes an employee a caseworker; chosen by us, not Danish practice",
    ),
    (
        "sign_in.privilege_company",
        Words("`urn:nemkonto:company`"),
        "the privilege that lets an employee see the company's matters; chosen by us, not Danish practice",
    ),
    (
        "sign_in.privilege_mandate",
        Words("`urn:nemkonto:self-service`"),
        "the privilege of a power of attorney; chosen by us, not Danish practice",
    ),
    ("mediation.lease_seconds", Value("10"), "seconds a worker may be silent before another takes its work, 1 to 3,600"),
    ("mediation.slice_payments", Value("20000"), "payments in a unit of work, 1 to 32,000"),
    ("mediation.longest_file_bytes", Value("17179869184"), "the longest delivery that is taken"),
    (
        "mediation.recovery_name",
        Value("Gældsstyrelsen"),
        "the creditor's name on a payment to the recovery authority; it keeps the account",
    ),
    ("register.letter_days", Value("60"), "days a letter's code can be used (published)"),
    ("register.levy_ore", Value("4"), "øre a private payer's lookup costs, at most 4, which is the law's bound (published)"),
    ("register.after_death_years", Value("3"), "years an estate is paid before the end-mark (published, before 2025)"),
    ("register.after_cessation_days", Value("360"), "days from a unit's cessation to the end-mark (published, before 2025)"),
    ("register.deletion_years", Value("5"), "years from the last payout to deletion (published, before 2025)"),
    (
        "register.end_rules",
        Words("none"),
        "end rules of later days, oldest first: `[[register.end_rules]]` with `from` and the three numbers above",
    ),
    (
        "register.fraud_rules",
        Words("none"),
        "what makes a change wait from later days on: `[[register.fraud_rules]]` with `from` and the five numbers of `gap.register`",
    ),
    (
        "register.webhook_ca_file",
        Nothing,
        "the authorities that vouch for the servers of payers' webhooks (PEM); without it there are no webhooks",
    ),
    ("register.webhook_private_networks", Value("false"), "whether webhooks may lead into private networks"),
    (
        "register.step_key_file",
        Words("made of `seal.key_file`"),
        "the key under which the register is compared with another one; both must have the same file (mode 0600)",
    ),
    ("holding.wind_down", Value("false"), "whether the holding account takes no more deposits"),
    ("holding.expiry_years", Value("3"), "years after which unclaimed money goes to the Treasury (published)"),
];

/// The catalogue as Markdown: the text of `SETTINGS.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# Settings\n\n\
         Written by `./x settings`; a test compares.\n\n\
         A setting stands in the TOML file that `--settings FILE` names, or else in `nemkonto.toml` in the folder the program is started from:\n\
         `section.key` is `key` in `[section]`. Or it stands in the environment, which wins: `NEMKONTO_SECTION__KEY`. A setting that nobody knows is\n\
         an error. `DATABASE_URL`, `NEMKONTO_DATA_DIR`, `NEMKONTO_KEY_FILE` and `NEMKONTO_LOG` are short names of settings below.\n\n\
         | setting | default | meaning |\n|---|---|---|\n",
    );
    for (key, default, meaning) in SETTINGS {
        let default = match default {
            Nothing => "none".to_owned(),
            Value(value) => format!("`{value}`"),
            Words(words) => (*words).to_owned(),
        };
        row(&mut text, key, &default, meaning);
    }
    text.push_str(
        "\n## What no public source says\n\n\
         The defaults here are chosen by us and are **not Danish practice**: replace them by what your agreements say.\n\n\
         | setting | default | meaning |\n|---|---|---|\n",
    );
    for gap in gaps::all() {
        row(&mut text, &format!("gap.{}", gap.key), &format!("`{}`", gap.default), gap.meaning);
    }
    text
}

fn row(text: &mut String, key: &str, default: &str, meaning: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "| `{key}` | {default} | {meaning} |");
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::super::Settings;
    use super::*;

    fn loaded(variables: &[(String, String)]) -> Result<Settings, String> {
        Settings::load(None, variables.iter().cloned()).map_err(|error| error.to_string())
    }

    fn variable(key: &str) -> String {
        format!("NEMKONTO_{}", key.to_uppercase().replace('.', "__"))
    }

    /// The names the parser lists when it is given one it does not know.
    fn known_where(unknown: &str) -> BTreeSet<String> {
        let error = loaded(&[(unknown.to_owned(), "1".to_owned())]).unwrap_err();
        let listed = error.split_once("expected").unwrap_or_else(|| panic!("{error}")).1;
        listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_catalogue_holds_every_setting_and_no_other() {
        let mut by_section: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (key, _, _) in SETTINGS {
            let (section, key) = key.split_once('.').unwrap();
            by_section.entry(section).or_default().insert(key.to_owned());
        }
        let mut sections = known_where("NEMKONTO_NOBODY__KNOWS");
        assert!(sections.remove("gap"));
        assert_eq!(sections, by_section.keys().map(|section| (*section).to_owned()).collect());
        for (section, keys) in by_section {
            assert_eq!(known_where(&variable(&format!("{section}.nobody_knows"))), keys, "{section}");
        }
    }

    #[test]
    fn every_default_is_what_holds_when_nothing_is_set() {
        let nothing = format!("{:?}", loaded(&[]).unwrap());
        let gaps = gaps::all().map(|gap| (format!("gap.{}", gap.key), gap.default));
        let values = SETTINGS.iter().filter_map(|(key, default, _)| match default {
            Value(value) => Some(((*key).to_owned(), (*value).to_owned())),
            _ => None,
        });
        for (key, value) in values.chain(gaps) {
            let set = loaded(&[(variable(&key), value.clone())]).unwrap_or_else(|error| panic!("{key}: {error}"));
            assert_eq!(format!("{set:?}"), nothing, "{key} = {value}");
        }
    }

    #[test]
    fn a_setting_that_has_no_such_effect_is_found_out() {
        let nothing = format!("{:?}", loaded(&[]).unwrap());
        for (key, other) in [("workers.count", "3"), ("gap.setoff.answer_days", "31"), ("holding.wind_down", "true")] {
            assert_ne!(format!("{:?}", loaded(&[(variable(key), other.to_owned())]).unwrap()), nothing, "{key}");
        }
    }

    #[test]
    fn the_document_is_the_catalogue() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../SETTINGS.md");
        let document = std::fs::read_to_string(path).unwrap();
        assert!(document == markdown(), "SETTINGS.md is not up to date: ./x settings > SETTINGS.md");
    }
}
