//! The open interface of the houses: each operation of a contract is `POST /v1/<house>/<operation>` with a JSON body of context, key and
//! input, and answers the output or a problem. [`Routes`] serves a house, [`RpcClient`] calls one that runs elsewhere.
//!
//! Where a file comes with the call, the body is the file's bytes, streamed, and context and input stand as JSON in the header
//! [`CALL_HEADER`](contracts::operation::CALL_HEADER).

mod caller;
mod client;
mod incoming;
mod outgoing;
mod server;

pub use caller::{CallFacts, CallGuard, Guard};
pub use client::{BadUrl, RpcClient};
pub use server::{BODY_LIMIT, Routes};

use contracts::OperationName;
use serde::Serialize;

/// Where an operation stands.
#[must_use]
pub fn path(name: OperationName) -> String {
    format!("/v1/{}/{}", name.house, name.name)
}

/// The value as JSON in ASCII, as a header may hold it: other characters can stand in strings only, where JSON has escapes for them (RFC 8259, 7).
fn ascii_json(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(value)?;
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests;
