#![doc = include_str!("../README.md")]

mod changes;
mod chores;
mod deposit;
mod deposits;
mod expire;
mod house;
mod http;
mod permission;
mod release;
mod remote;
mod reserve;
mod reverse;
mod settings;
mod settle;
mod store;
mod trial_balance;

pub use expire::Expired;
pub use house::{House, MIGRATIONS, SCHEMA};
pub use http::{operations, routes};
pub use release::Release;
pub use remote::Remote;
pub use settings::{ReleaseSettings, Settings};
