#![doc = include_str!("../README.md")]

pub mod access_log;
pub mod copy;
pub mod crash;
pub mod database;
pub mod driver;
pub mod feed;
pub mod http;
pub mod idempotency;
pub mod lease;
pub mod local_postgres;
pub mod openapi;
pub mod rpc;
pub mod seal;
pub mod settings;
pub mod telemetry;
pub mod testing;
