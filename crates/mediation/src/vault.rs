//! Sealing and opening of this house's values, each kind by its own name.

use platform::seal::Sealer;
use primitives::{Account, AgreementNumber, DataSupplierId, Identifier, IdentifierKind, LegRef};
use uuid::{Builder, Uuid};

use crate::error::Error;

const PAYEE: [&str; 5] = ["payee.cpr", "payee.cvr", "payee.se", "payee.p", "payee.foreign"];
const ACCOUNT: &str = "account";
const CARRY: &str = "carry";
const ROW_REFERENCE: &str = "row-reference";
const MESSAGE_ID: &str = "message-id";
const BLOCK_ID: &str = "block-id";
const RECALL_NAMES: &str = "recall-names";
const CHUNK: &str = "chunk";

/// The house's sealer with its kinds. A clone is for one task's own use.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    sealer: Sealer,
}

impl Vault {
    pub fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// Appends the sealed number and answers the code of its kind as the database stores it.
    pub fn seal_payee_into(&self, payee: &Identifier, into: &mut Vec<u8>) -> i16 {
        let code = kind_code(payee.kind());
        self.sealer.seal_into(kind_name(code), payee.canonical().as_bytes(), into);
        code
    }

    /// The code of the number's kind and the sealed number: the pair that finds payments of a payee.
    pub fn seal_payee(&self, payee: &Identifier) -> (i16, Vec<u8>) {
        let mut sealed = Vec::with_capacity(40);
        let code = self.seal_payee_into(payee, &mut sealed);
        (code, sealed)
    }

    /// The payee's number.
    pub fn open_payee(&self, code: i16, sealed: &[u8]) -> Result<Identifier, Error> {
        let kind = usize::try_from(code - 1).ok().and_then(|index| IdentifierKind::ALL.get(index).copied());
        let kind = kind.ok_or(Error::Corrupt("unknown kind of payee"))?;
        let text = self.sealer.open_text(kind_name(code), sealed)?;
        Identifier::from_canonical(kind, &text).map_err(|_| Error::Corrupt("a payee's number"))
    }

    pub fn seal_account_into(&self, account: &Account, into: &mut Vec<u8>) {
        self.sealer.seal_into(ACCOUNT, account.canonical().as_bytes(), into);
    }

    pub fn seal_account(&self, account: &Account) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(48);
        self.seal_account_into(account, &mut sealed);
        sealed
    }

    pub fn open_account(&self, sealed: &[u8]) -> Result<Account, Error> {
        let text = self.sealer.open_text(ACCOUNT, sealed)?;
        Account::from_canonical(&text).map_err(|_| Error::Corrupt("an account"))
    }

    /// Seals an encoded [`Carry`](crate::payment::Carry).
    pub fn seal_carry_into(&self, encoded: &[u8], into: &mut Vec<u8>) {
        self.sealer.seal_into(CARRY, encoded, into);
    }

    /// The bytes to be read with [`Carry::decode`](crate::payment::Carry::decode).
    pub fn open_carry(&self, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.sealer.open(CARRY, sealed)?)
    }

    /// Seals an encoded [`RowReference`](crate::delivery::RowReference).
    pub fn seal_row_reference(&self, encoded: &[u8]) -> Vec<u8> {
        self.sealer.seal(ROW_REFERENCE, encoded)
    }

    pub fn open_row_reference(&self, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.sealer.open(ROW_REFERENCE, sealed)?)
    }

    pub fn seal_message_id(&self, id: &str) -> Vec<u8> {
        self.sealer.seal(MESSAGE_ID, id.as_bytes())
    }

    pub fn open_message_id(&self, sealed: &[u8]) -> Result<String, Error> {
        Ok(self.sealer.open_text(MESSAGE_ID, sealed)?)
    }

    pub fn seal_block_id(&self, id: &str) -> Vec<u8> {
        self.sealer.seal(BLOCK_ID, id.as_bytes())
    }

    pub fn open_block_id(&self, sealed: &[u8]) -> Result<String, Error> {
        Ok(self.sealer.open_text(BLOCK_ID, sealed)?)
    }

    /// Seals encoded [`Names`](crate::recall::Names).
    pub fn seal_recall_names(&self, encoded: &[u8]) -> Vec<u8> {
        self.sealer.seal(RECALL_NAMES, encoded)
    }

    pub fn open_recall_names(&self, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.sealer.open(RECALL_NAMES, sealed)?)
    }

    pub fn seal_chunk(&self, plain: &[u8]) -> Vec<u8> {
        self.sealer.seal(CHUNK, plain)
    }

    pub fn open_chunk(&self, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.sealer.open(CHUNK, sealed)?)
    }

    /// What must be unique of a delivery: payer, data supplier and MsgId.
    pub fn delivery_claim(&self, payer: AgreementNumber, supplier: &DataSupplierId, message_id: &str) -> Uuid {
        self.digest("delivery-claim", &[payer.digits().as_bytes(), supplier.as_str().as_bytes(), message_id.as_bytes()])
    }

    /// What must be unique of a recall: payer, data supplier and the recall's own identification.
    pub fn recall_claim(&self, payer: AgreementNumber, supplier: &DataSupplierId, message_id: &str) -> Uuid {
        self.digest("recall-claim", &[payer.digits().as_bytes(), supplier.as_str().as_bytes(), message_id.as_bytes()])
    }

    /// What must be unique of a payment: payer, data supplier and EndToEndId.
    pub fn payment_reference(&self, payer: &str, supplier: &str, end_to_end_id: &str) -> Uuid {
        self.digest("payment-reference", &[payer.as_bytes(), supplier.as_bytes(), end_to_end_id.as_bytes()])
    }

    /// The UETR of a leg: always the same for the leg, so that it need not be stored, and unforeseeable without the key.
    pub fn uetr(&self, leg: LegRef) -> Uuid {
        let (slice, row, number) = (leg.payment.slice.to_be_bytes(), leg.payment.row.to_be_bytes(), leg.leg.to_be_bytes());
        Builder::from_random_bytes(self.sealer.digest("uetr", &[&slice, &row, &number])).into_uuid()
    }

    fn digest(&self, kind: &str, parts: &[&[u8]]) -> Uuid {
        Uuid::from_bytes(self.sealer.digest(kind, parts))
    }
}

