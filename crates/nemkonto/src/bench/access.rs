//! What it costs to know who asked: single lookups in process, each written to the access log before it is answered.

use std::time::Duration;

use primitives::Identifier;
use serde_json::json;
use simulation::{World, WorldSize};

use super::register;
use crate::Failure;
use crate::ground::Ground;
use crate::street::migrate;

const DATABASE: &str = "nemkonto_bench_access";

/// What was measured.
#[derive(Debug)]
pub(super) struct Result {
    holders: u64,
    logged_lookups_per_second: u64,
    lookup_p99: Duration,
}

impl Result {
    pub(super) fn print(&self, as_json: bool) -> String {
        if as_json {
            return json!({
                "holders": self.holders, "logged_lookups_per_second": self.logged_lookups_per_second,
                "lookup_p99_ms": self.lookup_p99.as_millis(),
            })
            .to_string();
        }
        format!(
            "access: one by one in process, each logged before it is answered: {} lookups/s, p99 {:.2?}, among {} holders",
            self.logged_lookups_per_second, self.lookup_p99, self.holders,
        )
    }
}

/// Measures once, on an own database.
pub(super) async fn run(holders: u64) -> std::result::Result<Result, Failure> {
    let ground = Ground::open()?;
    let url = ground.fresh_database(DATABASE).await?;
    migrate(&url).await?;
    let companies = holders / 11;
    let world = World::new(1, WorldSize { people: holders - companies, companies }, register::DAY)?;
    let part = register::open(&ground, &url).await?;
    let house = part.known.register.clone().ok_or("the register is here")?;
    register::fill(&*house, &world).await?;
    let payees: Vec<Identifier> = register::asked(&world, holders);
    let measured = register::one_by_one(&*house, &world, &payees).await;
    part.close().await;
    let (logged_lookups_per_second, lookup_p99) = measured?;
    Ok(Result { holders, logged_lookups_per_second, lookup_p99 })
}
