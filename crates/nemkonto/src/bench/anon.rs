//! The most anonymous memory this process has held, sampled while something runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const EVERY: Duration = Duration::from_millis(20);

/// Samples until it is asked.
#[derive(Debug)]
pub(super) struct PeakAnon {
    over: Arc<AtomicBool>,
    peak_kb: Arc<AtomicU64>,
    sampler: Option<JoinHandle<()>>,
}

impl PeakAnon {
    pub(super) fn watch() -> Self {
        let (over, peak_kb) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let sampler = std::thread::spawn({
            let (over, peak_kb) = (Arc::clone(&over), Arc::clone(&peak_kb));
            move || {
                while !over.load(Ordering::Relaxed) {
                    peak_kb.fetch_max(anon_kb(), Ordering::Relaxed);
                    std::thread::sleep(EVERY);
                }
            }
        });
        Self { over, peak_kb, sampler: Some(sampler) }
    }

    /// The peak in megabytes (1024 × 1024 bytes), rounded up.
    pub(super) fn megabytes(mut self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        if let Some(sampler) = self.sampler.take() {
            let _ = sampler.join();
        }
        self.peak_kb.load(Ordering::Relaxed).div_ceil(1024)
    }
}

/// `RssAnon` of this process (proc(5)); 0 where the kernel does not tell.
fn anon_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
