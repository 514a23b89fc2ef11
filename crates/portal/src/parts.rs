//! Components of the common public design system, as far as the pages use them.

use maud::{Markup, PreEscaped, html};
use primitives::Text;

use crate::{
    form::{Entered, FieldError},
    layout::View,
};

/// The tone of an alert or a badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Calm information.
    Info,
    /// It went well.
    Success,
    /// Something to be aware of.
    Warning,
    /// It went wrong.
    Error,
}

impl Tone {
    fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A box that stands out.
pub(crate) fn alert(tone: Tone, heading: &str, content: &Markup) -> Markup {
    html! {
        div class={ "alert alert-" (tone.word()) } role=[(tone == Tone::Error).then_some("alert")] {
            (alert_icon(tone))
            div.alert-body {
                h2.alert-heading { (heading) }
                div.alert-text { (content) }
            }
        }
    }
}

/// A short label of a state.
pub(crate) fn badge(tone: Tone, text: &str) -> Markup {
    html! { strong class={ "badge badge-" (tone.word()) } { (text) } }
}

/// What is wrong with a form, above it, each line leading to its field.
pub(crate) fn error_summary(view: View<'_>, errors: &[FieldError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.alert.alert-error.error-summary role="alert" aria-labelledby="error-summary-heading" tabindex="-1" {
                (alert_icon(Tone::Error))
                div.alert-body {
                    h2.alert-heading #error-summary-heading { (view.say("Der er noget, der skal rettes", "Something must be corrected")) }
                    ul.alert-text.nobullet-list {
                        @for error in errors {
                            li { (summary_line(view, error)) }
                        }
                    }
                }
            }
        }
    }
}

fn summary_line(view: View<'_>, error: &FieldError) -> Markup {
    html! {
        @if error.field.is_empty() {
            (view.text(&error.text))
        } @else {
            a.function-link href={ "#" (error.field) } { (view.text(&error.text)) }
        }
    }
}

/// A line to write in.
pub(crate) struct TextField<'a> {
    pub(crate) name: &'static str,
    pub(crate) label: &'a str,
    pub(crate) hint: Option<&'a str>,
    pub(crate) width: Width,
    pub(crate) kind: FieldKind,
}

/// How wide a line is, in characters: the widths of the design system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// 4.
    Four,
    /// 8.
    Eight,
    /// 11.
    Eleven,
    /// 27.
    TwentySeven,
}

impl Width {
    fn class(self) -> &'static str {
        match self {
            Self::Four => "input-char-4",
            Self::Eight => "input-char-8",
            Self::Eleven => "input-char-11",
            Self::TwentySeven => "input-char-27",
        }
    }
}

/// What is written in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// Any text.
    Text,
    /// Digits: phones show their digits.
    Digits,
    /// A day.
    Date,
}

/// The field with what was entered and what is wrong with it.
pub(crate) fn text_field(view: View<'_>, entered: &Entered, field: &TextField<'_>) -> Markup {
    let error = entered.error(field.name);
    let (kind, class) = match field.kind {
        FieldKind::Date => ("date", "date-field"),
        FieldKind::Text | FieldKind::Digits => ("text", field.width.class()),
    };
    html! {
        div.form-group.form-error[error.is_some()] {
            label.form-label for=(field.name) { (field.label) }
            @if let Some(hint) = field.hint {
                span.form-hint id={ (field.name) "-hint" } { (hint) }
            }
            (error_message(view, field.name, error))
            input class={ "form-input " (class) } type=(kind) id=(field.name) name=(field.name)
                value=(entered.fields.one(field.name)) autocomplete="off"
                inputmode=[(field.kind == FieldKind::Digits).then_some("numeric")]
                aria-describedby=[described_by(field.name, field.hint.is_some(), error.is_some())]
                aria-invalid=[error.is_some().then_some("true")];
        }
    }
}

/// A choice among options (value and label).
pub(crate) fn select_field(
    view: View<'_>, entered: &Entered, name: &'static str, label: &str, options: &[(&str, &str)],
) -> Markup {
    let error = entered.error(name);
    let chosen = entered.fields.one(name);
    html! {
        div.form-group.form-error[error.is_some()] {
            label.form-label for=(name) { (label) }
            (error_message(view, name, error))
            select.form-select id=(name) name=(name) aria-describedby=[described_by(name, false, error.is_some())]
                aria-invalid=[error.is_some().then_some("true")] {
                @for (value, label) in options {
                    option value=(value) selected[*value == chosen] { (label) }
                }
            }
        }
    }
}

fn error_message(view: View<'_>, name: &str, error: Option<&Text>) -> Markup {
    html! {
        @if let Some(error) = error {
            span.form-error-message id={ (name) "-error" } {
                span.sr-only { (view.say("Fejl: ", "Error: ")) }
                (view.text(error))
            }
        }
    }
}

fn described_by(name: &str, has_hint: bool, has_error: bool) -> Option<String> {
    let hint = has_hint.then(|| format!("{name}-hint"));
    let error = has_error.then(|| format!("{name}-error"));
    let ids: Vec<String> = hint.into_iter().chain(error).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// A table; on a narrow window each row becomes a list of heads and cells.
pub(crate) fn table(label: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.table--responsive-scroll tabindex="0" role="region" aria-label=(label) {
            table.table.table--compact.table-sm-responsive-headers {
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { @for row in rows { tr { @for (head, cell) in heads.iter().zip(row) { td data-title=(head) { (cell) } } } } }
            }
        }
    }
}

/// Label and value, line by line.
pub(crate) fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! {
        dl.facts {
            @for (label, value) in facts {
                div { dt { (label) } dd { (value) } }
            }
        }
    }
}

/// Said where a list is empty.
pub(crate) fn nothing(text: &str) -> Markup {
    html! { p.nothing { (text) } }
}

/// A link back.
pub(crate) fn back_link(href: &str, text: &str) -> Markup {
    html! { a.back-link href=(href) { (icon("chevron-left")) (text) } }
}

fn alert_icon(tone: Tone) -> Markup {
    icon_of_class(tone.word(), "icon-svg alert-icon")
}

/// An icon of the design system; decoration only, so it is hidden from screen readers.
pub(crate) fn icon(name: &'static str) -> Markup {
    icon_of_class(name, "icon-svg")
}

fn icon_of_class(name: &'static str, class: &str) -> Markup {
    let shape = shape(name).unwrap_or_default().replacen("<svg", "<svg focusable=\"false\" aria-hidden=\"true\"", 1);
    html! { span class=(class) { (PreEscaped(shape)) } }
}

macro_rules! shapes {
    ($name:ident: $($icon:literal),+ $(,)?) => {
        match $name {
            $($icon => Some(include_str!(concat!("../assets/dkfds/img/svg-icons/", $icon, ".svg"))),)+
            _ => None,
        }
    };
}

fn shape(name: &str) -> Option<&'static str> {
    shapes!(name:
        "account", "arrow-forward", "business", "calendar-month", "chevron-left", "chevron-right", "document", "error", "help",
        "hourglass", "info", "language", "lock", "payments", "search", "success", "time", "upload", "visibility", "warning",
    )
}
