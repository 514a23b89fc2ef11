//! A delivery as a table.

use super::mask::mask_numbers;
use crate::control_sum::ControlSum;
use crate::limits::Limits;
use crate::pain001::{
    BlockTotals, Event, GroupHeader, InitiatingParty, Outcome, Pain001Reader, PaymentInformation, PaymentRow, Totals,
};
use primitives::{Account, Identifier};
use std::io::{self, Read, Write};

/// Characters of a masked number that are shown.
const SHOWN: usize = 4;
/// Characters of a name that are shown.
const NAME_WIDTH: usize = 24;

/// How a delivery is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableOptions {
    /// Show CPR, CVR, SE, P and account numbers in full.
    pub unmasked: bool,
    /// The most rows shown of a block.
    pub rows: u64,
}

/// Writes a `pain.001` as a table: the delivery, each block with its debtor, its payments and its sum. Tells whether the
/// file can be read at all.
///
/// # Errors
/// Those of the input and the output.
pub fn write_table(input: impl Read, out: &mut impl Write, options: TableOptions) -> io::Result<bool> {
    let mut reader = Pain001Reader::new(input, Limits::default());
    let mut table = Table { out, options, faulty: 0 };
    loop {
        match reader.next_event()? {
            Event::GroupHeader(header) => table.header(header)?,
            Event::PaymentInformation(block) => table.block(block)?,
            Event::Payment(row) => table.row(&row)?,
            Event::PaymentInformationEnd(totals) => table.block_end(totals)?,
            Event::Finding(finding) => writeln!(table.out, "\nrefused whole: {finding}")?,
            Event::End(totals) => return table.end(totals),
        }
    }
}

struct Table<'o, W> {
    out: &'o mut W,
    options: TableOptions,
    faulty: u64,
}

