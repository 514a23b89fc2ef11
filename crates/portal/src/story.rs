//! The story of a payment: where it went, why, and what happened on the way. The house has already left out what the viewer may not see.

use contracts::mediation::{Destination, LegStory, PaymentStory};
use maud::{Markup, html};

use crate::{
    layout::View,
    names::Names,
    parts::{facts, icon},
    payment_list::{payee, payment_badge},
    show,
};

/// Who reads a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The payee.
    Payee,
    /// The payer. What got through is told as it is told to every payer, wherever the money went: a redirect must not show.
    Payer,
}

/// The story.
pub(crate) fn story(view: View<'_>, story: &PaymentStory, names: &Names, reader: Reader) -> Markup {
    html! {
        (summary(view, story, names))
        section aria-labelledby="where" {
            h2 #where { (view.say("Pengenes vej", "Where the money goes")) }
            @if story.legs.is_empty() {
                p.nothing { (view.say("Det afgøres, når betalingens dag nærmer sig.", "That is decided when the payment's day comes near.")) }
            }
            ul.legs.nobullet-list { @for leg in &story.legs { li { (leg_story(view, leg, reader)) } } }
        }
        section aria-labelledby="steps" {
            h2 #steps { (view.say("Hvad der er sket", "What happened")) }
            ol.timeline {
                @for step in &story.steps {
                    li {
                        span.timeline-when { (show::instant(view.tongue, step.at)) }
                        span {
                            (view.text(&step.what))
                            @if let Some(reason) = &step.reason { " " span.code { (reason) } }
                        }
                    }
                }
            }
        }
    }
}

fn summary(view: View<'_>, story: &PaymentStory, names: &Names) -> Markup {
    let payment = &story.summary;
    html! {
        p.story-amount { (show::money(view.tongue, payment.amount)) (payment_badge(view, payment.state)) }
        (facts(&[
            (view.say("Fra", "From"), html! { (names.payer(&payment.payer)) }),
            (view.say("Til", "To"), payee(payment)),
            (view.say("Til rådighed", "At disposal"), html! { (show::date(view.tongue, payment.on)) }),
            (view.say("Ydelse", "Benefit"), html! { @match &payment.benefit { Some(code) => (code), None => "–" } }),
            (view.say("Udbetalers reference", "Payer's reference"), html! { span.code { (payment.end_to_end_id) } }),
        ]))
    }
}

fn leg_story(view: View<'_>, leg: &LegStory, reader: Reader) -> Markup {
    html! {
        (icon(symbol(leg.destination)))
        div {
            p.leg-heading {
                strong { (destination(view, leg.destination, reader)) } " "
                span.amount { (show::money(view.tongue, leg.amount)) }
            }
            @if let Some(account) = &leg.account {
                p.number { (show::masked_account(account)) }
            }
            p { (view.text(&leg.why)) }
        }
    }
}

fn destination<'a>(view: View<'_>, destination: Destination, reader: Reader) -> &'a str {
    let (da, en) = match destination {
        Destination::Payee if reader == Reader::Payer => ("Gennem NemKonto", "Through NemKonto"),
        Destination::Payee => ("Til modtagerens konto", "To the payee's account"),
        Destination::Recovery => ("Til Gældsstyrelsen", "To the recovery authority (Gældsstyrelsen)"),
        Destination::Holding => ("Til ventekontoen", "To the holding account"),
        Destination::ErrorAccount => ("Til myndighedens fejlkonto", "To the authority's error account"),
        Destination::Payer => ("Tilbage til udbetaleren", "Back to the payer"),
    };
    view.tongue.say(da, en)
}

fn symbol(destination: Destination) -> &'static str {
    match destination {
        Destination::Payee => "account",
        Destination::Recovery => "arrow-forward",
        Destination::Holding => "hourglass",
        Destination::ErrorAccount => "warning",
        Destination::Payer => "chevron-left",
    }
}
