//! Every agreement in force on a day. Who pays through NemKonto is public, so any actor may ask.

use contracts::parties::DirectoryEntry;
use jiff::civil::Date;
use platform::fault::Fault;

use crate::{house::House, store};

/// The agreements in force on the day, by number.
pub(crate) async fn directory(house: &House, on: Date) -> Result<Vec<DirectoryEntry>, Fault> {
    let mut connection = house.database.pool().acquire().await?;
    store::agreement::directory(&mut connection, on).await
}
