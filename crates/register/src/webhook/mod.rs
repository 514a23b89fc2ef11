//! Signed webhooks: a payer is told, at an address of its own, of the payees it waits for. By the Standard Webhooks, version 1.0.0
//! (<https://github.com/standard-webhooks/standard-webhooks>).
//!
//! A room reads the register's feed and puts a message for each webhook concerned into its queue (`tell`); another sends what waits, webhook
//! by webhook under a lease, oldest first (`deliver`). A message leaves the queue when it has been taken, so each comes at least once.

mod address;
mod backoff;
mod deliver;
mod endpoint;
mod manage;
mod send;
mod sign;
mod tell;

pub(crate) use send::Sender;
