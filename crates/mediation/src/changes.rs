//! What stands in the change log: what people and payers decide about payments that are on their way. How far a payment has come by files stands in
//! the append-only tables of the flow, each step with its evidence, and is not said a second time.

use contracts::mediation::{StopRequest, StopTarget, Stopped};
use platform::change_log::NewChange;
use primitives::DeliveryId;
use serde_json::{Value, json};

/// A stop that was asked for by a call.
pub(crate) fn stop(request: &StopRequest, stopped: Stopped) -> NewChange<'_> {
    let subject = match request.target {
        StopTarget::Payment { payment } => format!("payment:{}/{}", payment.slice, payment.row),
        StopTarget::Delivery { delivery } => format!("delivery:{}", delivery.get()),
    };
    let to = json!({ "payer": request.payer, "stopped": stopped.stopped, "too_late": stopped.too_late });
    NewChange { subject, from: Value::Null, to, why: &request.reason, by: None, approved_by: None }
}

/// A recall that was carried out, by whoever sent it: the deliveries it speaks of, and whether banks are to be asked. What became of each payment
/// stands in `mediation.stop` and `mediation.recall_payment`.
pub(crate) fn recall<'s>(
    recall: DeliveryId, sender: &'s str, requests: usize, deliveries: &[i64], asks_banks: bool,
) -> NewChange<'s> {
    let to = json!({ "requests": requests, "deliveries": deliveries, "asks_banks": asks_banks });
    NewChange {
        subject: format!("recall:{}", recall.get()),
        from: Value::Null,
        to,
        why: "camt.055 of the payer",
        by: Some(sender),
        approved_by: None,
    }
}

#[cfg(test)]
mod tests {
    use contracts::mediation::{Mediation, StopRequest, StopTarget};
    use contracts::{Actor, Context, IdempotencyKey};
    use platform::change_log::{ChangeLog, ddl, verify};
    use platform::seal::KeyRing;
    use primitives::{DeliveryId, PaymentRef};

    use crate::testing::street::{pain002, walk};
    use crate::testing::{World, agreement};

    fn of(target: StopTarget) -> StopRequest {
        StopRequest { target, payer: agreement(), reason: "Udbetalt ved en fejl".to_owned() }
    }

    #[test]
    fn the_change_log_is_made_as_the_platform_says() {
        assert!(include_str!("../migrations/0009_changes.sql").contains(&ddl("mediation")));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn stops_and_recalls_stand_in_the_change_log() {
        let world = World::new().await;
        walk(&world).await;
        let context =
            Context { actor: Actor::Caseworker { user: "u1".to_owned(), authority: agreement() }, ..world.house.context(None) };
        let stops = vec![
            of(StopTarget::Payment { payment: PaymentRef::new(1, 0) }),
            of(StopTarget::Delivery { delivery: DeliveryId::new(99) }),
        ];
        let key = IdempotencyKey::new("stop").unwrap();
        world.house.stop(&context, &key, stops.clone()).await.unwrap();
        world.house.stop(&context, &key, stops).await.unwrap();
        world.deliver(&crate::recall::example("STOP-1", &["A-4"])).await;
        world.receive().await;
        // What flows writes nothing.
        world.allocate().await;
        world.dispatch_and_send().await;
        let (file, _) = world.bank_files().remove(0);
        world.answer(&pain002(&file, "<GrpSts>ACSC</GrpSts>", "")).await;
        world.settle_reservations().await;
        world.report().await;
        let logged = world.rows("actor, operation, subject, on_behalf_of", "mediation.change order by change_id").await;
        assert_eq!(
            logged,
            ["caseworker:00000001:u1 stop payment:1/0 -", "supplier:DLV-1 recall recall:2 00000001"],
            "a stop of what is not there is none"
        );

        let chain = world.house.rooms().into_iter().find(|room| room.name() == "mediation.chain").unwrap();
        world.drive(&*chain).await;
        let (log, database) = (ChangeLog::new("mediation", &KeyRing::for_tests()), world.database.connect("mediation").await);
        let verified = verify(&database, &log, None).await.unwrap();
        assert_eq!((verified.links, verified.waiting, verified.findings), (2, 0, vec![]));
        let touched = "update mediation.change set actor = 'operator:nobody' where operation = 'stop'";
        sqlx::query(touched).execute(&mut world.admin().await).await.unwrap();
        assert_eq!(verify(&database, &log, None).await.unwrap().findings.len(), 1);
    }
}
