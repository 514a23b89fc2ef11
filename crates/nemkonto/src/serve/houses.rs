//! Houses for other processes: their open interfaces on an address, and their rooms.

use platform::database::provision;
use platform::driver::run_forever;
use platform::serve::Door;

use crate::cli::ServeArgs;
use crate::ground::Ground;
use crate::places::{Places, service_secret};
use crate::settings::Settings;
use crate::street::Part;
use crate::{Failure, operate};

use super::callers::Callers;

/// Workers per room.
const WORKERS: usize = 2;

/// Migrates the houses' own schemas, and serves the houses to whoever shows the secret until Ctrl-C or SIGTERM; work under way is finished
/// first.
///
/// # Errors
/// When there is no secret, the address cannot be served, or the server or a house fails at the start.
pub(super) async fn serve(args: &ServeArgs, settings: &Settings) -> Result<(), Failure> {
    let secret = service_secret(args.elsewhere.service_secret.as_deref())?;
    let places = Places::new(&args.only, &args.elsewhere)?;
    let callers = Callers::read(args, settings)?;
    let door = Door::open(args.listen, callers.identity()).await?;

    let ground = Ground::on(settings)?;
    let plan = operate::part_plan(&ground, settings).await?;
    provision(&settings.database.admin_url.clone().unwrap_or_else(|| plan.url.clone()), &places.schemas()).await?;
    let part = Part::open(plan, &places).await?;
    let router = callers.before(&part, secret, &ground.keys, &door.url());

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let rooms = tokio::spawn(run_forever(callers.rooms(&part), WORKERS, stopped.clone()));
    let names: Vec<String> = places.here().iter().map(ToString::to_string).collect();
    eprintln!("{} on {} (Ctrl-C ends it)", names.join(", "), door.url());
    let mut closing = stopped;
    let serving = tokio::spawn(door.serve(router, async move {
        let _ = closing.changed().await;
    }));
    operate::stop_signal().await?;
    stop.send(true)?;
    serving.await?;
    rooms.await?;
    part.close().await;
    Ok(())
}
