//! The design system's files and our own style sheet, built into the program.
//!
//! They stand under a folder named by the digest of them all, so browsers may keep them for ever: another content has another address.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

/// A file as it is served.
struct Asset {
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($kind:literal: [$($path:literal),* $(,)?]),* $(,)?) => {
        &[$($(Asset { path: $path, kind: $kind, bytes: include_bytes!(concat!("../assets/", $path)) },)*)*]
    };
}

static ASSETS: &[Asset] = assets! {
    "text/css; charset=utf-8": ["dkfds/css/dkfds.min.css", "portal.css"],
    "image/svg+xml": [
        "favicon.svg",
        "dkfds/img/svg-icons/check-white.svg",
        "dkfds/img/svg-icons/check.svg",
        "dkfds/img/svg-icons/chevron-down.svg",
        "dkfds/img/svg-icons/chevron-up.svg",
    ],
    "font/woff2": [
        "dkfds/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-Regular.woff2",
        "dkfds/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-Italic.woff2",
        "dkfds/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-Medium.woff2",
        "dkfds/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-SemiBold.woff2",
        "dkfds/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-Bold.woff2",
    ],
    "text/plain; charset=utf-8": [
        "dkfds/LICENSE.md",
        "dkfds/fonts/IBMPlexSans/complete/woff2/license.txt",
    ],
};

/// The folder of this build's assets.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in ASSETS {
        digest.update(asset.path);
        digest.update(asset.bytes);
    }
    digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
});

/// The address of an asset.
pub(crate) fn href(path: &str) -> String {
    format!("/assets/{}/{path}", *VERSION)
}

pub(crate) fn routes() -> Router {
    Router::new().route("/assets/{version}/{*path}", get(asset))
}

async fn asset(Path((version, path)): Path<(String, String)>) -> Response {
    let found = ASSETS.iter().find(|asset| asset.path == path && version == *VERSION);
    let Some(asset) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, asset.bytes).into_response()
}
