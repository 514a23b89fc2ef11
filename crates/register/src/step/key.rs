//! The key two registers share: places and digests are made under it, so that they agree and nobody else can tell anything from them.

use contracts::register::ExtractHolder;
use platform::seal::{KeyRing, Sealer};
use primitives::Identifier;

/// The key under which a register is compared with another.
#[derive(Clone, Debug)]
pub struct StepKey(Sealer);

impl StepKey {
    /// The key in this ring. Both registers must have the same ring; it need not be the one they seal with.
    #[must_use]
    pub fn new(ring: &KeyRing) -> Self {
        Self(Sealer::new(ring, "register-step"))
    }

    /// A key made of the house's own.
    pub(crate) fn own(sealer: &Sealer) -> Self {
        Self(sealer.clone())
    }

    /// Where a number stands in the tree: 64 bits that look random.
    pub(crate) fn place(&self, number: &Identifier) -> u64 {
        let [place, _] = halves(self.0.digest("step-place", &[number.kind().as_str().as_bytes(), number.canonical().as_bytes()]));
        place
    }

    /// What stands for a number where it may not be told: the same at both registers, and nothing to anybody else.
    #[must_use]
    pub fn reference(&self, number: &Identifier) -> String {
        format!("{:016x}", self.place(number))
    }

    /// The digest of what is known of a holder.
    pub(crate) fn digest(&self, holder: &ExtractHolder) -> u128 {
        let line = serde_json::to_vec(holder).expect("its fields are texts and lists, which JSON has a form for");
        u128::from_be_bytes(self.0.digest("step-holder", &[&line]))
    }

    /// Tells this key from others, without saying anything of it.
    pub(crate) fn check(&self) -> u64 {
        let [check, _] = halves(self.0.digest("step-key", &[]));
        check
    }

    /// The check as it travels.
    pub(crate) fn check_text(&self) -> String {
        format!("{:016x}", self.check())
    }
}

fn halves(digest: [u8; 16]) -> [u64; 2] {
    let whole = u128::from_be_bytes(digest);
    [(whole >> 64) as u64, whole as u64]
}
