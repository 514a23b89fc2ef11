//! Settings.

use serde::Deserialize;

use super::*;
use crate::testing::TemporaryFolder;

/// A program's settings.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    database: DatabaseSettings,
    local_postgres: LocalPostgresSettings,
    seal: SealSettings,
    workers: WorkerSettings,
    telemetry: TelemetrySettings,
    gap: Gaps,
}

fn from_file(file: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let folder = TemporaryFolder::new();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, file).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(Some(&path), environment)
}

#[test]
fn without_a_file_everything_has_a_default() {
    let settings: Settings = load(None, [("HOME".to_owned(), "/x".to_owned())].into_iter()).unwrap();
    assert!(settings.database.url.is_none() && settings.local_postgres.fsync);
    assert_eq!((settings.workers.count, settings.telemetry.filter.as_str()), (2, "warn"));
    let beside = settings.seal.key_file(&settings.local_postgres);
    assert_eq!(beside.parent(), settings.local_postgres.data_dir.parent());
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "[local_postgres]\nmax_connections = 7\n[workers]\ncount = 3";
    let settings = from_file(file, &[("NEMKONTO_WORKERS__COUNT", "4"), ("NEMKONTO_TELEMETRY__FORMAT", "json")]).unwrap();
    assert_eq!((settings.local_postgres.max_connections, settings.workers.count), (7, 4));
    assert_eq!(settings.telemetry.format, crate::telemetry::LogFormat::Json);
}

#[test]
fn a_short_name_wins_over_the_file_and_the_long_one_over_both() {
    let url = |environment| from_file("[database]\nurl = 'postgres://file'", environment).unwrap().database.url.unwrap();
    assert_eq!(url(&[]), "postgres://file");
    assert_eq!(url(&[("DATABASE_URL", "")]), "postgres://file");
    assert_eq!(url(&[("DATABASE_URL", "postgres://usual")]), "postgres://usual");
    assert_eq!(url(&[("NEMKONTO_DATABASE__URL", "postgres://ours"), ("DATABASE_URL", "postgres://usual")]), "postgres://ours");
    let settings = from_file("", &[("NEMKONTO_DATA_DIR", "/d"), ("NEMKONTO_KEY_FILE", "/k"), ("NEMKONTO_LOG", "info")]).unwrap();
    assert_eq!(settings.local_postgres.data_dir, Path::new("/d"));
    assert_eq!(settings.seal.key_file(&settings.local_postgres), Path::new("/k"));
    assert_eq!(settings.telemetry.filter, "info");
}

#[test]
fn what_nobody_knows_is_an_error_that_names_it() {
    let check = |file, environment: &[_], expected: &str| {
        let error = from_file(file, environment).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("[workers]\ncont = 1", &[], "cont");
    check("[wrkers]\ncount = 1", &[], "wrkers");
    check("[workers", &[], "not TOML");
    check("", &[("NEMKONTO_WORKERS", "x")], "NEMKONTO_WORKERS");
    check("", &[("NEMKONTO_WORKERS__COUNT__X", "x"), ("NEMKONTO_WORKERS__COUNT", "1")], "NEMKONTO_WORKERS__COUNT");
    check("[telemetry]\nformat = 'xml'", &[], "telemetry.format has a value of the wrong kind");
    assert!(from_file("", &NOT_SETTINGS.map(|name| (name, "x"))).is_ok());
}

#[test]
fn secrets_are_not_in_debug_output() {
    let file = "[database]\nurl = 'postgres://u:secret1@h/d'\nadmin_url = 'postgres://u:secret2@h/d'";
    let shown = format!("{:?}", from_file(file, &[]).unwrap());
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn gaps_have_labelled_defaults_that_an_operator_replaces() {
    let gap = Gap { key: "mediation.cut_off_minutes", meaning: "minutes after midnight", default: 600 };
    assert_eq!(from_file("", &[]).unwrap().gap.get(&gap).unwrap(), 600);
    let settings = from_file("[gap.mediation]\ncut_off_minutes = 30", &[]).unwrap();
    assert_eq!(settings.gap.get(&gap).unwrap(), 30);
    assert!(settings.gap.check(&[gap.key]).is_ok());
    assert!(settings.gap.check(&["other"]).unwrap_err().to_string().contains("gap.mediation.cut_off_minutes"));
    let environment = [("NEMKONTO_GAP__MEDIATION__CUT_OFF_MINUTES", "45")];
    assert_eq!(from_file("", &environment).unwrap().gap.get(&gap).unwrap(), 45);
    let wrong = from_file("[gap.mediation]\ncut_off_minutes = 'noon'", &[]).unwrap().gap.get(&gap).unwrap_err();
    assert!(wrong.to_string().contains("minutes after midnight"));
}
