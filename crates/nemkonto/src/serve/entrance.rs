//! Where the site is open, and how people get in: on the machine itself as invented people, or encrypted and by proof.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use access::{IdentityProvider, LoopbackPersonas, Persona};
use platform::serve::Door;
use platform::tls::Identity;
use portal::{Portal, Transport};
use primitives::{RandomIds, SystemClock};

use crate::Failure;
use crate::cli::ServeArgs;
use crate::settings::{Settings, SignIn};

/// The site's open door.
pub(super) struct Entrance {
    door: Door,
    transport: Transport,
    sign_in: Option<SignIn>,
}

impl Entrance {
    /// Opens it where the command line says.
    ///
    /// # Errors
    /// When the address is taken, or other machines could reach it and nobody would have to prove who they are.
    pub(super) async fn open(args: &ServeArgs, settings: &Settings) -> Result<Self, Failure> {
        let sign_in = settings.sign_in.clone();
        let Some(address) = args.site else {
            if args.certificate.is_some() {
                return Err("--certificate is for --only or --site".into());
            }
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
            portal::check_bind(address)?;
            let opened = Door::open(address, None).await;
            let door = opened.map_err(|error| format!("{address}: {error}; choose another with --port"))?;
            return Ok(Self { door, transport: Transport::Loopback, sign_in });
        };
        if sign_in.is_none() {
            return Err("--site is for people who prove who they are: the settings lack the section [sign_in]".into());
        }
        let (certificate, key) =
            args.certificate.as_deref().zip(args.key.as_deref()).ok_or("--site needs --certificate and --key")?;
        let door = Door::open(address, Some(&Identity::read(certificate, key)?)).await?;
        Ok(Self { door, transport: Transport::Encrypted, sign_in })
    }

    /// Who says who somebody is.
    ///
    /// # Errors
    /// When the settings of sign-in cannot be used.
    pub(super) fn providers(&self, personas: Vec<Persona>) -> Result<Vec<Arc<dyn IdentityProvider>>, Failure> {
        let mut providers: Vec<Arc<dyn IdentityProvider>> = Vec::new();
        if let Some(sign_in) = &self.sign_in {
            providers.push(Arc::new(sign_in.provider(Arc::new(SystemClock), Arc::new(RandomIds))?));
        }
        if offers_personas(self.transport, self.sign_in.is_some()) {
            providers.push(Arc::new(LoopbackPersonas { personas }));
        }
        Ok(providers)
    }

    pub(super) fn transport(&self) -> Transport {
        self.transport
    }

    pub(super) fn url(&self) -> String {
        self.door.url()
    }

    pub(super) async fn serve(self, portal: &Portal, closed: impl Future<Output = ()> + Send) {
        self.door.serve(portal.router(), closed).await;
    }
}

/// The invented people prove nothing: they are offered on the machine itself alone, and never beside a provider that asks for proof.
fn offers_personas(transport: Transport, asks_for_proof: bool) -> bool {
    transport == Transport::Loopback && !asks_for_proof
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personas_are_for_the_demonstration_alone() {
        for (transport, asks_for_proof, expect) in [
            (Transport::Loopback, false, true),
            (Transport::Loopback, true, false),
            (Transport::Encrypted, true, false),
            (Transport::Encrypted, false, false),
        ] {
            assert_eq!(offers_personas(transport, asks_for_proof), expect, "{transport:?} {asks_for_proof}");
        }
    }
}
