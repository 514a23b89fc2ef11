//! What an answer says of the payments it does not list. Pure.
//!
//! A report need not name every payment: a status of the group or the block speaks for those that are not named. `PART` alone does not:
//! the payments that are not named are accepted only when the detailed counts (`NbOfTxsPerSts`) leave no doubt.

use super::said::{Said, Tally};

/// What the answer says of the whole file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupSaid {
    /// Its status; `None` where it gives none.
    pub said: Option<Said>,
    pub counts: Option<Tally>,
}

/// What the answer says of one batch of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchSaid {
    /// How many legs were sent in the batch.
    pub legs: u64,
    /// Its status; `None` where the batch or its status is not named.
    pub said: Option<Said>,
    pub counts: Option<Tally>,
    /// The legs that are named, by what is said of them.
    pub listed: Tally,
}

/// What becomes of the legs of a batch that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Rejected,
    /// Nothing is said of them yet, or all are named.
    Open,
    /// The answer claims to know and does not say it.
    Unclear,
}

/// The verdict on each batch, in order.
pub(super) fn verdicts(group: GroupSaid, batches: &[BatchSaid]) -> Vec<Verdict> {
    let own: Vec<Option<Verdict>> = batches.iter().map(own_verdict).collect();
    let by_group = group_verdict(group, batches, &own);
    own.into_iter().map(|verdict| verdict.unwrap_or(by_group)).collect()
}

/// The verdict by the batch's own status; `None` where the group's decides.
fn own_verdict(batch: &BatchSaid) -> Option<Verdict> {
    if batch.listed.total() >= batch.legs {
        return Some(Verdict::Open);
    }
    Some(match batch.said? {
        Said::Accepted => Verdict::Accepted,
        Said::Rejected | Said::Returned => Verdict::Rejected,
        Said::Open => Verdict::Open,
        Said::Partly => match batch.counts {
            Some(counts) if leaves_no_doubt(counts, batch.legs, batch.listed) => Verdict::Accepted,
            // Without counts of its own the group's may still say it.
            None => return None,
            Some(_) => Verdict::Unclear,
        },
    })
}

fn group_verdict(group: GroupSaid, batches: &[BatchSaid], own: &[Option<Verdict>]) -> Verdict {
    match group.said {
        Some(Said::Accepted) => Verdict::Accepted,
        Some(Said::Rejected | Said::Returned) => Verdict::Rejected,
        Some(Said::Partly) => by_group_counts(group.counts, batches, own),
        Some(Said::Open) | None => Verdict::Open,
    }
}

/// What the group's counts say of the batches that have no verdict of their own.
fn by_group_counts(counts: Option<Tally>, batches: &[BatchSaid], own: &[Option<Verdict>]) -> Verdict {
    let Some(counts) = counts else { return Verdict::Unclear };
    let (mut legs, mut known) = (0_u64, Tally::default());
    for (batch, verdict) in batches.iter().zip(own) {
        legs = legs.saturating_add(batch.legs);
        known.accepted += batch.listed.accepted;
        known.rejected += batch.listed.rejected;
        known.open += batch.listed.open;
        let unlisted = batch.legs.saturating_sub(batch.listed.total());
        match verdict {
            Some(Verdict::Accepted) => known.accepted += unlisted,
            Some(Verdict::Rejected) => known.rejected += unlisted,
            Some(Verdict::Open | Verdict::Unclear) => known.open += unlisted,
            None => {}
        }
    }
    if leaves_no_doubt(counts, legs, known) { Verdict::Accepted } else { Verdict::Unclear }
}

/// Whether the counts cover all legs, and all that are not accepted are named.
fn leaves_no_doubt(counts: Tally, legs: u64, named: Tally) -> bool {
    counts.total() == legs && counts.rejected == named.rejected && counts.open == named.open && counts.accepted >= named.accepted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(accepted: u64, rejected: u64, open: u64) -> Tally {
        Tally { accepted, rejected, open }
    }

    fn group(said: Option<Said>, counts: Option<Tally>) -> GroupSaid {
        GroupSaid { said, counts }
    }

    fn batch(said: Option<Said>, counts: Option<Tally>, listed: Tally) -> BatchSaid {
        BatchSaid { legs: 10, said, counts, listed }
    }

    fn check(group: GroupSaid, batches: &[BatchSaid], expect: &[Verdict]) {
        assert_eq!(verdicts(group, batches), expect);
    }

    #[test]
    fn a_status_of_the_whole_speaks_for_those_not_named() {
        let silent = batch(None, None, tally(0, 0, 0));
        check(group(Some(Said::Accepted), None), &[silent, silent], &[Verdict::Accepted; 2]);
        check(group(Some(Said::Rejected), None), &[silent], &[Verdict::Rejected]);
        check(group(Some(Said::Open), None), &[silent], &[Verdict::Open]);
        check(group(None, None), &[silent], &[Verdict::Open]);
    }

    #[test]
    fn a_batch_s_own_status_comes_first() {
        check(
            group(Some(Said::Accepted), None),
            &[batch(Some(Said::Rejected), None, tally(0, 0, 0)), batch(Some(Said::Open), None, tally(0, 0, 0))],
            &[Verdict::Rejected, Verdict::Open],
        );
    }

    #[test]
    fn partly_accepts_only_what_is_counted() {
        let partly = Some(Said::Partly);
        for (counts, listed, expect) in [
            (Some(tally(8, 2, 0)), tally(0, 2, 0), Verdict::Accepted),
            (Some(tally(7, 2, 1)), tally(0, 2, 1), Verdict::Accepted),
            (Some(tally(8, 2, 0)), tally(0, 1, 0), Verdict::Unclear),
            (Some(tally(8, 1, 1)), tally(0, 1, 0), Verdict::Unclear),
            (Some(tally(7, 2, 0)), tally(0, 2, 0), Verdict::Unclear),
            (None, tally(0, 2, 0), Verdict::Unclear),
            (None, tally(8, 2, 0), Verdict::Open),
        ] {
            check(group(partly, None), &[batch(partly, counts, listed)], &[expect]);
        }
    }

    #[test]
    fn the_group_s_counts_speak_where_the_batches_have_none() {
        let partly = group(Some(Said::Partly), Some(tally(8, 12, 0)));
        let rejected = batch(Some(Said::Rejected), None, tally(0, 0, 0));
        check(partly, &[rejected, batch(None, None, tally(0, 2, 0))], &[Verdict::Rejected, Verdict::Accepted]);
        check(partly, &[rejected, batch(None, None, tally(0, 1, 0))], &[Verdict::Rejected, Verdict::Unclear]);
        check(partly, &[rejected, batch(Some(Said::Partly), None, tally(0, 2, 0))], &[Verdict::Rejected, Verdict::Accepted]);
    }
}
