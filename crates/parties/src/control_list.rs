//! What somebody has to look at: who looked up too much, and which certificates end.

use contracts::{
    Actor, Context, IdempotencyKey, ItemResult, Problem,
    parties::{ControlEntry, ControlMatter, ControlQuery, PartyKey, SeenCertificate},
};
use jiff::{SignedDuration, Timestamp};
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::copenhagen;

use crate::{
    checks::{check_text, invalid},
    house::House,
    limits::{MAX_CHANGES, MAX_PARTY_ID},
    lookups::concerns,
    rights, store,
};

/// From this long before its last moment on, a certificate stands on the list.
const WARN_BEFORE: SignedDuration = SignedDuration::from_hours(60 * 24);
/// The most characters of a certificate's name.
const MAX_CERTIFICATE_NAME: usize = 200;
/// The most entries one answer lists.
const MAX_ENTRIES: u32 = 1_000;

/// Notes each certificate, or says why not.
pub(crate) async fn note_certificates(
    house: &House, context: &Context, key: &IdempotencyKey, seen: &[SeenCertificate],
) -> Result<Vec<ItemResult<()>>, Fault> {
    rights::require_recorder(context)?;
    check_count(seen.len(), MAX_CHANGES, "input")?;
    let once = house.answers.call_with(context, "note-certificates", key, &seen)?;
    house
        .database
        .transaction("parties.note_certificates", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let mut results: Vec<ItemResult<()>> = Vec::with_capacity(seen.len());
            for certificate in seen {
                let result = check_seen(certificate);
                if result.is_ok() {
                    store::certificate_seen::note(&mut tx, certificate, house.clock.now()).await?;
                }
                results.push(result);
            }
            once.remember(&mut tx, results).await
        })
        .await
}

fn check_seen(seen: &SeenCertificate) -> Result<(), Problem> {
    check_text(&seen.name, MAX_CERTIFICATE_NAME, "name")?;
    seen.party.as_ref().map_or(Ok(()), |party| check_text(&party.id, MAX_PARTY_ID, "party"))
}

/// The list, latest first.
pub(crate) async fn control_list(house: &House, context: &Context, query: ControlQuery) -> Result<Vec<ControlEntry>, Fault> {
    if !matches!(context.actor, Actor::Operator { .. } | Actor::House { .. } | Actor::Caseworker { .. }) {
        return Err(rights::forbidden().into());
    }
    if query.limit == 0 || query.limit > MAX_ENTRIES {
        return Err(invalid("limit", "Spørg efter 1 til 1.000 linjer.", "Ask for 1 to 1,000 entries.").into());
    }
    let now = house.clock.now();
    let mut connection = house.database.pool().acquire().await?;
    let warned = now.saturating_add(WARN_BEFORE).unwrap_or(Timestamp::MAX);
    let certificates = store::certificate_seen::ending(&mut connection, warned).await?;
    let certificates = certificates.into_iter().filter(|(_, seen)| concerns_party(&context.actor, seen.party.as_ref()));
    let mut entries: Vec<ControlEntry> = certificates
        .map(|(at, SeenCertificate { party, name, good_until })| {
            // What has been known for long came upon the list when its last 60 days began.
            let at = at.max(good_until.saturating_sub(WARN_BEFORE).unwrap_or(at));
            ControlEntry { at, matter: ControlMatter::CertificateEnds { party, name, good_until } }
        })
        .collect();
    let since = query.since.to_zoned(copenhagen().clone()).map_err(|_| Fault::from(no_such_day()))?.timestamp();
    for alert in store::lookups::alerts(&mut connection, since).await? {
        if concerns(&context.actor, &alert.who) {
            let matter = ControlMatter::LookupsBlocked { who: alert.who, tokens: alert.tokens.unsigned_abs() };
            entries.push(ControlEntry { at: alert.at, matter });
        }
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
    Ok(entries)
}

fn no_such_day() -> Problem {
    invalid("since", "Dagen ligger uden for kalenderen.", "The day lies outside the calendar.")
}

/// A caseworker is told of the certificates of the own authority; the system's own are the operators' business.
fn concerns_party(actor: &Actor, party: Option<&PartyKey>) -> bool {
    match (actor, party) {
        (Actor::Caseworker { authority, .. }, Some(party)) => party.kind.pays() && party.id == authority.digits(),
        (Actor::Caseworker { .. }, None) => false,
        _ => true,
    }
}