/// 1 CPR, 2 CVR, 3 SE, 4 P, 5 foreign.
fn kind_code(kind: IdentifierKind) -> i16 {
    match kind {
        IdentifierKind::Cpr => 1,
        IdentifierKind::Cvr => 2,
        IdentifierKind::Se => 3,
        IdentifierKind::P => 4,
        IdentifierKind::Foreign => 5,
    }
}

fn kind_name(code: i16) -> &'static str {
    usize::try_from(code - 1).ok().and_then(|index| PAYEE.get(index)).copied().unwrap_or("payee.unknown")
}

#[cfg(test)]
mod tests {
    use platform::seal::KeyRing;
    use primitives::{Cpr, Cvr, DanishAccount, ForeignId, PaymentRef};

    use super::*;

    fn vault() -> Vault {
        Vault::new(Sealer::new(&KeyRing::for_tests(), "mediation"))
    }

    #[test]
    fn payees_of_every_kind_come_back() {
        let foreign = ForeignId::new(primitives::Country::parse("SE").unwrap(), "PIN", "19121212-1212").unwrap();
        for payee in [
            Identifier::Cpr(Cpr::parse("0101605001").unwrap()),
            Identifier::Cvr(Cvr::parse("10150817").unwrap()),
            Identifier::P(primitives::PNumber::parse("1003403126").unwrap()),
            Identifier::Foreign(foreign),
        ] {
            let (code, sealed) = vault().seal_payee(&payee);
            assert_eq!(vault().open_payee(code, &sealed).unwrap(), payee);
            assert!(vault().open_payee(code % 5 + 1, &sealed).is_err(), "a number does not open as another kind");
        }
    }

    #[test]
    fn accounts_come_back() {
        let account = Account::from(DanishAccount::new("0040", "0440116243").unwrap());
        assert_eq!(vault().open_account(&vault().seal_account(&account)).unwrap(), account);
    }

    #[test]
    fn a_uetr_is_stable_and_a_version_4_uuid() {
        let leg = PaymentRef::new(7, 3).leg(1);
        let uetr = vault().uetr(leg);
        assert_eq!(uetr, vault().uetr(leg));
        assert_ne!(uetr, vault().uetr(PaymentRef::new(7, 3).leg(2)));
        assert_eq!(uetr.get_version_num(), 4);
    }
}
