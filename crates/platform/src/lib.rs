#![doc = include_str!("../README.md")]

pub mod access_log;
pub mod anti_scan;
pub mod change_log;
pub mod copy;
pub mod crash;
pub mod database;
pub mod driver;
pub mod fault;
pub mod feed;
pub mod forget_answers;
pub mod four_eyes;
pub mod http;
pub mod idempotency;
pub mod lease;
pub mod legs;
pub mod limits;
pub mod local_postgres;
pub mod once;
pub mod openapi;
pub mod rpc;
pub mod runs;
pub mod seal;
mod secret_file;
pub mod serve;
pub mod service_token;
pub mod settings;
pub mod telemetry;
pub mod testing;
pub mod tls;
pub mod vault;

pub use secret_file::{SecretFileError, read as read_secret_file};
