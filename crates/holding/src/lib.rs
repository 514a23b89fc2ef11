#![doc = include_str!("../README.md")]

mod access;
mod deposit;
mod deposits;
mod expire;
mod fault;
mod house;
mod http;
mod leg_columns;
mod limits;
mod once;
mod permission;
mod release;
mod remote;
mod reserve;
mod settings;
mod settle;
mod store;
mod trial_balance;
mod vault;

pub use expire::Expired;
pub use house::{House, MIGRATIONS, SCHEMA};
pub use http::{operations, routes};
pub use release::Release;
pub use remote::Remote;
pub use settings::{ReleaseSettings, Settings};
