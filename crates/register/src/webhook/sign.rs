//! Secrets and signatures, by the Standard Webhooks: HMAC-SHA256 over id, time and body, scheme `v1`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use primitives::IdSource;
use ring::hmac;

/// The secret of a webhook: 32 bytes, 244 of whose bits are random; the standard asks for at least 192.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret([u8; 32]);

impl Secret {
    pub fn random(ids: &dyn IdSource) -> Self {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(ids.uuid_v4().as_bytes());
        bytes[16..].copy_from_slice(ids.uuid_v4().as_bytes());
        Self(bytes)
    }

    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As the payer is told it.
    pub fn text(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    fn sign(&self, content: &[u8]) -> String {
        sign(&self.0, content)
    }
}

fn sign(secret: &[u8], content: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), content);
    format!("v1,{}", STANDARD.encode(tag))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(••••)")
    }
}

/// The header `webhook-signature`: a signature by each secret, with a blank between them.
pub(super) fn signatures(secrets: &[Secret], id: &str, seconds: i64, body: &str) -> String {
    let content = content(id, seconds, body);
    secrets.iter().map(|secret| secret.sign(content.as_bytes())).collect::<Vec<_>>().join(" ")
}

fn content(id: &str, seconds: i64, body: &str) -> String {
    format!("{id}.{seconds}.{body}")
}

#[cfg(test)]
mod tests {
    use primitives::SeededIds;

    use super::*;

    /// The vector of the standard's own libraries.
    #[test]
    fn signs_as_the_standards_libraries_do() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let content = content("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(sign(&secret, content.as_bytes()), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_sign_twice() {
        let ids = SeededIds::new(1);
        let (new, old) = (Secret::random(&ids), Secret::random(&ids));
        assert_ne!(new, old);
        let both = signatures(&[new.clone(), old.clone()], "msg_1", 1, "{}");
        let alone = |secret: &Secret| signatures(std::slice::from_ref(secret), "msg_1", 1, "{}");
        assert_eq!(both, format!("{} {}", alone(&new), alone(&old)));
        assert_eq!(Secret::of_bytes(new.bytes()), Some(new));
    }
}
