//! Calls made at the same time.

use std::collections::HashSet;

use contracts::ProblemCode;
use contracts::register::{Designation, DesignationRoute, EntryState, HistoryQuery, Register, Resolution};
use tokio::task::JoinSet;

use crate::support::{TODAY, account, citizen, key, nemkonto, number, operator, person, street};

/// In 2024, two citizens who saved at once in self-service got each other's accounts. Here pairs save at once, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn parallel_saves_never_mix_holders() {
    const PEOPLE: u32 = 24;
    const ROUNDS: u32 = 5;
    let street = street().await;
    let holders = street.record("people", (0..PEOPLE).map(person).collect()).await;
    for round in 0..ROUNDS {
        let mut saves = JoinSet::new();
        for n in 0..PEOPLE {
            let house = street.house.clone();
            saves.spawn(async move {
                let mine = account(1_000 * (round + 1) + n);
                let wish = Designation { route: DesignationRoute::SelfService, account: mine, ..nemkonto(n) };
                // Everybody's browser happens to use the same key.
                let receipt = house.designate(&citizen(n), &key(&format!("round {round}")), vec![wish]).await.unwrap().remove(0);
                (n, receipt.unwrap())
            });
        }
        for (n, receipt) in saves.join_all().await {
            assert_eq!(receipt.holder, holders[n as usize], "the receipt is the citizen's own");
        }
        for n in 0..PEOPLE {
            let history =
                street.house.history(&citizen(n), HistoryQuery { identifier: number(n), as_known: None }).await.unwrap();
            assert_eq!(history[0].account, account(1_000 * (round + 1) + n), "the account is the citizen's own");
            let pending = history.iter().filter(|entry| entry.state == EntryState::Pending).count();
            assert_eq!((history.len() as u32, pending), (round + 1, 1), "each save counts once");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_saw_the_same_account_one_changes_it() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let seen = street.house.designate(&operator(), &key("first"), vec![nemkonto(1)]).await.unwrap().remove(0).unwrap().entry;
    let mut saves = JoinSet::new();
    for caller in 0..8 {
        let house = street.house.clone();
        saves.spawn(async move {
            let change = Designation { expected: Some(seen), account: account(100 + caller), valid_from: TODAY, ..nemkonto(1) };
            house.designate(&operator(), &key(&format!("caller {caller}")), vec![change]).await.unwrap().remove(0)
        });
    }
    let results = saves.join_all().await;
    let winners: Vec<_> = results.iter().flatten().collect();
    assert_eq!(winners.len(), 1, "one wins");
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(|problem| problem.code == ProblemCode::Conflict));
    let resolution = street.resolve(TODAY, [1]).await.resolutions.remove(0);
    assert!(matches!(resolution, Resolution::Found(found) if found.entry == winners[0].entry));
}

/// Thirty-two writers change three holders' accounts, each giving what it saw last. Who lost is told what is current, looks again and tries again:
/// in the end every change stands in the history, each in place of the one its writer saw, and each day has one account.
#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_writers_lose_nothing() {
    const WRITERS: u32 = 32;
    const CHANGES: u32 = 3;
    let street = street().await;
    street.record("people", (0..3).map(person).collect()).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let house = street.house.clone();
        writers.spawn(async move {
            let (mut seen, mut made, mut conflicts) = (None, Vec::new(), 0_u32);
            for attempt in 0..10_000 {
                let (account, valid_from) = (account(100 * writer + made.len() as u32), TODAY);
                let change = Designation { expected: seen, account, valid_from, ..nemkonto(writer % 3) };
                let result =
                    house.designate(&operator(), &key(&format!("{writer}/{attempt}")), vec![change]).await.unwrap().remove(0);
                match result {
                    Ok(receipt) => {
                        made.push((seen, receipt.entry));
                        seen = Some(receipt.entry);
                    }
                    Err(problem) => {
                        assert_eq!(problem.code, ProblemCode::Conflict);
                        assert!(problem.current.is_some() && problem.current != seen, "the current version is told");
                        seen = problem.current;
                        conflicts += 1;
                    }
                }
                if made.len() as u32 == CHANGES {
                    break;
                }
            }
            (writer, made, conflicts)
        });
    }
    let mut conflicts = 0;
    let mut replaced: [Vec<_>; 3] = Default::default();
    for (writer, made, lost) in writers.join_all().await {
        assert_eq!(made.len() as u32, CHANGES, "every writer comes through");
        conflicts += lost;
        replaced[(writer % 3) as usize].extend(made);
    }
    assert!(conflicts > 0, "they did meet");
    for n in 0..3 {
        let history = street.house.history(&operator(), HistoryQuery { identifier: number(n), as_known: None }).await.unwrap();
        let made = &replaced[n as usize];
        assert_eq!(history.len(), made.len(), "no change is lost");
        let in_place_of: HashSet<_> = made.iter().filter_map(|(seen, _)| *seen).collect();
        let without_check = made.iter().filter(|(seen, _)| seen.is_none()).count();
        assert_eq!(in_place_of.len() + without_check, made.len(), "nothing was replaced by two who had seen it");
        let active = history.iter().filter(|entry| entry.state == EntryState::Active).count();
        assert_eq!(active, 1, "one account a day");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_made_at_once_by_many_has_one_effect() {
    let street = street().await;
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let house = street.house.clone();
        calls.spawn(async move {
            let people = (0..50).map(person).collect();
            let holders = house.record_holders(&operator(), &key("people"), people).await.unwrap();
            let accounts = (0..50).map(nemkonto).collect();
            (holders, house.designate(&operator(), &key("accounts"), accounts).await.unwrap())
        });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "every caller gets the same answer");
    let mut admin = street.database.admin().await;
    let (holders, entries): (i64, i64) =
        sqlx::query_as("select (select count(*) from register.holder), (select count(*) from register.entry)")
            .fetch_one(&mut admin)
            .await
            .unwrap();
    assert_eq!((holders, entries), (50, 50));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_recorded_at_once_from_two_sources_are_recorded_once() {
    let street = street().await;
    let mut calls = JoinSet::new();
    for source in 0..6 {
        let house = street.house.clone();
        calls.spawn(async move {
            let mut people: Vec<u32> = (0..200).collect();
            people.rotate_left(source * 30);
            let records = people.iter().map(|n| person(*n)).collect();
            let holders = house.record_holders(&operator(), &key(&format!("source {source}")), records).await.unwrap();
            let mut known: Vec<_> = people.into_iter().zip(holders.into_iter().map(Result::unwrap)).collect();
            known.sort_unstable();
            known
        });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "every source is told the same references");
    let holders: HashSet<_> = answers[0].iter().map(|(_, holder)| holder).collect();
    assert_eq!(holders.len(), 200);
}
