//! Every house, in a process of its own and over TLS, keeps its contract.

use std::fs;
use std::path::Path;
use std::process::Command;

use contracts::conformance;
use contracts::parties::{Parties, PartyChange, PayerProfile};
use contracts::{IdempotencyKey, ProblemCode};
use jiff::ToSpan;
use jiff::civil::Date;
use nemkonto::cli::Elsewhere;
use nemkonto::demo::{bank_day, operator};
use nemkonto::places::HouseName;
use platform::rpc::RpcClient;
use platform::service_token::ServiceToken;
use platform::testing::{TemporaryFolder, TestDatabase};
use platform::tls::Trust;
use primitives::{Clock, Currency, SystemClock, next_bank_day};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use simulation::{World, WorldSize};

use crate::support::served::{Certificates, Served, System, arguments, write_secret};
use crate::support::settings_file;

/// An authority, and a certificate of this machine that it vouches for.
fn certificates(folder: &Path) -> Certificates {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let file = |name: &str| folder.join(name);
    fs::write(file("ca.pem"), authority.pem()).unwrap();
    fs::write(file("certificate.pem"), certificate.pem()).unwrap();
    write_secret(&file("key.pem"), &key.serialize_pem());
    Certificates { authority: file("ca.pem"), certificate: file("certificate.pem"), key: file("key.pem") }
}

/// All houses, each in a process and on a database of its own.
struct Houses {
    _processes: Vec<Served>,
    _databases: Vec<TestDatabase>,
    folder: TemporaryFolder,
    world: World,
    elsewhere: Elsewhere,
    trust: Trust,
}

impl Houses {
    async fn open() -> Self {
        let folder = TemporaryFolder::new();
        let tls = certificates(folder.path());
        let trust = Trust::read(&tls.authority).unwrap();
        let system = System::new(folder.path(), Some(tls));
        let world = World::new(7, WorldSize { people: 100, companies: 10 }, bank_day(&SystemClock)).unwrap();
        let settings = folder.path().join("nemkonto.toml");
        fs::write(&settings, settings_file(&world, &folder.path().join("out"))).unwrap();
        let urls = HouseName::ALL.map(|house| (house, system.new_url()));
        let (mut processes, mut databases) = (Vec::new(), Vec::new());
        for (house, url) in &urls {
            let others: Vec<_> = urls.iter().filter(|(other, _)| other != house).cloned().collect();
            let database = TestDatabase::new(&[]).await;
            let mut command = system.serve(*house, url, database.url(), &system.elsewhere(&others));
            command.arg("--settings").arg(&settings);
            processes.push(Served::start(command));
            databases.push(database);
        }
        Self { _processes: processes, _databases: databases, folder, world, elsewhere: system.elsewhere(&urls), trust }
    }

    fn client(&self, url: &Option<String>) -> RpcClient {
        let secret = ServiceToken::read(self.elsewhere.service_secret.as_deref().unwrap()).unwrap();
        RpcClient::new(url.as_deref().unwrap(), Some(&self.trust)).unwrap().with_token(secret)
    }

    fn parties(&self) -> parties::Remote {
        parties::Remote::new(self.client(&self.elsewhere.parties_url))
    }

    /// Records the seeded parties and answers two payers with an account in kroner. Of a payer that the suite of the parties has left behind
    /// under the same number the seeded terms are refused; there are others.
    async fn payers(&self) -> [PayerProfile; 2] {
        let changes = self.world.parties();
        let key = IdempotencyKey::new("parties").unwrap();
        let recorded = self.parties().record(&operator(), &key, changes.clone()).await.unwrap();
        assert!(recorded.iter().filter_map(|result| result.as_ref().err()).all(|problem| problem.code == ProblemCode::Conflict));
        let mut payers = changes.iter().zip(&recorded).filter_map(|(change, recorded)| match (change, recorded) {
            (PartyChange::Payer(payer), Ok(_))
                if payer.debtor_accounts.iter().any(|account| account.currency == Currency::DKK) =>
            {
                Some(payer.clone())
            }
            _ => None,
        });
        [payers.next().unwrap(), payers.next().unwrap()]
    }
}

