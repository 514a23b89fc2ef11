#![doc = include_str!("../README.md")]

mod accesses;
mod allocate;
mod allocation;
mod batch;
mod changes;
mod channel;
mod characters;
mod chores;
mod chunks;
mod connections;
mod contract;
mod deliveries;
mod delivery;
mod dispatch;
mod due_date;
mod error;
mod fields;
mod file_key;
mod house;
mod http;
mod keep;
mod leg;
mod merge;
mod open_work;
mod parallel;
mod payment;
mod payouts;
mod put_off;
mod reach;
mod recall;
mod receive;
mod remote;
mod report;
mod reservations;
pub mod return_answer;
mod rooms;
mod sealed_stream;
mod search;
mod send;
mod settings;
mod settle;
mod states;
mod stop;
mod store;
mod story;
mod submit;
mod terms;
#[cfg(test)]
mod testing;
mod vault;

use platform::database::HouseSchema;

pub use channel::{Channel, DirectoryChannel, OutgoingFile, Recipient};
pub use error::Error;
pub use house::{House, Means, Neighbours};
pub use http::{operations, routes};
pub use open_work::OpenWork;
pub use payouts::TakesPayouts;
pub use remote::Remote;
pub use settings::Settings;

/// The migrations of this house's schema.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// This house as the database sees it: schema `mediation`, runtime role `nemkonto_mediation`.
pub const SCHEMA: HouseSchema = HouseSchema::new("mediation", &MIGRATIONS);
