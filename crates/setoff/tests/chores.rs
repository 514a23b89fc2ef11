//! What is due now and then, by a clock that is set by hand.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::setoff::Setoff;
use jiff::SignedDuration;
use platform::driver::{Every, Progress, Room};
use setoff::Settings;

use crate::support::{Street, key, leg, mediation, payout, person, request, street, street_with};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: i64 = 24;

/// The chore of this name as a process drives it.
fn chore(street: &Street, name: &str) -> Every {
    let room = street.house.chores().into_iter().find(|room| room.name() == name).unwrap();
    Every::new(room, HOUR, Arc::new(street.clock.clone()))
}

/// What is logged meanwhile.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Does one step and gives the warnings of it.
    async fn of_step(&self, room: &dyn Room) -> String {
        self.0.lock().unwrap().clear();
        assert_eq!(room.step().await.unwrap(), Progress::Idle);
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn the_operator_is_told_of_overdue_reservations_until_they_are_settled() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::WARN);
    let _logging = tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish());

    let street = street().await;
    street.mark(&[person(1), person(2)]).await;
    let payouts = vec![payout(1, person(1)), payout(2, person(2))];
    street.house.reserve(&mediation(), &key("reserve"), request(payouts)).await.unwrap();
    let overdue = chore(&street, "setoff.overdue");
    assert_eq!(log.of_step(&overdue).await, "", "the bank has its time");
    street.clock.advance(SignedDuration::from_hours(31 * DAY));
    let told = log.of_step(&overdue).await;
    assert!(told.contains("reservations=2") && told.contains(&leg(1).to_string()), "{told}");
    street.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(log.of_step(&overdue).await, "", "once an hour is enough");
    street.house.post(&mediation(), &key("post"), vec![leg(1)]).await.unwrap();
    street.clock.advance(SignedDuration::from_mins(1));
    assert!(log.of_step(&overdue).await.contains("reservations=1"));
    street.house.void(&mediation(), &key("void"), vec![leg(2)]).await.unwrap();
    street.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(log.of_step(&overdue).await, "");
}

#[tokio::test]
async fn answers_are_forgotten_after_their_time_and_reservations_are_not() {
    let kept = street().await;
    kept.mark(&[person(1)]).await;
    assert_eq!(chore(&kept, "setoff.forget_answers").step().await.unwrap(), Progress::Idle, "the time is not over");

    let street = street_with(|settings| Settings { answers_kept: Duration::ZERO, ..settings }).await;
    street.mark(&[person(1)]).await;
    let first = street.house.reserve(&mediation(), &key("reserve"), request(vec![payout(1, person(1))])).await.unwrap();
    assert_eq!(chore(&street, "setoff.forget_answers").step().await.unwrap(), Progress::Worked(2));
    let again = street.house.reserve(&mediation(), &key("reserve"), request(vec![payout(1, person(1))])).await.unwrap();
    assert_eq!(again, first, "the leg keeps its reservation");
}
