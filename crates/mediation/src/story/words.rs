//! What became of a leg, in words: how far it has come, and where it goes.

use contracts::mediation::{Destination, PaymentState};
use primitives::Text;

/// How far a leg has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing was sent and nothing will be: the money stays with the payer.
    Kept,
    /// Decided, not sent yet.
    ToGo,
    /// Sent to the bank, which has not answered.
    OnItsWay,
    /// The bank has accepted it.
    Paid,
    /// The bank has rejected it.
    Rejected,
    /// The bank has sent the money back after it had accepted the leg.
    Returned,
    /// Stopped before it was sent.
    Stopped,
}

impl Fate {
    /// The fate of a leg by its payment's state, where it goes, whether its file was handed over, and the bank's last word on it
    /// (`mediation.leg_standing`).
    pub fn of(payment: PaymentState, destination: Destination, is_sent: bool, outcome: Option<i16>) -> Self {
        match (payment, destination, outcome) {
            (PaymentState::Stopped, _, _) => Self::Stopped,
            (_, Destination::Payer, _) => Self::Kept,
            (_, _, Some(1)) => Self::Paid,
            (_, _, Some(2)) => Self::Rejected,
            (_, _, Some(_)) => Self::Returned,
            (_, _, None) if is_sent => Self::OnItsWay,
            (_, _, None) => Self::ToGo,
        }
    }
}

/// Where a leg goes, as it may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way<'r> {
    /// To the payee or to the recovery authority: which of them is not told.
    ThroughNemKonto,
    /// To the payee's account by the register.
    Designated,
    /// To the account of a complete order.
    Given,
    /// To the recovery authority.
    Recovery,
    /// To the holding account, for this ISO reason.
    Holding(Option<&'r str>),
    /// To the payer's error account, for this ISO reason.
    ErrorAccount(Option<&'r str>),
    /// Nowhere, for this ISO reason.
    Payer(Option<&'r str>),
}

/// Says it.
pub(super) fn words(fate: Fate, way: Way<'_>) -> Text {
    let (to_da, to_en) = phrase(way);
    let (mut da, mut en) = match fate {
        Fate::Kept => (format!("Bliver {to_da}."), format!("Stays {to_en}.")),
        Fate::ToGo => (format!("Skal betales {to_da}."), format!("Is to be paid {to_en}.")),
        Fate::OnItsWay => (format!("Er på vej {to_da}."), format!("Is on its way {to_en}.")),
        Fate::Paid => (format!("Betalt {to_da}."), format!("Paid {to_en}.")),
        Fate::Rejected => (
            format!("Skulle betales {to_da}, men banken afviste betalingen."),
            format!("Was to be paid {to_en}, but the bank rejected it."),
        ),
        Fate::Returned => (
            format!("Betalt {to_da}, men banken sendte pengene tilbage til udbetaleren."),
            format!("Paid {to_en}, but the bank sent the money back to the payer."),
        ),
        Fate::Stopped if matches!(way, Way::Payer(_)) => {
            ("Stoppet, før det blev sendt.".to_owned(), "Stopped before it was sent.".to_owned())
        }
        Fate::Stopped => (
            format!("Skulle betales {to_da}, men blev stoppet, før det blev sendt."),
            format!("Was to be paid {to_en}, but was stopped before it was sent."),
        ),
    };
    if way == Way::Recovery {
        da.push_str(" Gældsstyrelsen giver begrundelsen.");
        en.push_str(" Gældsstyrelsen gives the grounds.");
    }
    Text::new(da, en)
}

fn phrase(way: Way<'_>) -> (String, String) {
    let plain = |da: &str, en: &str| (da.to_owned(), en.to_owned());
    match way {
        Way::ThroughNemKonto => plain("gennem NemKonto", "through NemKonto"),
        Way::Designated => plain("til den konto, som modtageren har anvist", "to the account the payee has designated"),
        Way::Given => plain("til den konto, som udbetaleren har angivet", "to the account the payer has given"),
        Way::Recovery => plain(
            "til Gældsstyrelsen, som har bedt om det (lov 696/2025 § 16)",
            "to the Danish debt agency (Gældsstyrelsen), which has asked for it (lov 696/2025 § 16)",
        ),
        Way::Holding(reason) => because(("til ventekontoen", "to the holding account"), reason),
        Way::ErrorAccount(reason) => because(("til udbetalerens fejlkonto", "to the payer's error account"), reason),
        Way::Payer(reason) => because(("hos udbetaleren", "with the payer"), reason),
    }
}

fn because((da, en): (&str, &str), reason: Option<&str>) -> (String, String) {
    let (because_da, because_en) = match reason {
        Some("AC03") => ("modtageren ikke har en aktiv konto", "the payee has no active account"),
        Some("AC04") => ("modtagerens konto er lukket", "the payee's account is closed"),
        _ => ("modtagerens nummer ikke er i registret", "the payee's number is not in the register"),
    };
    (format!("{da}, fordi {because_da}"), format!("{en}, because {because_en}"))
}
