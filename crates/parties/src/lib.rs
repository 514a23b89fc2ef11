#![doc = include_str!("../README.md")]

mod banks;
mod central_benefits;
mod changes;
mod checks;
mod control_list;
mod decide;
mod directory;
mod end_grants;
mod grant;
mod held;
mod house;
mod http;
mod limits;
mod lookups;
mod mandate;
mod may;
mod payers;
mod profiles;
mod proposals;
mod propose;
mod proposed;
mod record;
mod record_conflicts;
mod remote;
mod rights;
mod routing;
mod store;
mod terms;
mod users;
mod words;

pub use central_benefits::{CentralBenefit, central_benefits};
pub use house::{House, MIGRATIONS, SCHEMA};
pub use http::{operations, routes};
pub use remote::Remote;
