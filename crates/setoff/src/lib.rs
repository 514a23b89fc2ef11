#![doc = include_str!("../README.md")]

mod accesses;
mod advices;
mod changes;
mod chores;
mod decide;
mod house;
mod http;
mod marker;
mod overdue;
mod permission;
mod publisher;
mod put_benefit_rules;
mod put_markers;
mod remote;
mod reserve;
mod reverse;
mod rules;
mod settings;
mod settle;
mod store;

pub use house::{House, MIGRATIONS, SCHEMA};
pub use http::{operations, routes};
pub use overdue::Overdue;
pub use publisher::Publisher;
pub use remote::Remote;
pub use settings::Settings;
