//! Whether the payer is paid by this system on the day its delivery came.

use contracts::parties::{PayingSystem, Routing, RoutingQuery};
use iso20022::ReasonCode;
use jiff::civil::Date;
use primitives::{AgreementNumber, Text};

use super::fault::Fault;
use crate::error::Error;
use crate::house::House;

/// Why an order of the payer that came on this day is none of ours; nothing where we pay it. `place`: line and path of the initiator.
pub(super) async fn paid_elsewhere(
    house: &House, payer: AgreementNumber, on: Date, place: (u64, &str),
) -> Result<Option<Fault>, Error> {
    let query = RoutingQuery { on, known_at: None, payers: vec![payer] };
    let routing = house.parties.routing(&house.context(Some(payer)), query).await?.pop().flatten();
    let Routing { system: PayingSystem::Old, until } = routing.ok_or(Error::Corrupt("a payer's routing"))? else {
        return Ok(None);
    };
    Ok(Some(Fault::of_delivery(place.0, place.1, ReasonCode::AG01, old_system_pays(until))))
}

fn old_system_pays(until: Option<Date>) -> Text {
    match until {
        Some(until) => Text::new(
            format!("Udbetaleren betjenes af det gamle system indtil {until}. Send leverancen dertil; her udbetales intet."),
            format!("The payer is paid by the old system until {until}. Send the delivery there; nothing is paid here."),
        ),
        None => Text::new(
            "Udbetaleren betjenes af det gamle system indtil videre. Send leverancen dertil; her udbetales intet.",
            "The payer is paid by the old system until further notice. Send the delivery there; nothing is paid here.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::testing::{Block, Order, World, pain001, person};

    fn file(message_id: &str, number: u32) -> String {
        pain001(message_id, &[Block::of(vec![Order::incomplete(&format!("E-{number}"), "100.00", person(number))])])
    }

    /// What became of the deliveries, in order: state and code of the finding.
    async fn outcomes(world: &World) -> Vec<String> {
        let rest = "mediation.delivery_reading r left join mediation.finding f using (delivery_id) order by delivery_id";
        world.rows("r.state, f.code", rest).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_old_system_pays_is_refused_whole_until_the_day_it_is_ours() {
        let world = World::new().await;
        *world.parties.old_system.lock().unwrap() = Some((date(2026, 1, 1), date(2026, 1, 15)));
        world.deliver(&file("M-1", 1)).await;
        world.receive().await;
        assert_eq!(outcomes(&world).await, ["3 AG01"]);
        assert_eq!(world.counts().await.replace(|it: char| !it.is_ascii_digit(), ""), "000000", "nothing is left of it");
        let told = world.rows("line, path, text_da, text_en", "mediation.finding").await;
        let (da, en) = ("betjenes af det gamle system indtil 2026-01-15", "is paid by the old system until 2026-01-15");
        assert!(told[0].starts_with("3 /Document/CstmrCdtTrfInitn/GrpHdr/InitgPty"), "{told:?}");
        assert!(told[0].contains(da) && told[0].contains(en), "{told:?}");
        // Its MsgId is free: from the day on the same file is taken.
        world.clock.set(jiff::civil::date(2026, 1, 15).at(9, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp());
        world.deliver(&file("M-1", 1)).await;
        world.receive().await;
        assert_eq!(outcomes(&world).await, ["3 AG01", "2 -"]);
    }

    /// The day a delivery comes counts, and not the day it is read.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_day_of_receipt_decides() {
        let world = World::new().await;
        *world.parties.old_system.lock().unwrap() = Some((date(2026, 1, 15), date(2026, 2, 1)));
        let at = |day, hour| date(2026, 1, day).at(hour, 59, 59, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        world.clock.set(at(14, 23));
        world.deliver(&file("M-1", 1)).await;
        world.clock.set(at(15, 0));
        world.deliver(&file("M-2", 2)).await;
        world.receive().await;
        assert_eq!(outcomes(&world).await, ["2 -", "3 AG01"]);
    }

    /// What was taken here before is paid here: the old system must not get it when the payer goes back to it.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_repetition_of_what_was_taken_is_no_new_delivery_and_can_be_recalled() {
        let world = World::new().await;
        world.deliver(&file("M-1", 1)).await;
        world.receive().await;
        *world.parties.old_system.lock().unwrap() = Some((date(2026, 1, 1), date(2026, 2, 1)));
        world.deliver(&file("M-1", 1)).await;
        world.deliver(&crate::recall::example("STOP-1", &["E-1"])).await;
        world.receive().await;
        assert_eq!(outcomes(&world).await, ["2 -", "4 -", "2 -"]);
        assert_eq!(world.rows("count(*)", "mediation.stop").await, ["1"]);
    }
}
