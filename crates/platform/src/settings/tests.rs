//! Settings.

use super::*;
use crate::testing::TemporaryFolder;

fn load(file: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let folder = TemporaryFolder::new();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, file).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::load(Some(&path), environment)
}

#[test]
fn without_a_file_everything_has_a_default() {
    let settings = Settings::load(None, [("HOME".to_owned(), "/x".to_owned())].into_iter()).unwrap();
    assert!(settings.database.url.is_none() && settings.http.listen.ip().is_loopback() && settings.local_postgres.fsync);
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "[http]\nlisten = '127.0.0.1:1'\n[workers]\ncount = 3\nlease_seconds = 5";
    let settings = load(file, &[("NEMKONTO_HTTP__LISTEN", "127.0.0.1:2"), ("NEMKONTO_WORKERS__COUNT", "4")]).unwrap();
    assert_eq!(settings.http.listen.port(), 2);
    assert_eq!((settings.workers.count, settings.workers.lease_seconds), (4, 5));
}

#[test]
fn the_database_has_two_names() {
    let url = |environment| load("[database]\nurl = 'postgres://file'", environment).unwrap().database.url.unwrap();
    assert_eq!(url(&[]), "postgres://file");
    assert_eq!(url(&[("DATABASE_URL", "postgres://usual")]), "postgres://usual");
    assert_eq!(url(&[("NEMKONTO_DATABASE__URL", "postgres://ours"), ("DATABASE_URL", "postgres://usual")]), "postgres://ours");
}

#[test]
fn what_nobody_knows_is_an_error_that_names_it() {
    let check = |file, environment: &[_], expected: &str| {
        let error = load(file, environment).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("[http]\nlisen = 1", &[], "lisen");
    check("[htp]\nlisten = 1", &[], "htp");
    check("[http", &[], "not TOML");
    check("", &[("NEMKONTO_HTTP", "x")], "NEMKONTO_HTTP");
    check("", &[("NEMKONTO_HTTP__LISTEN__X", "x"), ("NEMKONTO_HTTP__LISTEN", "x")], "NEMKONTO_HTTP__LISTEN");
    check("[telemetry]\nformat = 'xml'", &[], "telemetry.format has a value of the wrong kind");
}

#[test]
fn secrets_are_not_in_debug_output() {
    let file = "[database]\nurl = 'postgres://u:secret1@h/d'\n[http]\nservice_token = 'secret2'";
    let shown = format!("{:?}", load(file, &[]).unwrap());
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn gaps_have_labelled_defaults_that_an_operator_replaces() {
    let gap = Gap { key: "mediation.cut_off_minutes", meaning: "minutes after midnight", default: 600 };
    assert_eq!(load("", &[]).unwrap().gap(&gap).unwrap(), 600);
    let settings = load("[gap.mediation]\ncut_off_minutes = 30", &[]).unwrap();
    assert_eq!(settings.gap(&gap).unwrap(), 30);
    assert!(settings.check_gaps(&[gap.key]).is_ok());
    assert!(settings.check_gaps(&["other"]).unwrap_err().to_string().contains("gap.mediation.cut_off_minutes"));
    let environment = [("NEMKONTO_GAP__MEDIATION__CUT_OFF_MINUTES", "45")];
    assert_eq!(load("", &environment).unwrap().gap(&gap).unwrap(), 45);
    let wrong = load("[gap.mediation]\ncut_off_minutes = 'noon'", &[]).unwrap().gap(&gap).unwrap_err();
    assert!(wrong.to_string().contains("minutes after midnight"));
}
