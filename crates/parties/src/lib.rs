#![doc = include_str!("../README.md")]

mod banks;
mod central_benefits;
mod checks;
mod directory;
mod house;
mod http;
mod limits;
mod payers;
mod record;
mod remote;
mod rights;
mod store;
mod users;
mod words;

pub use central_benefits::{CentralBenefit, central_benefits};
pub use house::{House, MIGRATIONS, SCHEMA};
pub use http::{operations, routes};
pub use remote::Remote;
