//! The house keeps its contract, in process and over HTTP.

use std::sync::Arc;

use contracts::conformance;
use holding::{Remote, Settings, routes};
use platform::rpc::RpcClient;
use tokio::net::TcpListener;

use crate::support::{street, street_with};

#[tokio::test(flavor = "multi_thread")]
async fn in_process() {
    let street = street().await;
    conformance::holding::all(&street.house, 1).await;
    conformance::holding::all(&street.house, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http() {
    let street = street().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = routes(Arc::new(street.house.clone()));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    conformance::holding::all(&Remote::new(RpcClient::new(&url, None).unwrap()), 1).await;
    server.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn winding_down() {
    let street = street_with(|settings| Settings { wind_down: true, ..settings }).await;
    conformance::holding::winding_down(&street.house, 1).await;
}
