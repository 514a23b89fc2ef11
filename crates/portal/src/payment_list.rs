//! Payments in a table, each leading to its story.

use contracts::mediation::{PaymentState, PaymentSummary};
use maud::{Markup, html};
use primitives::Text;

use crate::{
    layout::View,
    names::Names,
    parts::{Tone, badge, table},
    show,
};

/// The payee's own payments: who paid what when.
pub(crate) fn payment_table(view: View<'_>, payments: &[PaymentSummary], names: &Names, base: &str) -> Markup {
    let heads = [
        view.say("Dato", "Date"),
        view.say("Fra", "From"),
        view.say("Ydelse", "Benefit"),
        view.say("Beløb", "Amount"),
        view.say("Status", "Status"),
    ];
    let rows: Vec<Vec<Markup>> = payments
        .iter()
        .map(|payment| {
            vec![
                html! { a href={ (base) "/" (payment.payment) } { (show::date(view.tongue, payment.on)) } },
                html! { (names.payer(&payment.payer)) },
                benefit(payment),
                amount(view, payment),
                payment_badge(view, payment.state),
            ]
        })
        .collect();
    table(view.say("Betalinger", "Payments"), &heads, &rows)
}

/// The payments of an authority: to whom, under which reference.
pub(crate) fn case_table(view: View<'_>, payments: &[PaymentSummary]) -> Markup {
    let heads = [
        view.say("Dato", "Date"),
        view.say("Modtager", "Payee"),
        view.say("Reference", "Reference"),
        view.say("Ydelse", "Benefit"),
        view.say("Beløb", "Amount"),
        view.say("Status", "Status"),
    ];
    let rows: Vec<Vec<Markup>> = payments
        .iter()
        .map(|payment| {
            vec![
                html! { (show::date(view.tongue, payment.on)) },
                payee(payment),
                html! { a href={ "/caseworker/payments/" (payment.payment) } { (payment.end_to_end_id) } },
                benefit(payment),
                amount(view, payment),
                payment_badge(view, payment.state),
            ]
        })
        .collect();
    table(view.say("Fundne betalinger", "Payments found"), &heads, &rows)
}

/// The payee, as far as a list shows it. A complete order may name none.
pub(crate) fn payee(payment: &PaymentSummary) -> Markup {
    html! {
        @match &payment.payee {
            Some(payee) => span.number { (show::masked_identifier(payee)) },
            None => "–",
        }
    }
}

fn benefit(payment: &PaymentSummary) -> Markup {
    html! {
        @match &payment.benefit {
            Some(code) => (code),
            None => "–",
        }
    }
}

fn amount(view: View<'_>, payment: &PaymentSummary) -> Markup {
    html! { span.amount { (show::money(view.tongue, payment.amount)) } }
}

/// The state of a payment.
pub(crate) fn payment_badge(view: View<'_>, state: PaymentState) -> Markup {
    badge(tone(state), view.text(&state_name(state)))
}

/// All states, in the order a payment goes through them.
pub(crate) const STATES: [PaymentState; 7] = [
    PaymentState::Waiting,
    PaymentState::Allocated,
    PaymentState::Sent,
    PaymentState::Accepted,
    PaymentState::Rejected,
    PaymentState::Returned,
    PaymentState::Stopped,
];

/// The name of a state in a form.
pub(crate) fn state_value(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Waiting => "waiting",
        PaymentState::Allocated => "allocated",
        PaymentState::Sent => "sent",
        PaymentState::Accepted => "accepted",
        PaymentState::Rejected => "rejected",
        PaymentState::Returned => "returned",
        PaymentState::Stopped => "stopped",
    }
}

/// The name of a state for people.
pub(crate) fn state_name(state: PaymentState) -> Text {
    let (da, en) = match state {
        PaymentState::Waiting => ("Venter på sin dag", "Waits for its day"),
        PaymentState::Allocated => ("Klar til banken", "Ready for the bank"),
        PaymentState::Sent => ("Sendt til banken", "Sent to the bank"),
        PaymentState::Accepted => ("Modtaget af banken", "Received by the bank"),
        PaymentState::Rejected => ("Afvist af banken", "Rejected by the bank"),
        PaymentState::Returned => ("Gået tilbage", "Went back"),
        PaymentState::Stopped => ("Stoppet", "Stopped"),
    };
    Text::new(da, en)
}

fn tone(state: PaymentState) -> Tone {
    match state {
        PaymentState::Waiting | PaymentState::Allocated | PaymentState::Sent => Tone::Info,
        PaymentState::Accepted => Tone::Success,
        PaymentState::Rejected => Tone::Error,
        PaymentState::Returned | PaymentState::Stopped => Tone::Warning,
    }
}
