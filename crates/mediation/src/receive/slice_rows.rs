//! The rows of a slice while they are gathered: everything sealed already, in one buffer, so that a payment costs no allocation.

use jiff::civil::Date;
use platform::copy::CopyBuffer;
use platform::seal::index_key;
use primitives::{Account, BenefitCode, Currency, Identifier, Money};
use uuid::Uuid;

use crate::payment::Carry;
use crate::store::payment::COLUMNS;
use crate::vault::Vault;

/// Payments of one delivery that are due on one day.
pub(crate) struct SliceRows {
    pub due: Date,
    pub rows: Vec<Row>,
    benefits: Vec<BenefitCode>,
    /// The sealed fields of all rows.
    sealed: Vec<u8>,
    /// A carry before it is sealed; kept for its memory.
    plain: Vec<u8>,
}

/// A piece of the sealed buffer.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: u32,
    end: u32,
}

/// One payment, its sealed fields in the slice's buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub reference: Uuid,
    /// Where it stands in the file.
    pub place: RowPlace,
    minor: i64,
    currency: Currency,
    payee: Option<(i16, Piece)>,
    fallback: Option<(i16, Piece)>,
    account: Option<Piece>,
    carry: Piece,
    benefit: Option<u16>,
    exempt: bool,
}

/// Where a row stands in the file; all counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowPlace {
    pub block: i32,
    pub position: i64,
    pub position_in_block: u64,
    pub line: u64,
}

/// A payment that is taken.
pub(crate) struct NewRow<'a> {
    pub place: RowPlace,
    pub reference: Uuid,
    pub amount: Money,
    pub payee: Option<&'a Identifier>,
    pub fallback: Option<&'a Identifier>,
    pub benefit: Option<&'a BenefitCode>,
    pub account: Option<&'a Account>,
    pub exempt: bool,
    pub carry: Carry<'a>,
}

impl Row {
    pub fn amount(&self) -> Money {
        Money::new(self.minor, self.currency)
    }
}

impl SliceRows {
    /// An empty slice with room for `rows`.
    pub fn new(due: Date, rows: usize) -> Self {
        Self { due, rows: Vec::with_capacity(rows), benefits: Vec::new(), sealed: Vec::new(), plain: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many bytes its sealed fields have.
    pub fn bytes_held(&self) -> usize {
        self.sealed.len()
    }

    /// Seals a payment and takes it up.
    pub fn push(&mut self, vault: &Vault, new: &NewRow<'_>) {
        let payee = new.payee.map(|payee| self.seal_payee(vault, payee));
        let fallback = new.fallback.map(|payee| self.seal_payee(vault, payee));
        let account = new.account.map(|account| self.seal(|into| vault.seal_account_into(account, into)).1);
        self.plain.clear();
        new.carry.encode_into(&mut self.plain);
        let plain = std::mem::take(&mut self.plain);
        let (_, carry) = self.seal(|into| vault.seal_carry_into(&plain, into));
        self.plain = plain;
        let benefit = new.benefit.map(|benefit| self.benefit_number(benefit));
        let NewRow { place, reference, amount, exempt, .. } = *new;
        let (minor, currency) = (amount.minor(), amount.currency());
        self.rows.push(Row { reference, place, minor, currency, payee, fallback, account, carry, benefit, exempt });
    }

    fn seal_payee(&mut self, vault: &Vault, payee: &Identifier) -> (i16, Piece) {
        self.seal(|into| vault.seal_payee_into(payee, into))
    }

    fn seal<T>(&mut self, seal: impl FnOnce(&mut Vec<u8>) -> T) -> (T, Piece) {
        let start = offset(self.sealed.len());
        let answer = seal(&mut self.sealed);
        (answer, Piece { start, end: offset(self.sealed.len()) })
    }

    /// A payer pays some dozens of benefits at most.
    fn benefit_number(&mut self, benefit: &BenefitCode) -> u16 {
        let known = self.benefits.iter().position(|known| known == benefit);
        let place = known.unwrap_or_else(|| {
            self.benefits.push(*benefit);
            self.benefits.len() - 1
        });
        u16::try_from(place).expect("a slice has fewer payments than 65,536")
    }

    fn bytes(&self, piece: Piece) -> &[u8] {
        &self.sealed[position(piece.start)..position(piece.end)]
    }

    /// The sealed bundle of a row's passing fields.
    pub fn carry(&self, row: &Row) -> &[u8] {
        self.bytes(row.carry)
    }

    /// The index key of a row's payee, if it has one.
    pub fn payee_key(&self, row: &Row) -> Option<i64> {
        row.payee.map(|(_, sealed)| index_key(self.bytes(sealed)))
    }

    /// Appends a row of the table; `number` is its place in the slice.
    pub fn encode(&self, slice: i64, number: i32, row: &Row, into: &mut CopyBuffer) {
        into.begin_row(COLUMNS);
        into.i64(slice);
        into.i32(number);
        into.i32(row.place.block);
        into.i64(row.place.position);
        into.i64(row.minor);
        into.text(row.currency.code());
        into.opt_i16(row.payee.map(|(kind, _)| kind));
        into.opt_bytes(row.payee.map(|(_, sealed)| self.bytes(sealed)));
        into.opt_i16(row.fallback.map(|(kind, _)| kind));
        into.opt_bytes(row.fallback.map(|(_, sealed)| self.bytes(sealed)));
        into.opt_text(row.benefit.map(|number| self.benefits[usize::from(number)].as_str()));
        into.opt_bytes(row.account.map(|account| self.bytes(account)));
        into.bool(row.exempt);
        into.bytes(self.bytes(row.carry));
    }
}

/// A slice's sealed fields fill some megabytes; a row that would pass four gigabytes cannot be held in memory at all.
fn offset(length: usize) -> u32 {
    u32::try_from(length).expect("a slice's sealed fields are far below 4 GiB")
}

fn position(offset: u32) -> usize {
    usize::try_from(offset).expect("32 bits fit in an address")
}
