#![doc = include_str!("../README.md")]

pub mod authorization;
pub mod certificate;
mod claims;
mod identity;
pub mod jws;
mod loopback;
pub mod oidc;
mod persona;
mod provider;
pub mod system;

pub use claims::{ClaimNames, Claims, Privileges};
pub use identity::{AssuranceLevel, Employee, Identity, Mandate, Subject};
pub use persona::{LoopbackPersonas, Persona, PersonaRole};
pub use provider::{Answer, Asked, Departure, IdentityProvider, Pending, Refusal};
