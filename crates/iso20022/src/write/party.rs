//! Parties, accounts and banks as elements.

use super::address::{address, country_code};
use super::charset::CharacterSet;
use super::output::{Output, invalid};
use super::pain001::Pain001Version;
use crate::address::AddressParts;
use primitives::{Account, AgreementNumber, Bic, Country, Identifier};
use std::io::{self, Write};

/// A payer or payee as written in a message.
#[derive(Clone, Copy, Default)]
pub struct Party<'a> {
    /// Name; cut after 140 characters.
    pub name: Option<&'a str>,
    /// Identifications. A person's and an organisation's cannot be mixed.
    pub identifiers: &'a [Identifier],
    /// Agreement number, with scheme `NKS`.
    pub agreement: Option<AgreementNumber>,
    /// Paying unit, with scheme `LOS`.
    pub unit: Option<&'a str>,
    /// What of the address has a field of its own; what the version has no field for, or no room in the field, goes on in the lines.
    pub address_parts: AddressParts<'a>,
    /// Address lines; empty ones are left out. All of the address beside the fields has room in 7 lines of 70 characters.
    pub address_lines: &'a [&'a str],
    /// Country of the address, ISO 3166.
    pub country: Option<&'a str>,
}

/// A bank as written in a message.
#[derive(Clone, Copy, Default)]
pub struct Agent<'a> {
    /// BIC.
    pub bic: Option<Bic>,
    /// Code of the clearing system, such as `DKBBK` (at most 5 characters).
    pub clearing_system: Option<&'a str>,
    /// The bank's number in the clearing.
    pub clearing_member: Option<&'a str>,
    /// Name.
    pub name: Option<&'a str>,
    /// Country of its address.
    pub country: Option<Country>,
}

/// How a Danish account is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountForm {
    /// As its IBAN.
    #[default]
    Iban,
    /// As `Othr` with scheme `BBAN`: the 4 digits of the registration number and 10 of the account.
    Bban,
}

/// What differs between receivers and versions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub characters: CharacterSet,
    pub danish_accounts: AccountForm,
    pub version: Pain001Version,
}

impl<'a> Agent<'a> {
    /// What an account itself says of its bank.
    #[must_use]
    pub fn of_account(account: &'a Account) -> Option<Agent<'a>> {
        match account {
            Account::Danish(_) | Account::Iban { bic: None, .. } => None,
            Account::Iban { bic, .. } => Some(Agent { bic: *bic, ..Agent::default() }),
            Account::Foreign(foreign) => Some(Agent {
                bic: foreign.bic(),
                clearing_member: foreign.bank_code(),
                name: foreign.bank_name(),
                country: Some(foreign.country()),
                ..Agent::default()
            }),
        }
    }
}

/// Writes the content of a party element.
pub(super) fn party<W: Write>(out: &mut Output<W>, party: &Party<'_>, style: Style) -> io::Result<()> {
    if let Some(name) = party.name {
        out.prose("Nm", &style.characters.convert(name), 140)?;
    }
    address(out, party, style)?;
    identification(out, party)
}

/// An `Othr` entry: the value, and its scheme as code or text.
fn other<W: Write>(out: &mut Output<W>, value: &str, scheme: (&str, &str)) -> io::Result<()> {
    out.raw("<Othr>");
    out.element("Id", value, 35)?;
    out.raw("<SchmeNm>");
    out.element(scheme.0, scheme.1, 35)?;
    out.raw("</SchmeNm></Othr>");
    Ok(())
}

fn identification<W: Write>(out: &mut Output<W>, party: &Party<'_>) -> io::Result<()> {
    let personal = |identifier: &&Identifier| matches!(identifier, Identifier::Cpr(_) | Identifier::Foreign(_));
    let persons = party.identifiers.iter().filter(personal).count();
    let organisation = persons < party.identifiers.len() || party.agreement.is_some() || party.unit.is_some();
    if persons > 0 && organisation {
        return Err(invalid("Id", "mixes a person's and an organisation's identifications"));
    }
    if persons == 0 && !organisation {
        return Ok(());
    }
    let kind = if organisation { "OrgId" } else { "PrvtId" };
    out.raw("<Id>");
    out.open(kind);
    if let Some(agreement) = &party.agreement {
        other(out, agreement.digits(), ("Prtry", "NKS"))?;
    }
    if let Some(unit) = party.unit {
        other(out, unit, ("Prtry", "LOS"))?;
    }
    for identifier in party.identifiers {
        match identifier {
            Identifier::Cpr(cpr) => other(out, cpr.digits(), ("Cd", "SOSE"))?,
            Identifier::Cvr(cvr) => other(out, cvr.digits(), ("Prtry", "CVR"))?,
            Identifier::Se(se) => other(out, se.digits(), ("Prtry", "SE"))?,
            Identifier::P(number) => other(out, number.digits(), ("Prtry", "P"))?,
            Identifier::Foreign(foreign) => other(out, foreign.value(), ("Prtry", foreign.scheme()))?,
        }
    }
    out.close(kind);
    out.raw("</Id>");
    Ok(())
}

/// Writes the content of an account element.
pub(super) fn account<W: Write>(out: &mut Output<W>, account: &Account, style: Style) -> io::Result<()> {
    out.raw("<Id>");
    match account {
        Account::Danish(danish) if style.danish_accounts == AccountForm::Bban => {
            out.raw("<Othr><Id>");
            out.raw(danish.registration());
            out.raw(danish.number());
            out.raw("</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr>");
        }
        Account::Danish(danish) => out.element("IBAN", danish.to_iban().as_str(), 34)?,
        Account::Iban { iban, .. } => out.element("IBAN", iban.as_str(), 34)?,
        Account::Foreign(foreign) => {
            out.raw("<Othr>");
            out.element("Id", foreign.number(), 34)?;
            out.raw("<SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr>");
        }
    }
    out.raw("</Id>");
    Ok(())
}

/// Writes the content of a bank element.
pub(super) fn agent<W: Write>(out: &mut Output<W>, agent: &Agent<'_>, style: Style) -> io::Result<()> {
    out.raw("<FinInstnId>");
    if let Some(bic) = &agent.bic {
        let element = if style.version == Pain001Version::V03 { "BIC" } else { "BICFI" };
        out.element(element, bic.as_str(), 11)?;
    }
    if let Some(member) = agent.clearing_member {
        out.raw("<ClrSysMmbId>");
        if let Some(system) = agent.clearing_system {
            out.raw("<ClrSysId>");
            out.element("Cd", system, 5)?;
            out.raw("</ClrSysId>");
        }
        out.element("MmbId", member, 35)?;
        out.raw("</ClrSysMmbId>");
    }
    if let Some(name) = agent.name {
        out.prose("Nm", &style.characters.convert(name), 140)?;
    }
    if let Some(country) = agent.country {
        out.raw("<PstlAdr>");
        country_code(out, country.code())?;
        out.raw("</PstlAdr>");
    }
    out.raw("</FinInstnId>");
    Ok(())
}
