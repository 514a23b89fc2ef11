//! Deliveries as their payer sees them.

use std::collections::HashMap;

use contracts::mediation::{DeliveryFinding, DeliverySummary};
use primitives::{AgreementNumber, DeliveryId, Text};
use sqlx::PgPool;

use crate::delivery::state_from_code;
use crate::error::Error;

/// How many findings of a delivery are shown.
const FINDINGS_SHOWN: i64 = 100;

/// The payer's newest deliveries, the newest first.
pub(crate) async fn newest(pool: &PgPool, payer: AgreementNumber, limit: i64) -> Result<Vec<DeliverySummary>, Error> {
    let rows = sqlx::query!(
        "select h.delivery_id, d.received_at, r.state, h.payments, h.rejected
         from mediation.delivery_header h
         join mediation.delivery d on d.delivery_id = h.delivery_id
         join mediation.delivery_reading r on r.delivery_id = h.delivery_id
         where h.payer = $1 order by h.delivery_id desc limit $2",
        payer.digits(),
        limit,
    )
    .fetch_all(pool)
    .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.delivery_id).collect();
    let mut findings = findings(pool, &ids).await?;
    rows.into_iter()
        .map(|row| {
            Ok(DeliverySummary {
                delivery: DeliveryId::new(row.delivery_id),
                received_at: row.received_at.to_jiff(),
                state: state_from_code(row.state)?,
                payments: row.payments.unsigned_abs(),
                rejected: row.rejected.unsigned_abs(),
                findings: findings.remove(&row.delivery_id).unwrap_or_default(),
            })
        })
        .collect()
}

/// The first findings of each delivery.
async fn findings(pool: &PgPool, deliveries: &[i64]) -> Result<HashMap<i64, Vec<DeliveryFinding>>, Error> {
    let rows = sqlx::query!(
        r#"select f.delivery_id as "delivery_id!", f.line as "line!", f.path as "path!", f.code as "code!", f.text_da as "da!", f.text_en as "en!"
           from unnest($1::bigint[]) as wanted (delivery_id)
           cross join lateral (select * from mediation.finding f where f.delivery_id = wanted.delivery_id
                               order by f.finding_no limit $2) f
           order by f.delivery_id, f.finding_no"#,
        deliveries,
        FINDINGS_SHOWN,
    )
    .fetch_all(pool)
    .await?;
    let mut by_delivery: HashMap<i64, Vec<DeliveryFinding>> = HashMap::new();
    for row in rows {
        by_delivery.entry(row.delivery_id).or_default().push(DeliveryFinding {
            line: row.line.unsigned_abs(),
            path: row.path,
            code: row.code,
            text: Text::new(row.da, row.en),
        });
    }
    Ok(by_delivery)
}
