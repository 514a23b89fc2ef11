//! `register.webhook`, `register.webhook_message` and `register.webhook_head`: addresses of payers, and what waits for them.

use contracts::register::{NewWebhook, Webhook, WebhookKind, WebhookRef};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::lease::{Lease, LeaseTerms};
use primitives::{AgreementNumber, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::fault::Fault;
use crate::vault::SealedNumber;

/// A webhook that is added, with who added it and on which legal basis its payer is told.
pub(crate) struct Added<'a> {
    pub webhook: Uuid,
    pub wanted: &'a NewWebhook,
    /// Sealed.
    pub secret: Vec<u8>,
    pub legal_basis: &'a str,
    pub purpose: &'a str,
    pub by: String,
    pub at: Timestamp,
}

pub(crate) async fn insert(conn: &mut PgConnection, added: &Added<'_>) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into register.webhook (webhook_id, payer, url, secret, legal_basis, purpose, recorded_at, recorded_by, next_attempt)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $7)",
        added.webhook,
        added.wanted.payer.digits(),
        added.wanted.url,
        added.secret,
        added.legal_basis,
        added.purpose,
        added.at.to_sqlx(),
        added.by,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), 1, "add a webhook")
}

/// A payer's webhooks, oldest first.
pub(crate) async fn of_payer(conn: &mut PgConnection, payer: AgreementNumber) -> Result<Vec<Webhook>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select w.webhook_id, w.url, w.failing_since, w.disabled_at,
                  (select count(*) from register.webhook_message m where m.webhook_id = w.webhook_id) as "waiting!"
           from register.webhook w where w.payer = $1 order by w.recorded_at, w.webhook_id"#,
        payer.digits(),
    )
    .fetch_all(conn)
    .await?;
    let webhooks = rows.into_iter().map(|row| Webhook {
        webhook: row.webhook_id,
        url: row.url,
        waiting: u64::try_from(row.waiting).unwrap_or_default(),
        failing_since: row.failing_since.map(|at| at.to_jiff()),
        disabled_at: row.disabled_at.map(|at| at.to_jiff()),
    });
    Ok(webhooks.collect())
}

/// Signs with another secret, and with the one of before until a time; answers whether the payer has the webhook.
pub(crate) async fn rotate(
    conn: &mut PgConnection, webhook: &WebhookRef, secret: &[u8], old_until: Timestamp,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update register.webhook set old_secret = secret, old_until = $4, secret = $3 where payer = $1 and webhook_id = $2",
        webhook.payer.digits(),
        webhook.webhook,
        secret,
        old_until.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a webhook and what waits for it; answers whether the payer had it.
pub(crate) async fn remove(conn: &mut PgConnection, webhook: &WebhookRef) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from register.webhook where payer = $1 and webhook_id = $2",
        webhook.payer.digits(),
        webhook.webhook,
    )
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("delete from register.webhook_message where webhook_id = $1", webhook.webhook).execute(conn).await?;
    Ok(true)
}

/// Sends to a webhook again, at once; answers whether the payer has it.
pub(crate) async fn enable(conn: &mut PgConnection, webhook: &WebhookRef, at: Timestamp) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update register.webhook set disabled_at = null, failing_since = null, attempts = 0, next_attempt = $3
         where payer = $1 and webhook_id = $2",
        webhook.payer.digits(),
        webhook.webhook,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the place in the feed that webhooks were told of, unless another worker has it.
pub(crate) async fn lock_head(conn: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!("select position from register.webhook_head for update skip locked").fetch_optional(conn).await
}

pub(crate) async fn set_head(conn: &mut PgConnection, position: i64) -> Result<(), sqlx::Error> {
    let done = sqlx::query!("update register.webhook_head set position = $1", position).execute(conn).await?;
    expect_rows(done.rows_affected(), 1, "tell webhooks")
}

/// The last position of the feed, where there is no webhook to be told.
pub(crate) async fn untold_end(conn: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "select position from register.feed_head
         where not exists (select from register.webhook where disabled_at is null)"
    )
    .fetch_optional(conn)
    .await
}

