//! The open interface of the houses: each operation of a contract is `POST /v1/<house>/<operation>` with a JSON body of context, key and
//! input, and answers the output or a problem. [`Routes`] serves a house, [`RpcClient`] calls one that runs elsewhere.

mod client;
mod server;

pub use client::{BadUrl, RpcClient};
pub use server::{BODY_LIMIT, Routes};

use contracts::OperationName;

/// Where an operation stands.
#[must_use]
pub fn path(name: OperationName) -> String {
    format!("/v1/{}/{}", name.house, name.name)
}

#[cfg(test)]
mod tests;
