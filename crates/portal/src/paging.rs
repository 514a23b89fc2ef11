//! Going on where a page of payments ended.

use contracts::mediation::PaymentPage;
use maud::{Markup, html};
use primitives::PaymentRef;
use serde::Deserialize;

use crate::{failure::Failure, layout::View};

/// The query of a page that goes on after a payment.
#[derive(Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

impl After {
    /// The payment to go on after.
    pub(crate) fn payment(&self) -> Result<Option<PaymentRef>, Failure> {
        self.after.as_deref().map(str::parse).transpose().map_err(|_| Failure::NoSuchPage)
    }
}

/// The link to the next page, if there is one.
pub(crate) fn next_link(view: View<'_>, base: &str, page: &PaymentPage) -> Markup {
    html! {
        @if page.more && let Some(last) = page.payments.last() {
            nav aria-label=(view.say("Flere sider", "More pages")) {
                a.button.button-secondary href={ (base) "?after=" (last.payment) } { (view.say("Vis ældre", "Show older")) }
            }
        }
    }
}
