//! nemkonto.dk on localhost.

use crate::{Failure, cli::ServeArgs};

/// Serves the site.
///
/// # Errors
/// Always, until the site is joined.
pub async fn serve(_args: &ServeArgs) -> Result<(), Failure> {
    Err("the site is not joined".into())
}
