//! The house keeps its contract, in process and over HTTP.

use std::sync::Arc;

use contracts::conformance;
use platform::{
    driver::{Room, run_forever},
    rpc::RpcClient,
};
use setoff::{House, Publisher, Remote, routes};
use tokio::{net::TcpListener, sync::watch};

use crate::support::street;

/// Publishes advices while the suite runs.
fn publish(house: House) -> watch::Sender<bool> {
    let (stop, stopped) = watch::channel(false);
    let rooms: Vec<Arc<dyn Room>> = vec![Arc::new(Publisher::new(house))];
    tokio::spawn(run_forever(rooms, 1, stopped));
    stop
}

#[tokio::test(flavor = "multi_thread")]
async fn in_process() {
    let street = street().await;
    let stop = publish(street.house.clone());
    conformance::setoff::all(&street.house, 1).await;
    conformance::setoff::all(&street.house, 2).await;
    stop.send(true).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http() {
    let street = street().await;
    let stop = publish(street.house.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = routes(Arc::new(street.house.clone()));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    conformance::setoff::all(&Remote::new(RpcClient::new(&url, None).unwrap()), 1).await;
    server.abort();
    stop.send(true).unwrap();
}
