//! What holders are told of changes to their accounts: an outbox for Digital Post. No account and no number stands in a notice.

use contracts::register::AccountPurpose;
use contracts::{Context, Problem};
use jiff::civil::Date;
use primitives::{HolderRef, Identifier, Text};

use crate::House;
use crate::dossier::Dossier;
use crate::fault::Fault;
use crate::letter::check_printing;
use crate::store;
use crate::store::notice::{self, Waiting};
use crate::vault::{SealedNumber, Vault};

/// What has happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is in force, from a day.
    Designated,
    /// It waits for the code of a letter.
    WaitsForCode,
    /// It was ended, from a day.
    Ended,
    /// A change that was held is refused.
    Refused,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Designated, Self::WaitsForCode, Self::Ended, Self::Refused];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Designated => "designated",
            Self::WaitsForCode => "waits_for_code",
            Self::Ended => "ended",
            Self::Refused => "refused",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A change a holder is to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub holder: HolderRef,
    pub kind: Kind,
    pub is_specific: bool,
    /// First day payments follow the change.
    pub on: Option<Date>,
}

impl Note {
    pub(crate) fn new(holder: HolderRef, kind: Kind, purpose: &AccountPurpose, on: Option<Date>) -> Self {
        Self { holder, kind, is_specific: *purpose != AccountPurpose::NemKonto, on }
    }

    fn body(&self) -> Text {
        let (konto, account) = match self.is_specific {
            true => ("konto til en bestemt ydelse", "account for one benefit"),
            false => ("NemKonto", "NemKonto"),
        };
        let day = self.on.map(|day| day.strftime("%d.%m.%Y").to_string()).unwrap_or_default();
        match self.kind {
            Kind::Designated => Text::new(
                format!(
                    "Din {konto} er ændret. Udbetalinger følger ændringen fra den {day}. Var det ikke dig, så ring til NemKonto."
                ),
                format!("Your {account} was changed. Payouts follow the change from {day}. If it was not you, call NemKonto."),
            ),
            Kind::WaitsForCode => Text::new(
                format!(
                    "Der er bedt om at ændre din {konto}. Ændringen gælder først, når koden fra brevet er indtastet. Var det ikke dig, så ring til NemKonto."
                ),
                format!(
                    "A change of your {account} was asked for. It applies once the code of the letter is entered. If it was not you, call NemKonto."
                ),
            ),
            Kind::Ended => Text::new(
                format!("Din {konto} er ophævet fra den {day}. Var det ikke dig, så ring til NemKonto."),
                format!("Your {account} was ended from {day}. If it was not you, call NemKonto."),
            ),
            Kind::Refused => Text::new(
                format!(
                    "En ændring af din {konto} er afvist. Udbetalinger går, som de gik før den. Har du spørgsmål, så ring til NemKonto."
                ),
                format!(
                    "A change of your {account} was refused. Payouts go as they did before it. If you have questions, call NemKonto."
                ),
            ),
        }
    }
}

/// A message to a holder, to be sent by Digital Post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number in the outbox.
    pub notice: i64,
    /// The holder.
    pub holder: HolderRef,
    /// The number in use now, by which Digital Post is addressed.
    pub identifier: Identifier,
    /// The subject.
    pub subject: Text,
    /// The text.
    pub body: Text,
}

impl House {
    /// The oldest notices that were not sent yet, at most `limit`. Logged like any lookup.
    ///
    /// # Errors
    /// `FORBIDDEN` for others than the operator and houses of the system; `UNAVAILABLE` when the database fails.
    pub async fn notices_to_send(&self, context: &Context, limit: u32) -> Result<Vec<Notice>, Problem> {
        check_printing(context)?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let reading = self.database.transaction("register.notices_to_send", async |mut tx| {
            let waiting = notice::unsent(&mut tx, i64::from(limit)).await?;
            let dossiers = store::dossier::load(&mut tx, waiting.iter().map(|waiting| waiting.note.holder)).await?;
            let numbers: Vec<SealedNumber> =
                dossiers.values().filter_map(Dossier::latest_facts).map(|facts| facts.current.clone()).collect();
            self.log_access(&mut tx, context, "notices", &numbers, now).await?;
            let notice = |waiting: Waiting| {
                let facts = dossiers.get(&waiting.note.holder).and_then(Dossier::latest_facts);
                open(&vault, &waiting, &facts.ok_or(Fault::Corrupt("holder without facts"))?.current)
            };
            waiting.into_iter().map(notice).collect::<Result<Vec<_>, Fault>>()
        });
        Ok(reading.await?)
    }

    /// Takes notices out of the outbox once they are sent; answers how many.
    ///
    /// # Errors
    /// `FORBIDDEN` for others than the operator and houses of the system; `UNAVAILABLE` when the database fails.
    pub async fn notices_sent(&self, context: &Context, notices: &[i64]) -> Result<u64, Problem> {
        check_printing(context)?;
        let marking = self.database.transaction("register.notices_sent", async |mut tx| {
            Ok::<_, Fault>(notice::mark_sent(&mut tx, notices, self.clock.now()).await?)
        });
        Ok(marking.await?)
    }
}

fn open(vault: &Vault, waiting: &Waiting, current: &SealedNumber) -> Result<Notice, Fault> {
    Ok(Notice {
        notice: waiting.notice,
        holder: waiting.note.holder,
        identifier: vault.open_number(current)?,
        subject: Text::new("Din NemKonto", "Your NemKonto"),
        body: waiting.note.body(),
    })
}