impl<W: Write> Table<'_, W> {
    fn header(&mut self, header: &GroupHeader) -> io::Result<()> {
        writeln!(self.out, "delivery    {} ({}), made {}", header.message_id, header.message, header.created)?;
        let initiator = self.party(&header.initiator);
        writeln!(self.out, "from        {initiator}")?;
        let sum = declared(header.declared_sum);
        writeln!(self.out, "declared    {} payments, sum {sum}{}", header.declared_payments, codes(header.findings.iter()))
    }

    fn block(&mut self, block: &PaymentInformation) -> io::Result<()> {
        let date = block.requested_date.map_or("-".to_owned(), |date| date.to_string());
        let benefit = block.benefit.map_or(String::new(), |benefit| format!(", benefit {benefit}"));
        writeln!(self.out, "\nblock {:<5} {} on {date}{benefit}{}", block.position, block.id, codes(block.findings.iter()))?;
        let bank = block.debtor_bic.map_or(String::new(), |bic| format!(", bank {}", bic.as_str()));
        let account = self.account(block.debtor_account.as_ref());
        let debtor = self.party(&block.debtor);
        writeln!(self.out, "  debtor    {debtor}, account {account}{bank}")?;
        let count = block.declared_payments.map_or("-".to_owned(), |count| count.to_string());
        writeln!(self.out, "  declared  {count} payments, sum {}", declared(block.declared_sum))?;
        let titles = ["row", "EndToEndId", "amount", "payee", "name", "account", "benefit"];
        let [row, reference, amount, payee, name, account, benefit] = titles;
        writeln!(self.out, "  {row:>7}  {reference:<27}  {amount:>18}  {payee:<15}  {name:<24}  {account:<24}  {benefit}")
    }

    fn row(&mut self, row: &PaymentRow<'_>) -> io::Result<()> {
        self.faulty += u64::from(row.is_rejected());
        if row.position_in_block > self.options.rows {
            return Ok(());
        }
        let amount = row.amount.map_or("-".to_owned(), |amount| amount.to_string());
        let payee = row.payee().map_or("-".to_owned(), |payee| self.identifier(payee));
        let name = self.name(row.creditor_name.unwrap_or("-"));
        let account = self.account(row.account);
        let benefit = row.benefit.map_or("-".to_owned(), |benefit| benefit.to_string());
        let (number, reference) = (row.position_in_block, self.text(row.end_to_end_id));
        writeln!(
            self.out,
            "  {number:>7}  {reference:<27}  {amount:>18}  {payee:<15}  {name:<24}  {account:<24}  {benefit}{}",
            codes(row.findings.iter())
        )
    }

    fn block_end(&mut self, totals: &BlockTotals) -> io::Result<()> {
        if totals.payments > self.options.rows {
            writeln!(self.out, "  … {} more rows", totals.payments - self.options.rows)?;
        }
        let (payments, sum) = (totals.payments, totals.sum);
        writeln!(self.out, "  total     {payments} payments, sum {sum}{}", codes(totals.findings.iter()))
    }

    fn end(&mut self, totals: &Totals) -> io::Result<bool> {
        if totals.outcome != Outcome::Readable {
            return Ok(false);
        }
        let (payments, sum) = (totals.payments, totals.sum);
        writeln!(self.out, "\ntotal       {payments} payments, sum {sum}{}", codes(totals.findings.iter()))?;
        if self.faulty > 0 {
            writeln!(self.out, "            {} of them cannot be made; nemkonto check says why", self.faulty)?;
        }
        Ok(true)
    }

    fn party(&self, party: &InitiatingParty) -> String {
        let mut text = self.text(party.name.as_deref().unwrap_or("-"));
        if let Some(agreement) = &party.agreement {
            text.extend([", agreement ", agreement.digits()]);
        }
        if let Some(cvr) = &party.cvr {
            text.extend([", CVR ", &self.number(cvr.digits(), 0)]);
        }
        if let Some(unit) = &party.unit {
            text.extend([", unit ", unit.as_str()]);
        }
        if let Some(supplier) = &party.data_supplier {
            text.extend([", data supplier ", supplier.as_str()]);
        }
        text
    }

    fn identifier(&self, identifier: &Identifier) -> String {
        let kind = identifier.kind().as_str().to_uppercase();
        format!("{kind} {}", self.number(&identifier.canonical(), 0))
    }

    fn account(&self, account: Option<&Account>) -> String {
        match account {
            None => "-".to_owned(),
            Some(Account::Danish(danish)) => {
                format!("{} {}", self.number(danish.registration(), 0), self.number(danish.number(), SHOWN))
            }
            Some(Account::Iban { iban, .. }) => {
                let (country, number) = iban.as_str().split_at(2);
                format!("{country}{}", self.number(number, SHOWN))
            }
            Some(Account::Foreign(foreign)) => {
                format!("{} {}", foreign.country().code(), self.number(foreign.number(), SHOWN))
            }
        }
    }

    /// A number with all but its last characters hidden.
    fn number(&self, number: &str, shown: usize) -> String {
        let hidden = number.chars().count().saturating_sub(shown);
        let mask = |(place, character)| if self.options.unmasked || place >= hidden { character } else { '•' };
        number.chars().enumerate().map(mask).collect()
    }

    /// A text of the payer's own, in which somebody's number may stand.
    fn text(&self, text: &str) -> String {
        if self.options.unmasked { text.to_owned() } else { mask_numbers(text) }
    }

    fn name(&self, name: &str) -> String {
        let name = self.text(name);
        match name.char_indices().nth(NAME_WIDTH) {
            Some(_) => name.chars().take(NAME_WIDTH - 1).chain(['…']).collect(),
            None => name,
        }
    }
}

fn declared(sum: Option<ControlSum>) -> String {
    sum.map_or("-".to_owned(), |sum| sum.to_string())
}

/// The codes of findings, for the end of a line.
fn codes<'f>(findings: impl Iterator<Item = &'f crate::finding::Finding>) -> String {
    findings.map(|finding| format!("  {}", finding.code)).collect()
}
