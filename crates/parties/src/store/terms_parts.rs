//! The parts of a version of terms: certificates, networks, limits and the client. They come back sorted.

use std::collections::HashMap;

use contracts::parties::{AllowedCertificate, Limit, LimitKind, Network, PartyTerms, SystemClient};
use platform::database::expect_rows;
use platform::fault::Fault;
use sqlx::PgConnection;

use crate::words::Spelled;

/// The parts of one version.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) certificates: Vec<AllowedCertificate>,
    pub(super) networks: Vec<Network>,
    pub(super) limits: Vec<Limit>,
    pub(super) client: Option<SystemClient>,
}

/// Records all parts of a version.
pub(super) async fn insert(connection: &mut PgConnection, version: i64, terms: &PartyTerms) -> Result<(), sqlx::Error> {
    let (organisations, serials): (Vec<String>, Vec<String>) =
        terms.certificates.iter().map(|certificate| (certificate.organisation.clone(), certificate.serial.clone())).unzip();
    let done = sqlx::query!(
        "insert into parties.allowed_certificate (version, organisation, serial) select $1, * from unnest($2::text[], $3::text[])",
        version,
        &organisations,
        &serials,
    )
    .execute(&mut *connection)
    .await?;
    expect_rows(done.rows_affected(), terms.certificates.len(), "certificates")?;
    let networks: Vec<String> = terms.networks.iter().map(ToString::to_string).collect();
    let done = sqlx::query!(
        "insert into parties.allowed_network (version, network) select $1, network::cidr from unnest($2::text[]) given (network)",
        version,
        &networks,
    )
    .execute(&mut *connection)
    .await?;
    expect_rows(done.rows_affected(), terms.networks.len(), "networks")?;
    let (kinds, most): (Vec<String>, Vec<i64>) =
        terms.limits.iter().map(|limit| (limit.kind.word().to_owned(), limit.most)).unzip();
    let done = sqlx::query!(
        "insert into parties.party_limit (version, kind, most) select $1, * from unnest($2::text[], $3::bigint[])",
        version,
        &kinds,
        &most,
    )
    .execute(&mut *connection)
    .await?;
    expect_rows(done.rows_affected(), terms.limits.len(), "limits")?;
    insert_client(connection, version, terms.client.as_ref()).await
}

async fn insert_client(connection: &mut PgConnection, version: i64, client: Option<&SystemClient>) -> Result<(), sqlx::Error> {
    let Some(client) = client else { return Ok(()) };
    let done = sqlx::query!(
        "insert into parties.system_client (version, client_id, public_key, broker_client_id) values ($1, $2, $3, $4)",
        version,
        client.client_id,
        client.public_key,
        client.broker_client_id,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "client")
}

/// The parts of the versions.
pub(super) async fn of_versions(connection: &mut PgConnection, versions: &[i64]) -> Result<HashMap<i64, Parts>, Fault> {
    let mut parts: HashMap<i64, Parts> = HashMap::new();
    let certificates = sqlx::query!(
        "select version, organisation, serial from parties.allowed_certificate where version = any($1) order by organisation, serial",
        versions,
    );
    for row in certificates.fetch_all(&mut *connection).await? {
        let certificate = AllowedCertificate { organisation: row.organisation, serial: row.serial };
        parts.entry(row.version).or_default().certificates.push(certificate);
    }
    let networks = sqlx::query!(
        r#"select version, text(network) as "network!" from parties.allowed_network where version = any($1) order by network"#,
        versions,
    );
    for row in networks.fetch_all(&mut *connection).await? {
        let network = Network::parse(&row.network).map_err(|_| Fault::Stored("network"))?;
        parts.entry(row.version).or_default().networks.push(network);
    }
    let limits =
        sqlx::query!("select version, kind, most from parties.party_limit where version = any($1) order by kind", versions);
    for row in limits.fetch_all(&mut *connection).await? {
        parts.entry(row.version).or_default().limits.push(Limit { kind: LimitKind::read(&row.kind)?, most: row.most });
    }
    let clients = sqlx::query!(
        "select version, client_id, public_key, broker_client_id from parties.system_client where version = any($1)",
        versions,
    );
    for row in clients.fetch_all(connection).await? {
        let (client_id, public_key, broker_client_id) = (row.client_id, row.public_key, row.broker_client_id);
        parts.entry(row.version).or_default().client = Some(SystemClient { client_id, public_key, broker_client_id });
    }
    Ok(parts)
}
