//! The rules of terms, grants, mandates and conflicts that need no other party to be checked.

use std::collections::HashSet;

use contracts::{
    Problem,
    parties::{
        AllowedCertificate, Contact, Function, FunctionConflict, GrantedRight, NewGrant, NewMandate, PartyTerms, SetoffAgreement,
        SystemClient,
    },
};
use platform::limits::check_count;
use primitives::AgreementNumber;

use super::{check_distinct, check_scope, check_text, ends_before_it_begins, invalid};
use crate::limits::{MAX_NAME, MAX_PARTS, MAX_PARTY_ID, MAX_USER_ID, MAX_WHY};

const MAX_ORGANISATION: usize = 64;
const MAX_SERIAL: usize = 64;
const MAX_MAIL: usize = 254;
const MAX_TELEPHONE: usize = 30;
const MAX_REFERENCE: usize = 35;
const MAX_CLIENT_ID: usize = 64;
const MAX_PUBLIC_KEY: usize = 2_000;
const MAX_BROKER_CLIENT_ID: usize = 128;

/// Checks a reason.
pub(crate) fn check_why(why: &str) -> Result<(), Problem> {
    check_text(why, MAX_WHY, "why")
}

/// Checks terms on their own.
pub(crate) fn check_terms(terms: &PartyTerms) -> Result<(), Problem> {
    check_text(&terms.name, MAX_NAME, "name")?;
    check_text(&terms.party.id, MAX_PARTY_ID, "party")?;
    // What is proposed is named by words with blanks between them.
    if terms.party.id.contains(char::is_whitespace) {
        return Err(invalid("party", "En parts id er ét ord.", "The id of a party is one word."));
    }
    if terms.party.kind.pays() && AgreementNumber::parse(&terms.party.id).is_err() {
        return Err(invalid("party", "En udbetalers id er dens aftalenummer.", "The id of a payer is its agreement number."));
    }
    if terms.valid_until.is_some_and(|until| until <= terms.valid_from) {
        return Err(ends_before_it_begins());
    }
    terms.set_off.as_ref().map_or(Ok(()), |set_off| check_set_off(terms, set_off))?;
    terms.contact.as_ref().map_or(Ok(()), check_contact)?;
    check_count(terms.certificates.len(), MAX_PARTS, "certificates")?;
    check_count(terms.networks.len(), MAX_PARTS, "networks")?;
    terms.certificates.iter().try_for_each(check_certificate)?;
    check_distinct(&terms.certificates, "certificates")?;
    check_distinct(&terms.networks, "networks")?;
    check_distinct(terms.limits.iter().map(|limit| limit.kind), "limits")?;
    terms.client.as_ref().map_or(Ok(()), check_client)?;
    if terms.limits.iter().any(|limit| limit.most < 0) {
        return Err(invalid("limits", "En grænse kan ikke være negativ.", "A limit cannot be negative."));
    }
    Ok(())
}

fn check_set_off(terms: &PartyTerms, set_off: &SetoffAgreement) -> Result<(), Problem> {
    if !terms.party.kind.pays() {
        return Err(invalid("set_off", "Kun udbetalere deltager i modregning.", "Only payers take part in set-off."));
    }
    set_off.reference.as_ref().map_or(Ok(()), |reference| check_text(reference, MAX_REFERENCE, "set_off"))
}

fn check_contact(contact: &Contact) -> Result<(), Problem> {
    check_text(&contact.name, MAX_NAME, "contact")?;
    contact.telephone.as_ref().map_or(Ok(()), |telephone| check_text(telephone, MAX_TELEPHONE, "contact"))?;
    let Some(mail) = &contact.mail else { return Ok(()) };
    check_text(mail, MAX_MAIL, "contact")?;
    match mail.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() => Ok(()),
        _ => Err(invalid("contact", "Mailadressen mangler noget.", "The mail address lacks something.")),
    }
}

fn check_client(client: &SystemClient) -> Result<(), Problem> {
    check_text(&client.client_id, MAX_CLIENT_ID, "client")?;
    check_text(&client.public_key, MAX_PUBLIC_KEY, "client")?;
    client.broker_client_id.as_ref().map_or(Ok(()), |id| check_text(id, MAX_BROKER_CLIENT_ID, "client"))
}

