//! All banks on a day.

use contracts::{Context, parties::BankProfile};
use jiff::civil::Date;
use platform::fault::Fault;

use crate::{house::House, rights::require_profile_reader, store};

/// The banks as they apply on the day, by code.
pub(crate) async fn banks(house: &House, context: &Context, on: Date) -> Result<Vec<BankProfile>, Fault> {
    require_profile_reader(context)?;
    let mut connection = house.database.pool().acquire().await?;
    store::bank::on(&mut connection, on).await
}
