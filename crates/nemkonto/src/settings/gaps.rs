//! What no public source says: each choice with a default of ours, which is not Danish practice and which the operator replaces in
//! section `[gap]`.

use std::borrow::Cow;
use std::time::Duration;

use platform::settings::{Gap, Gaps, SettingsError};

use super::houses::{HoldingChoices, HouseSettings, SetoffChoices};

const ALLOCATION_LEAD: Gap<u8> = Gap {
    key: "mediation.allocation_lead_bank_days",
    meaning: "bank days before its disposal date on which a payment is given its account",
    default: 1,
};
const DISPATCH_LEAD: Gap<u8> = Gap {
    key: "mediation.dispatch_lead_bank_days",
    meaning: "bank days before the disposal date on which the bank gets its file",
    default: 1,
};
const OLDEST_REQUESTED: Gap<u16> = Gap {
    key: "mediation.oldest_requested_days",
    meaning: "days a requested date may lie back; an older one is refused (CH04)",
    default: 5,
};
const FURTHEST_REQUESTED: Gap<u16> = Gap {
    key: "mediation.furthest_requested_days",
    meaning: "days ahead a requested date may lie; a later one is refused (CH03)",
    default: 360,
};
const HOLDING_NAME: Gap<Cow<'static, str>> = Gap {
    key: "mediation.holding_name",
    meaning: "the creditor's name on a payment to the holding account, 1 to 140 characters",
    default: Cow::Borrowed("NemKonto ventekonto"),
};
const ASKS_BANKS: Gap<bool> = Gap {
    key: "mediation.asks_banks",
    meaning: "whether a bank is asked by camt.055 to give back what has left, where a payer recalls it",
    default: true,
};
const MEDIATION_ANSWERS: Gap<u32> = Gap {
    key: "mediation.answer_days",
    meaning: "days in which a repeated call with the same key gets the same answer",
    default: 90,
};
const BANK_ACTIVATION: Gap<u8> = Gap {
    key: "register.bank_activation_bank_days",
    meaning: "bank days from a bank's report until the account is active; the law's bound is 2 (BEK 788/2025 § 10)",
    default: 0,
};
const PAYMENT_EFFECT: Gap<u8> = Gap {
    key: "register.payment_effect_bank_days",
    meaning: "bank days from registration until payments follow a change; the law's bound is 5",
    default: 0,
};
const LETTER_ATTEMPTS: Gap<u8> =
    Gap { key: "register.letter_attempts", meaning: "wrong codes after which a letter is void", default: 5 };
const REGISTER_ANSWERS: Gap<u16> = Gap {
    key: "register.answer_days",
    meaning: "days in which a repeated call with the same key gets the same answer",
    default: 30,
};
const HOLDING_ANSWERS: Gap<u32> = Gap {
    key: "holding.answer_days",
    meaning: "days in which a repeated call with the same key gets the same answer",
    default: 30,
};
const ASK_AGAIN: Gap<u32> = Gap {
    key: "holding.ask_again_seconds",
    meaning: "seconds a payment out of the holding account is left alone between two questions about it",
    default: 10,
};
const RESERVATION_LIFETIME: Gap<u32> = Gap {
    key: "setoff.reservation_days",
    meaning: "days a reservation may wait for the bank's answer before it is listed as overdue",
    default: 30,
};
const SETOFF_ANSWERS: Gap<u32> = Gap {
    key: "setoff.answer_days",
    meaning: "days in which a repeated call with the same key gets the same answer",
    default: 30,
};
const PARTIES_ANSWERS: Gap<u32> = Gap {
    key: "parties.answer_days",
    meaning: "days in which a repeated call with the same key gets the same answer",
    default: 90,
};
const CHORES: Gap<u32> = Gap {
    key: "chores.look_minutes",
    meaning: "minutes between two looks for what is due now and then: kept answers to forget, deposits to expire, overdue reservations",
    default: 60,
};

/// A gap for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described {
    pub key: &'static str,
    pub meaning: &'static str,
    pub default: String,
}

fn described<T: ToString>(gap: &Gap<T>) -> Described {
    Described { key: gap.key, meaning: gap.meaning, default: gap.default.to_string() }
}

/// Every gap.
pub(super) fn all() -> [Described; 17] {
    [
        described(&ALLOCATION_LEAD),
        described(&DISPATCH_LEAD),
        described(&OLDEST_REQUESTED),
        described(&FURTHEST_REQUESTED),
        described(&HOLDING_NAME),
        described(&ASKS_BANKS),
        described(&MEDIATION_ANSWERS),
        described(&BANK_ACTIVATION),
        described(&PAYMENT_EFFECT),
        described(&LETTER_ATTEMPTS),
        described(&REGISTER_ANSWERS),
        described(&HOLDING_ANSWERS),
        described(&ASK_AGAIN),
        described(&RESERVATION_LIFETIME),
        described(&SETOFF_ANSWERS),
        described(&PARTIES_ANSWERS),
        described(&CHORES),
    ]
}

/// The keys of every gap.
pub(super) fn keys() -> Vec<&'static str> {
    all().map(|gap| gap.key).to_vec()
}

/// The houses' settings as the operator has decided, or by default.
pub(super) fn decided(gaps: &Gaps) -> Result<HouseSettings, SettingsError> {
    let days = |gap| Ok::<_, SettingsError>(Duration::from_secs(u64::from(gaps.get::<u32>(gap)?) * 24 * 60 * 60));
    let defaults = holding_defaults();
    Ok(HouseSettings {
        register: register::Settings {
            bank_activation_bank_days: gaps.get(&BANK_ACTIVATION)?,
            payment_effect_bank_days: gaps.get(&PAYMENT_EFFECT)?,
            letter_attempts: gaps.get(&LETTER_ATTEMPTS)?,
            answer_days: gaps.get(&REGISTER_ANSWERS)?,
            ..register::Settings::default()
        },
        mediation: mediation::Settings {
            allocation_lead_bank_days: gaps.get(&ALLOCATION_LEAD)?,
            dispatch_lead_bank_days: gaps.get(&DISPATCH_LEAD)?,
            oldest_requested_days: gaps.get(&OLDEST_REQUESTED)?,
            furthest_requested_days: gaps.get(&FURTHEST_REQUESTED)?,
            holding_name: gaps.get(&HOLDING_NAME)?.into_owned(),
            asks_banks: gaps.get(&ASKS_BANKS)?,
            keep_answers: days(&MEDIATION_ANSWERS)?,
            ..mediation::Settings::default()
        },
        holding: HoldingChoices {
            answers_kept: days(&HOLDING_ANSWERS)?,
            ask_again_after: Duration::from_secs(u64::from(gaps.get(&ASK_AGAIN)?)),
            ..defaults
        },
        setoff: SetoffChoices { reservation_lifetime: days(&RESERVATION_LIFETIME)?, answers_kept: days(&SETOFF_ANSWERS)? },
        parties_answers_kept: days(&PARTIES_ANSWERS)?,
        chores_every: Duration::from_secs(u64::from(gaps.get(&CHORES)?) * 60),
    })
}

/// What is published of the holding account: it takes deposits, and what nobody has claimed after three years goes to the Treasury.
fn holding_defaults() -> HoldingChoices {
    HoldingChoices { wind_down: false, expiry_years: 3, answers_kept: Duration::ZERO, ask_again_after: Duration::ZERO }
}
