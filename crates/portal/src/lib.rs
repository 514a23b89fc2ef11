#![doc = include_str!("../README.md")]

mod account_form;
mod assets;
mod calls;
mod caseworker;
mod cookies;
mod failure;
mod form;
mod front;
mod function_name;
mod gate;
mod headers;
mod language;
mod layout;
mod names;
mod number;
mod pages;
mod paging;
mod parts;
mod payee;
mod payment_list;
mod portal;
mod serve;
mod session;
mod show;
mod sign_in;
mod story;
mod tongue;
mod visit;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use portal::{Portal, PortalDeps, Transport};
pub use serve::{NotLoopback, ServeError, check_bind, serve};
pub use session::SessionLimits;
