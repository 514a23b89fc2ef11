//! Which language a visitor reads: the one chosen, else the one the browser asks for, else Danish.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use primitives::Language;

use crate::{
    cookies::Cookie,
    failure::Failure,
    portal::{Site, Transport},
    tongue::Tongue,
};

const A_YEAR: i64 = 31_536_000;

/// The language of a request's pages.
pub(crate) fn of(transport: Transport, headers: &HeaderMap) -> Tongue {
    let chosen = Cookie::Language.sent(transport, headers).and_then(|code| Language::parse(code).ok());
    Tongue(chosen.unwrap_or_else(|| platform::http::preferred_language(headers)))
}

/// The address that switches to a language and leads back to the page.
pub(crate) fn switch_href(language: Language, path: &str) -> String {
    format!("/language/{language}?{path}")
}

/// Remembers the language in the browser and goes back to the page: the whole query is the path of the page.
pub(crate) async fn switch(
    State(site): State<Arc<Site>>, Path(code): Path<String>, RawQuery(back): RawQuery,
) -> Result<Response, Failure> {
    let language = Language::parse(&code).map_err(|_| Failure::NoSuchPage)?;
    let cookie = Cookie::Language.set(site.transport, language.as_str(), Some(A_YEAR));
    let back = back.as_deref().filter(|path| is_own_path(path)).unwrap_or("/");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response())
}

/// Whether it is a path of this site and not another site in disguise (`//elsewhere`, `/\elsewhere`).
fn is_own_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cookie: &str, accept: &str, expect: Language) {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        assert_eq!(of(Transport::Loopback, &headers).0, expect, "{cookie} {accept}");
    }

    #[test]
    fn the_choice_counts_before_the_browser() {
        check("", "en-GB,en;q=0.9", Language::En);
        check("", "de", Language::Da);
        check("language=da", "en", Language::Da);
        check("session=x; language=en", "da", Language::En);
        check("language=xx", "en", Language::En);
    }

    #[test]
    fn the_way_back_stays_on_the_site() {
        for (path, own) in [
            ("/account?after=P-1-2", true),
            ("/", true),
            ("", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("/a b", false),
        ] {
            assert_eq!(is_own_path(path), own, "{path}");
        }
    }
}
