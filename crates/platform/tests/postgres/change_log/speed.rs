//! How fast a log is verified.

use std::time::Instant;

use super::*;

const ROWS: usize = 1_000_000;
const BATCH: usize = 10_000;

/// `cargo test -p platform --release --test postgres -- --ignored a_million`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes a million rows; in a release build"]
async fn a_million_rows_are_verified_at_200_000_a_second() {
    let house = House::new().await;
    let started = Instant::now();
    for from in (0..ROWS).step_by(BATCH) {
        house.append(from..from + BATCH).await;
        assert_eq!(house.chain().await, BATCH as u64);
    }
    println!("appended and chained: {ROWS} rows in {:?}", started.elapsed());
    let mut admin = house.database.admin().await;
    run(&mut admin, "vacuum analyze first.change; ").await;
    run(&mut admin, "vacuum analyze first.change_link").await;
    let started = Instant::now();
    let verified = house.verify().await;
    let elapsed = started.elapsed();
    assert_eq!((verified.links, verified.findings.len()), (ROWS as u64, 0));
    let per_second = ROWS as u128 * 1_000_000 / elapsed.as_micros().max(1);
    println!("verified: {ROWS} rows in {elapsed:?}, {per_second} rows/s");
    assert!(per_second >= 200_000, "{per_second} rows/s");
    admin.close().await.unwrap();
}