/// A payer that waits for a holder, and its webhook.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub webhook: Uuid,
    pub payer: AgreementNumber,
    pub legal_basis: String,
    pub purpose: String,
    /// Which of the news it is about.
    pub position: i64,
    /// The reference the payer was given.
    pub holder: HolderRef,
    /// The number the payer gave.
    pub number: SealedNumber,
}

/// Who waits for holders that there is news of, by position.
pub(crate) async fn waiting(conn: &mut PgConnection, positions: &[i64], holders: &[Uuid]) -> Result<Vec<Waiting>, Fault> {
    let rows = sqlx::query!(
        r#"select distinct on (w.webhook_id, news.position, s.holder_ref)
                  w.webhook_id, w.payer, w.legal_basis, w.purpose, news.position as "position!", s.holder_ref, s.kind, s.number
           from unnest($1::bigint[], $2::uuid[]) as news (position, holder_ref)
           join register.identifier i on i.holder_ref = news.holder_ref and i.unlinked_at is null
           join register.subscription s on s.kind = i.kind and s.number = i.number
           join register.webhook w on w.payer = s.payer and w.disabled_at is null
           order by w.webhook_id, news.position, s.holder_ref"#,
        positions,
        holders,
    )
    .fetch_all(conn)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Waiting {
            webhook: row.webhook_id,
            payer: AgreementNumber::parse(&row.payer).map_err(|_| Fault::Corrupt("agreement number"))?,
            legal_basis: row.legal_basis,
            purpose: row.purpose,
            position: row.position,
            holder: HolderRef(row.holder_ref),
            number: SealedNumber { kind: row.kind, number: row.number },
        })
    });
    read.collect()
}

/// A message in its webhook's queue.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub message: Uuid,
    pub webhook: Uuid,
    pub position: i64,
    pub holder: HolderRef,
    pub kind: WebhookKind,
    pub at: Timestamp,
}

/// Queues messages.
pub(crate) async fn queue(conn: &mut PgConnection, messages: &[Message]) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = messages.iter().map(|message| message.message).collect();
    let webhooks: Vec<Uuid> = messages.iter().map(|message| message.webhook).collect();
    let positions: Vec<i64> = messages.iter().map(|message| message.position).collect();
    let holders: Vec<Uuid> = messages.iter().map(|message| message.holder.get()).collect();
    let kinds: Vec<&str> = messages.iter().map(|message| kind_text(message.kind)).collect();
    let times: Vec<_> = messages.iter().map(|message| message.at.to_sqlx()).collect();
    let done = sqlx::query!(
        "insert into register.webhook_message (message_id, webhook_id, position, holder_ref, kind, at)
         select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::timestamptz[])",
        &ids,
        &webhooks,
        &positions,
        &holders,
        &kinds as _,
        &times as _,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), messages.len(), "queue messages of webhooks")
}

/// A webhook that something waits for, claimed to be sent to.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub webhook: Uuid,
    pub payer: String,
    pub url: String,
    /// Sealed: the secret in use.
    pub secret: Vec<u8>,
    /// Sealed: the secret of before, where it still signs.
    pub old_secret: Option<Vec<u8>>,
    /// Failures in a row.
    pub attempts: i32,
    pub failing_since: Option<Timestamp>,
    pub lease: Lease,
}

