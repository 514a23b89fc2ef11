//! The program's own numbered identifiers travel as bare JSON integers.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::read_quietly;
use crate::{DeliveryId, DepositRef, EntryRef, FeedPosition, ReservationRef};

macro_rules! travel_as_integers {
    ($($type:ident: $description:literal;)+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.get())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let expected = concat!("expected the integer of ", $description);
                read_quietly(deserializer, expected).map(Self)
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "integer", "format": "int64", "description": $description })
            }
        }
    )+};
}

travel_as_integers! {
    DeliveryId: "a delivery";
    DepositRef: "a deposit on the holding account";
    EntryRef: "an entry of the register";
    ReservationRef: "a reservation for set-off";
    FeedPosition: "a position in a feed";
}
