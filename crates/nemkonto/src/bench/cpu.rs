//! Processor time of this process and of the database server beside it, from proc(5): what a figure of the clock does not tell where
//! something else runs on the machine too.

use std::fs;

/// Milliseconds of a clock tick: `USER_HZ` is 100 on every architecture of Linux we build for.
const TICK_MILLISECONDS: u64 = 10;

/// Processor time used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CpuTime {
    /// By this process, in milliseconds.
    pub own: u64,
    /// By the server's processes that run now, in milliseconds; zero for a server on another machine.
    pub server: u64,
}

impl CpuTime {
    /// What was used so far; `backend` is the process of one connection.
    pub(super) fn now(backend: i32) -> Self {
        let own = Stat::of("self").map_or(0, |stat| stat.ticks);
        let server = Stat::of(&backend.to_string())
            .map_or(0, |backend| processes().filter(|p| p.parent == backend.parent).map(|p| p.ticks).sum());
        Self { own: own * TICK_MILLISECONDS, server: server * TICK_MILLISECONDS }
    }

    /// What was used since `earlier`.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self { own: self.own.saturating_sub(earlier.own), server: self.server.saturating_sub(earlier.server) }
    }
}

/// What proc(5) tells of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    ticks: u64,
}

impl Stat {
    fn of(process: &str) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    /// The name in parentheses may hold blanks and parentheses itself: the fields begin behind the last one.
    fn parse(stat: &str) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        Some(Self { parent: fields.get(1)?.parse().ok()?, ticks })
    }
}

fn processes() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Stat::of(entry.file_name().to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let stat = "42 (post gres) x) S 7 42 42 0 -1 4194304 100 0 0 0 250 17 0 0 20 0 1 0 5 6";
        assert_eq!(Stat::parse(stat), Some(Stat { parent: 7, ticks: 267 }));
        assert_eq!(Stat::parse("42 (x) S"), None);
    }

    #[test]
    fn this_process_has_a_parent() {
        assert_eq!(Stat::of("self").map(|stat| stat.parent), Some(std::os::unix::process::parent_id()));
    }
}