/// Claims the webhook that has waited longest for an attempt.
pub(crate) async fn claim(
    conn: &mut PgConnection, worker: Uuid, terms: LeaseTerms, now: Timestamp,
) -> Result<Option<Claimed>, sqlx::Error> {
    let row = sqlx::query!(
        r#"with due as materialized (
               select webhook_id from register.webhook w
               where disabled_at is null and next_attempt <= $3 and (lease_until is null or lease_until < now())
                 and exists (select from register.webhook_message m where m.webhook_id = w.webhook_id)
               order by next_attempt, webhook_id limit 1 for update skip locked
           )
           update register.webhook w
           set lease_token = lease_token + 1, lease_holder = $1, lease_until = now() + $2::bigint * interval '1 millisecond'
           from due where w.webhook_id = due.webhook_id
           returning w.webhook_id, w.payer, w.url, w.secret, w.attempts, w.failing_since, w.lease_token,
                     case when w.old_until > $3 then w.old_secret end as old_secret"#,
        worker,
        terms.milliseconds(),
        now.to_sqlx(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Claimed {
        webhook: row.webhook_id,
        payer: row.payer,
        url: row.url,
        secret: row.secret,
        old_secret: row.old_secret,
        attempts: row.attempts,
        failing_since: row.failing_since.map(|at| at.to_jiff()),
        lease: Lease { token: row.lease_token, holder: worker },
    }))
}

/// What waits for a webhook, oldest first.
pub(crate) async fn oldest(conn: &mut PgConnection, webhook: Uuid, limit: i64) -> Result<Vec<Message>, Fault> {
    let rows = sqlx::query!(
        "select message_id, webhook_id, position, holder_ref, kind, at from register.webhook_message
         where webhook_id = $1 order by position, holder_ref limit $2",
        webhook,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Message {
            message: row.message_id,
            webhook: row.webhook_id,
            position: row.position,
            holder: HolderRef(row.holder_ref),
            kind: kind_of(&row.kind)?,
            at: row.at.to_jiff(),
        })
    });
    read.collect()
}

/// Takes a message out of the queue, where the lease still holds, and extends it.
pub(crate) async fn taken(
    conn: &mut PgConnection, claimed: &Claimed, message: &Message, terms: LeaseTerms, now: Timestamp,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "update register.webhook
         set attempts = 0, failing_since = null, next_attempt = $3, lease_until = now() + $4::bigint * interval '1 millisecond'
         where webhook_id = $1 and lease_token = $2",
        claimed.webhook,
        claimed.lease.token,
        now.to_sqlx(),
        terms.milliseconds(),
    )
    .execute(&mut *conn)
    .await?;
    expect_rows(done.rows_affected(), 1, "note that a webhook took a message")?;
    sqlx::query!("delete from register.webhook_message where message_id = $1", message.message).execute(conn).await?;
    Ok(())
}

/// How an attempt failed.
pub(crate) struct Failure {
    pub since: Timestamp,
    pub next_attempt: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

/// Notes a failed attempt, where the lease still holds.
pub(crate) async fn failed(conn: &mut PgConnection, claimed: &Claimed, failure: &Failure) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "update register.webhook
         set attempts = attempts + 1, failing_since = $3, next_attempt = $4, disabled_at = $5, lease_until = null
         where webhook_id = $1 and lease_token = $2",
        claimed.webhook,
        claimed.lease.token,
        failure.since.to_sqlx(),
        failure.next_attempt.to_sqlx(),
        failure.disabled_at.map(|at| at.to_sqlx()) as _,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), 1, "note a failure of a webhook")
}

/// Gives a lease back; one that ran out is another worker's.
pub(crate) async fn release(conn: &mut PgConnection, claimed: &Claimed) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update register.webhook set lease_until = null where webhook_id = $1 and lease_token = $2",
        claimed.webhook,
        claimed.lease.token,
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn kind_text(kind: WebhookKind) -> &'static str {
    match kind {
        WebhookKind::AccountAvailable => "payee.account_available",
        WebhookKind::AccountEnded => "payee.account_ended",
    }
}

fn kind_of(text: &str) -> Result<WebhookKind, Fault> {
    [WebhookKind::AccountAvailable, WebhookKind::AccountEnded]
        .into_iter()
        .find(|kind| kind_text(*kind) == text)
        .ok_or(Fault::Corrupt("kind of a message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text in the database is the one on the wire.
    #[test]
    fn kinds_are_written_as_they_travel() {
        for kind in [WebhookKind::AccountAvailable, WebhookKind::AccountEnded] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind_text(kind));
            assert_eq!(kind_of(kind_text(kind)).unwrap(), kind);
        }
    }
}