fn today() -> Date {
    SystemClock.today()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_house_keeps_its_contract() {
    let houses = Houses::open().await;
    // Before anything else is recorded: the suite knows which parties there are.
    conformance::parties::run(&houses.parties(), today()).await;
    let Elsewhere { register_url, holding_url, setoff_url, mediation_url, .. } = &houses.elsewhere;
    let register = register::Remote::new(houses.client(register_url));
    conformance::register::all(&register, 1).await;
    conformance::register::services(&register, 1).await;
    conformance::holding::all(&holding::Remote::new(houses.client(holding_url)), 1).await;
    conformance::setoff::all(&setoff::Remote::new(houses.client(setoff_url)), 1).await;
    let [payer, other] = houses.payers().await;
    let account = payer.debtor_accounts.iter().find(|account| account.currency == Currency::DKK).unwrap();
    let given = conformance::mediation::Given {
        payer: payer.agreement,
        debtor_account: account.account.clone(),
        on: next_bank_day(today() + 30.days()),
        other_payer: other.agreement,
    };
    conformance::mediation::all(&mediation::Remote::new(houses.client(mediation_url)), &given, 1).await;
    strangers_are_sent_away(&houses).await;
    a_file_is_handed_in(&houses);
}

/// Neither without the secret, nor by another's name.
async fn strangers_are_sent_away(houses: &Houses) {
    let url = houses.elsewhere.parties_url.as_deref().unwrap();
    let asked = async |client: RpcClient| parties::Remote::new(client).banks(&operator(), today()).await;
    let stranger = RpcClient::new(url, Some(&houses.trust)).unwrap();
    assert_eq!(asked(stranger.clone()).await.unwrap_err().code, ProblemCode::Forbidden);
    let wrong = ServiceToken::new("w".repeat(40)).unwrap();
    assert_eq!(asked(stranger.with_token(wrong)).await.unwrap_err().code, ProblemCode::Forbidden);

    let elsewhere = TemporaryFolder::new();
    let other_authority = Trust::read(&certificates(elsewhere.path()).authority).unwrap();
    let mistrusting = RpcClient::new(url, Some(&other_authority)).unwrap();
    assert_eq!(asked(mistrusting).await.unwrap_err().code, ProblemCode::Unavailable);
    let readable = RpcClient::new(&url.replacen("https", "http", 1), None).unwrap();
    assert_eq!(asked(readable).await.unwrap_err().code, ProblemCode::Unavailable);
}

/// The command needs neither database nor houses of its own.
fn a_file_is_handed_in(houses: &Houses) {
    let file = houses.folder.path().join("delivery.xml");
    fs::write(&file, "no message").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_nemkonto"));
    command.arg("deliver").arg(&file).args(["--supplier", "DLV-1"]).args(arguments(&houses.elsewhere));
    command.env("DATABASE_URL", "postgres://nobody@localhost:1/nothing");
    let output = command.env("NEMKONTO_KEY_FILE", houses.folder.path().join("no-keys")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("\"bytes\":10"), "{said} {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn nothing_is_served_without_a_secret_of_ones_own_or_readably_to_others() {
    let folder = TemporaryFolder::new();
    let secret = folder.path().join("secret");
    let refused = |listen: &str, with_secret: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nemkonto"));
        command.args(["serve", "--only", "parties", "--listen", listen]).env_remove("NEMKONTO_SERVICE_SECRET");
        if with_secret {
            command.arg("--service-secret").arg(&secret);
        }
        command.env("DATABASE_URL", "postgres://nobody@localhost:1/nothing");
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let check = |said: String, expect: &str| assert!(said.contains(expect), "{expect}: {said}");
    check(refused("127.0.0.1:0", false), "--service-secret");
    fs::write(&secret, "s".repeat(40)).unwrap();
    check(refused("127.0.0.1:0", true), "0600");
    write_secret(&secret, "short");
    check(refused("127.0.0.1:0", true), "does not hold a token");
    write_secret(&secret, &"s".repeat(40));
    check(refused("0.0.0.0:0", true), "can be reached from other machines");
}