fn check_certificate(certificate: &AllowedCertificate) -> Result<(), Problem> {
    check_text(&certificate.organisation, MAX_ORGANISATION, "certificates")?;
    let digits = certificate.serial.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if digits && (1..=MAX_SERIAL).contains(&certificate.serial.len()) {
        return Ok(());
    }
    Err(invalid(
        "certificates",
        "Et serienummer har 1 til 64 hexadecimale cifre med små bogstaver.",
        "A serial number has 1 to 64 lower-case hexadecimal digits.",
    ))
}

/// Checks a grant on its own.
pub(crate) fn check_grant(grant: &NewGrant) -> Result<(), Problem> {
    check_text(&grant.user, MAX_USER_ID, "user")?;
    check_why(&grant.why)?;
    if grant.valid_until <= grant.valid_from {
        return Err(ends_before_it_begins());
    }
    match &grant.right {
        GrantedRight::Functions { functions } => check_functions(functions),
        GrantedRight::Scope { benefits, .. } => check_scope(benefits),
    }
}

fn check_functions(functions: &[Function]) -> Result<(), Problem> {
    if functions.is_empty() {
        return Err(invalid("functions", "Der skal være mindst én funktion.", "There must be at least one function."));
    }
    check_distinct(functions, "functions")
}

/// Checks a mandate on its own.
pub(crate) fn check_mandate(mandate: &NewMandate) -> Result<(), Problem> {
    check_why(&mandate.why)?;
    check_text(&mandate.proof.reference, MAX_NAME, "proof")?;
    if mandate.valid_until <= mandate.valid_from {
        return Err(ends_before_it_begins());
    }
    if mandate.holder == mandate.subject {
        return Err(invalid("subject", "Ingen er fuldmægtig for sig selv.", "Nobody holds a mandate for oneself."));
    }
    check_functions(&mandate.functions)?;
    let offered = HashSet::from([Function::SearchPayments, Function::DesignateAccounts]);
    if !mandate.functions.iter().all(|function| offered.contains(function)) {
        return Err(invalid(
            "functions",
            "En fuldmagt eller et værgemål giver ret til at se betalinger og anvise konti, ikke til andet.",
            "A mandate gives the right to search payments and designate accounts, nothing else.",
        ));
    }
    check_scope(&mandate.benefits)
}

