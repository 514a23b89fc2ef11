//! What every HTTP answer of the system has in common: problems (RFC 9457) and languages.

use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use contracts::Problem;
use primitives::Language;
use serde::{Deserialize, Serialize};

/// The media type of problems (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A problem on its way out, in the caller's language. The body carries both languages, so that a program may pass it on to people.
#[derive(Clone, Debug)]
pub struct ProblemResponse {
    problem: Problem,
    language: Language,
}

impl ProblemResponse {
    /// The problem, worded in the language the request prefers.
    #[must_use]
    pub fn new(problem: Problem, request_headers: &HeaderMap) -> Self {
        Self { problem, language: preferred_language(request_headers) }
    }
}

/// The body of a problem response.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProblemBody {
    /// The kind of problem as a URI.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short title in the language of the response.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in the language of the response.
    pub detail: String,
    /// The problem in full, in both languages, for programs.
    pub problem: Problem,
}

impl ProblemBody {
    fn new(problem: Problem, language: Language) -> Self {
        Self {
            kind: format!("urn:nemkonto:problem:{}", problem.code.as_str()),
            title: problem.code.title().get(language).to_owned(),
            status: problem.code.http_status(),
            detail: problem.detail.get(language).to_owned(),
            problem,
        }
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = [(CONTENT_TYPE, PROBLEM_JSON), (CONTENT_LANGUAGE, self.language.as_str())];
        let retry_after = self.problem.retry_after;
        let body = serde_json::to_vec(&ProblemBody::new(self.problem, self.language)).unwrap_or_default();
        let mut response = (status, headers, body).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The first of our languages in the order of the request's `Accept-Language` (RFC 9110, 12.5.4); Danish when it names neither.
#[must_use]
pub fn preferred_language(headers: &HeaderMap) -> Language {
    let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (0, Language::default());
    for range in header.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let primary = parts.next().and_then(|tag| tag.split('-').next()).unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths).unwrap_or(0);
        if let Ok(language) = Language::parse(&primary.to_ascii_lowercase())
            && quality > best.0
        {
            best = (quality, language);
        }
    }
    best.1
}

/// A quality value as thousandths: `1`, `0.5`, `0.875` (RFC 9110, 12.4.2: at most three decimals).
fn thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let decimals: u32 = format!("{decimals:0<3}").parse().ok()?;
    Some((whole * 1000 + decimals).min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept_language: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, accept_language.parse().unwrap());
        headers
    }

    #[test]
    fn the_preferred_language_is_the_one_with_the_highest_quality() {
        let check = |header, language| assert_eq!(preferred_language(&headers(header)), language, "{header}");
        check("", Language::Da);
        check("en", Language::En);
        check("en-GB,en;q=0.9,da;q=0.8", Language::En);
        check("de, en;q=0.3, da-DK;q=0.875", Language::Da);
        check("en;q=0", Language::Da);
        check("fr;q=1, sv", Language::Da);
        check("en;q=0.12345", Language::Da);
        check("da;q=x, EN;q=0.1", Language::En);
        assert_eq!(preferred_language(&HeaderMap::new()), Language::Da);
    }
}
