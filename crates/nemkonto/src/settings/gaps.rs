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
const SHARED_PAYEES: Gap<u32> = Gap {
    key: "register.shared_payees",
    meaning: "so many other payees on the same account, designated within `shared_days`, make a change wait",
    default: 10,
};
const SHARED_DAYS: Gap<u16> =
    Gap { key: "register.shared_days", meaning: "days in which payees on the same account are counted", default: 7 };
const CONTACT_DAYS: Gap<u16> = Gap {
    key: "register.contact_days",
    meaning: "days after a new address in which a change to an account abroad waits",
    default: 14,
};
const WRONG_CODES: Gap<u8> =
    Gap { key: "register.wrong_codes", meaning: "so many wrong codes on its letter make a change wait", default: 3 };
const COOLING_OFF: Gap<u16> = Gap {
    key: "register.cooling_off_days",
    meaning: "days until payments follow a change that waits, unless two people release it before; 0: no change waits",
    default: 5,
};
const VERIFICATION_MISSES: Gap<u32> = Gap {
    key: "register.verification_misses_a_day",
    meaning: "wrong accounts a caller may ask to have verified in a day, before it is refused",
    default: 100,
};
const WEBHOOK_DAYS: Gap<u16> =
    Gap { key: "register.webhook_days", meaning: "days after which a webhook that fails is disabled", default: 5 };
const OLD_SECRET: Gap<u16> = Gap {
    key: "register.webhook_old_secret_hours",
    meaning: "hours in which a webhook's messages are signed with its secret of before too",
    default: 24,
};
const HOLDING_ANSWERS: Gap<u32> = Gap {
    key: "holding.answer_days",
    meaning: "days in which a repeated call with the same key gets the same answer",
    default: 30,
};
const ASK_AGAIN: Gap<u32> = Gap {
    key: "holding.ask_again_seconds",
    meaning: "seconds a payment out of the holding account is left alone between two questions about it, at first; later up to an hour",
    default: 10,
};
const WATCH_RETURNS: Gap<u32> = Gap {
    key: "holding.watch_returns_days",
    meaning: "days in which a payment out of the holding account that its bank has accepted is asked about daily, since it may come back",
    default: 30,
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
pub(super) fn all() -> [Described; 26] {
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
        described(&SHARED_PAYEES),
        described(&SHARED_DAYS),
        described(&CONTACT_DAYS),
        described(&WRONG_CODES),
        described(&COOLING_OFF),
        described(&VERIFICATION_MISSES),
        described(&WEBHOOK_DAYS),
        described(&OLD_SECRET),
        described(&HOLDING_ANSWERS),
        described(&ASK_AGAIN),
        described(&WATCH_RETURNS),
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
            fraud_rules: fraud_rules(gaps)?,
            verification_misses_a_day: gaps.get(&VERIFICATION_MISSES)?,
            webhook_days: gaps.get(&WEBHOOK_DAYS)?,
            webhook_old_secret_hours: gaps.get(&OLD_SECRET)?,
            ..register::Settings::default()
        },
        register_step_key: None,
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
            watch_returns: days(&WATCH_RETURNS)?,
            ..defaults
        },
        setoff: SetoffChoices { reservation_lifetime: days(&RESERVATION_LIFETIME)?, answers_kept: days(&SETOFF_ANSWERS)? },
        parties_answers_kept: days(&PARTIES_ANSWERS)?,
        chores_every: Duration::from_secs(u64::from(gaps.get(&CHORES)?) * 60),
        webhook_ca_file: None,
    })
}

/// The rule for changes since ever; later ones are `register.fraud_rules`.
fn fraud_rules(gaps: &Gaps) -> Result<register::FraudRules, SettingsError> {
    Ok(register::FraudRules(vec![register::FraudRule {
        from: None,
        shared_payees: gaps.get(&SHARED_PAYEES)?,
        shared_days: gaps.get(&SHARED_DAYS)?,
        contact_days: gaps.get(&CONTACT_DAYS)?,
        wrong_codes: gaps.get(&WRONG_CODES)?,
        cooling_off_days: gaps.get(&COOLING_OFF)?,
    }]))
}

/// What is published of the holding account: it takes deposits, and what nobody has claimed after three years goes to the Treasury.
fn holding_defaults() -> HoldingChoices {
    HoldingChoices {
        wind_down: false,
        expiry_years: 3,
        answers_kept: Duration::ZERO,
        ask_again_after: Duration::ZERO,
        watch_returns: Duration::ZERO,
    }
}
