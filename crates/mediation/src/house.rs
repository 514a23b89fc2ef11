//! The house: what it holds and whom it works with.

use std::fmt;
use std::sync::Arc;

use contracts::holding::Holding;
use contracts::parties::Parties;
use contracts::register::Register;
use contracts::setoff::Setoff;
use contracts::{Actor, Context, LegalBasis, Purpose};
use platform::access_log::AccessLog;
use platform::change_log::ChangeLog;
use platform::database::Database;
use platform::once::Answers;
use platform::seal::{KeyRing, Sealer};
use primitives::{AgreementNumber, Clock, IdSource};

use crate::channel::Channel;
use crate::connections::Connections;
use crate::payouts::TakesPayouts;
use crate::settings::Settings;
use crate::vault::Vault;

/// The law that lets the system find the account and pay: lov om nemkonto.
const LEGAL_BASIS: &str = "lov 696/2025";
/// The most payments of a slice: what the other houses take in one call, and what numbers of groups in a slice can count.
const LARGEST_SLICE: usize = 32_000;
/// Why other houses are asked.
const PURPOSE: &str = "payment mediation";

/// Payment mediation. A clone is a cheap handle on the same house.
#[derive(Clone)]
pub struct House {
    pub(crate) database: Database,
    pub(crate) connections: Connections,
    pub(crate) vault: Vault,
    pub(crate) answers: Answers,
    pub(crate) log: ChangeLog,
    pub(crate) access: AccessLog,
    pub(crate) register: Arc<dyn Register>,
    pub(crate) parties: Arc<dyn Parties>,
    pub(crate) setoff: Arc<dyn Setoff>,
    pub(crate) holding: Arc<dyn Holding>,
    pub(crate) payouts: Arc<dyn TakesPayouts>,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) settings: Settings,
}

/// The other houses, known by their contracts alone.
#[derive(Clone)]
pub struct Neighbours {
    /// Who has which account.
    pub register: Arc<dyn Register>,
    /// Who pays, under which agreement, through which bank.
    pub parties: Arc<dyn Parties>,
    /// Which payout is redirected to public debt.
    pub setoff: Arc<dyn Setoff>,
    /// Where money without an account goes.
    pub holding: Arc<dyn Holding>,
    /// Who keeps when a payee was paid last: the register.
    pub payouts: Arc<dyn TakesPayouts>,
}

/// The outside world: how files leave, what time it is, where random identifiers come from.
#[derive(Clone)]
pub struct Means {
    /// Hands files over to banks and payers.
    pub channel: Arc<dyn Channel>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random identifiers.
    pub ids: Arc<dyn IdSource>,
}

impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("House").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl House {
    /// The house on its database (runtime role `nemkonto_mediation`). It derives its own keys from the ring.
    ///
    /// Work that uses two connections at once shares them by the pool's size: with 16, five such works run at a time, and four uploads.
    #[must_use]
    pub fn new(database: Database, keys: &KeyRing, neighbours: Neighbours, means: Means, settings: Settings) -> Self {
        let slice_payments = settings.slice_payments.clamp(1, LARGEST_SLICE);
        let settings = Settings { slice_payments, ..settings };
        let sealer = Sealer::new(keys, "mediation");
        Self {
            connections: Connections::of_pool(database.pool().options().get_max_connections()),
            database,
            answers: Answers::new("mediation", sealer.clone(), settings.keep_answers),
            log: ChangeLog::new("mediation", keys),
            access: AccessLog::new("mediation", sealer.clone()),
            vault: Vault::new(sealer),
            register: neighbours.register,
            parties: neighbours.parties,
            setoff: neighbours.setoff,
            holding: neighbours.holding,
            payouts: neighbours.payouts,
            channel: means.channel,
            clock: means.clock,
            ids: means.ids,
            settings,
        }
    }

    /// The circumstances under which this house calls another: as itself, for the payer if one is given.
    pub(crate) fn context(&self, payer: Option<AgreementNumber>) -> Context {
        Context {
            actor: Actor::House { name: "mediation".to_owned() },
            on_behalf_of: payer,
            legal_basis: LegalBasis::new(LEGAL_BASIS).expect("a short text that is not blank"),
            purpose: Purpose::new(PURPOSE).expect("a short text that is not blank"),
            trace: self.ids.uuid_v4(),
            acting: None,
        }
    }
}