/// Checks a rule on two functions.
pub(crate) fn check_conflict(conflict: &FunctionConflict) -> Result<(), Problem> {
    check_why(&conflict.why)?;
    if conflict.one == conflict.other {
        return Err(invalid(
            "other",
            "En funktion kan ikke stå i modstrid med sig selv.",
            "A function cannot conflict with itself.",
        ));
    }
    if conflict.valid_until.is_some_and(|until| until <= conflict.valid_from) {
        return Err(ends_before_it_begins());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use contracts::parties::{BenefitScope, Limit, LimitKind, MandateKind, PartyKey, PartyKind, Proof, ProofKind};
    use jiff::civil::date;
    use primitives::{Cpr, Identifier};

    use super::*;

    #[track_caller]
    fn expect(result: Result<(), Problem>, field: Option<&str>) {
        assert_eq!(result.err().and_then(|problem| problem.field).as_deref(), field);
    }

    fn terms() -> PartyTerms {
        PartyTerms {
            party: PartyKey { kind: PartyKind::Authority, id: "00000001".into() },
            name: "Myndighed".into(),
            cvr: None,
            valid_from: date(2026, 1, 1),
            valid_until: None,
            set_off: Some(SetoffAgreement { takes_part: true, own_claims: false, reference: None }),
            contact: Some(Contact { name: "Drift".into(), mail: Some("a@b".into()), telephone: None }),
            certificates: vec![AllowedCertificate { organisation: "NTRDK-10103940".into(), serial: "0af".into() }],
            networks: vec!["192.0.2.0/24".parse().unwrap()],
            limits: vec![Limit { kind: LimitKind::AmountPerDay, most: 0 }],
            client: Some(SystemClient { client_id: "c".into(), public_key: "k".into(), broker_client_id: None }),
        }
    }

    #[track_caller]
    fn terms_with(change: impl FnOnce(&mut PartyTerms), field: Option<&str>) {
        let mut terms = terms();
        change(&mut terms);
        expect(check_terms(&terms), field);
    }

    #[test]
    fn terms_are_checked() {
        terms_with(|_| {}, None);
        terms_with(|terms| terms.name = " ".into(), Some("name"));
        terms_with(|terms| terms.party.id = "1".into(), Some("party"));
        terms_with(|terms| terms.party = PartyKey { kind: PartyKind::Bank, id: String::new() }, Some("party"));
        terms_with(|terms| terms.party = PartyKey { kind: PartyKind::Bank, id: "B".into() }, Some("set_off"));
        terms_with(|terms| terms.valid_until = Some(terms.valid_from), Some("valid_until"));
        terms_with(|terms| terms.set_off.as_mut().unwrap().reference = Some("x".repeat(36)), Some("set_off"));
        terms_with(|terms| terms.contact.as_mut().unwrap().mail = Some("a@".into()), Some("contact"));
        terms_with(|terms| terms.contact.as_mut().unwrap().telephone = Some(String::new()), Some("contact"));
        terms_with(|terms| terms.certificates[0].serial = "0AF".into(), Some("certificates"));
        terms_with(|terms| terms.certificates.push(terms.certificates[0].clone()), Some("certificates"));
        terms_with(|terms| terms.networks.push(terms.networks[0]), Some("networks"));
        terms_with(|terms| terms.limits.push(terms.limits[0]), Some("limits"));
        terms_with(|terms| terms.limits[0].most = -1, Some("limits"));
        terms_with(|terms| terms.client.as_mut().unwrap().public_key = "x".repeat(2_001), Some("client"));
    }

    #[test]
    fn grants_are_checked() {
        let good = NewGrant {
            user: "u".into(),
            authority: AgreementNumber::parse("00000001").unwrap(),
            right: GrantedRight::Functions { functions: vec![Function::StopPayments] },
            valid_from: date(2026, 1, 1),
            valid_until: date(2026, 2, 1),
            why: "new".into(),
        };
        let functions = |functions: &[Function]| GrantedRight::Functions { functions: functions.to_vec() };
        expect(check_grant(&good), None);
        expect(check_grant(&NewGrant { user: String::new(), ..good.clone() }), Some("user"));
        expect(check_grant(&NewGrant { why: "x".repeat(501), ..good.clone() }), Some("why"));
        expect(check_grant(&NewGrant { valid_until: date(2026, 1, 1), ..good.clone() }), Some("valid_until"));
        expect(check_grant(&NewGrant { right: functions(&[]), ..good.clone() }), Some("functions"));
        expect(check_grant(&NewGrant { right: functions(&[Function::StopPayments; 2]), ..good }), Some("functions"));
    }

    #[test]
    fn mandates_and_conflicts_are_checked() {
        let person = |number| Identifier::from(Cpr::parse(number).unwrap());
        let good = NewMandate {
            kind: MandateKind::Guardianship,
            holder: person("0101585005"),
            subject: person("0202585005"),
            functions: vec![Function::DesignateAccounts],
            benefits: BenefitScope::All,
            valid_from: date(2026, 1, 1),
            valid_until: date(2026, 2, 1),
            proof: Proof { kind: ProofKind::Decision, reference: "1/2026".into() },
            why: "new".into(),
        };
        expect(check_mandate(&good), None);
        expect(check_mandate(&NewMandate { holder: person("0202585005"), ..good.clone() }), Some("subject"));
        expect(check_mandate(&NewMandate { functions: vec![Function::StopPayments], ..good.clone() }), Some("functions"));
        expect(check_mandate(&NewMandate { functions: vec![], ..good.clone() }), Some("functions"));
        let blank = Proof { kind: ProofKind::Decision, reference: " ".into() };
        expect(check_mandate(&NewMandate { proof: blank, ..good }), Some("proof"));
        let conflict = FunctionConflict {
            one: Function::StopPayments,
            other: Function::AdministerUsers,
            valid_from: date(2026, 1, 1),
            valid_until: None,
            why: "rule".into(),
        };
        expect(check_conflict(&conflict), None);
        expect(check_conflict(&FunctionConflict { other: Function::StopPayments, ..conflict.clone() }), Some("other"));
        expect(check_conflict(&FunctionConflict { valid_until: Some(date(2026, 1, 1)), ..conflict }), Some("valid_until"));
    }
}
