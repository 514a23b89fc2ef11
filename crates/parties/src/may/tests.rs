use contracts::parties::BenefitScope;
use jiff::civil::{Date, date};
use primitives::{AgreementNumber, BankCode, BenefitCode, Cpr, Cvr, DataSupplierId};

use super::*;

const DAY: Date = date(2026, 3, 2);

fn person(number: &str) -> Identifier {
    Cpr::parse(number).unwrap().into()
}

fn company() -> Identifier {
    Cvr::parse("10103940").unwrap().into()
}

fn payer() -> Whose {
    Whose::Payer { agreement: AgreementNumber::parse("00000001").unwrap() }
}

fn of(identifier: Identifier) -> Whose {
    Whose::Payee { identifier }
}

fn question(actor: &Actor, function: Function, of: Whose) -> RightQuestion {
    RightQuestion { actor: actor.clone(), function, of, benefit: None, unit: None, at: DAY }
}

/// Every actor who is no caseworker × every function × whose data it is.
#[test]
fn every_actor_and_function() {
    let (me, other) = (person("0101585005"), person("0202585005"));
    let payee = Actor::Payee { identifier: me.clone() };
    let firm = Actor::Payee { identifier: company() };
    let systems = [
        Actor::House { name: "mediation".into() },
        Actor::DataSupplier { id: DataSupplierId::parse("S").unwrap() },
        Actor::Bank { code: BankCode::parse("B").unwrap() },
        Actor::RecoveryAuthority,
    ];
    let known = Known::default();
    for function in Function::ALL {
        let check = |actor: &Actor, of: Whose, expect| {
            assert_eq!(known.decide(&question(actor, function, of)), expect, "{actor:?} {function:?}")
        };
        let reads = function == Function::SearchPayments;
        let designates = function == Function::DesignateAccounts;
        let when = |yes: bool, reason| if yes { reason } else { RightReason::NotForActor };
        check(&payee, of(me.clone()), when(reads || designates, RightReason::Own));
        check(&payee, of(other.clone()), when(reads || designates, RightReason::NoMandate));
        check(&payee, payer(), RightReason::NotForActor);
        check(&firm, of(company()), when(reads, RightReason::Own));
        check(&firm, of(me.clone()), when(reads || designates, RightReason::NoMandate));
        let keeps = [Function::AdministerUsers, Function::ManageBenefits, Function::ProposeChanges, Function::ApproveChanges];
        for whose in [payer(), of(me.clone())] {
            check(
                &Actor::Operator { user: "kim".into() },
                whose.clone(),
                when(keeps.contains(&function), RightReason::Operation),
            );
            systems.iter().for_each(|system| check(system, whose.clone(), RightReason::NotForActor));
        }
    }
}

#[test]
fn a_mandate_covers_its_holder_subject_functions_benefits_and_days() {
    let (me, other, third) = (person("0101585005"), person("0202585005"), person("0303585005"));
    let benefit = BenefitCode::parse("NKSBFY").unwrap();
    let mandate = StoredMandate {
        holder: me.clone(),
        subject: other.clone(),
        functions: vec![Function::SearchPayments],
        benefits: BenefitScope::Only { benefits: vec![benefit], without: false },
        from: DAY,
        until: date(2026, 4, 1),
    };
    let known = Known { held: Vec::new(), mandates: vec![mandate] };
    let good = RightQuestion {
        benefit: Some(benefit),
        ..question(&Actor::Payee { identifier: me.clone() }, Function::SearchPayments, of(other.clone()))
    };
    assert_eq!(known.decide(&good), RightReason::Mandated);
    let no = |question: RightQuestion| assert_eq!(known.decide(&question), RightReason::NoMandate, "{question:?}");
    no(RightQuestion { function: Function::DesignateAccounts, ..good.clone() });
    no(RightQuestion { benefit: None, ..good.clone() });
    no(RightQuestion { of: of(third), ..good.clone() });
    no(RightQuestion { at: date(2026, 3, 1), ..good.clone() });
    no(RightQuestion { at: date(2026, 4, 1), ..good.clone() });
    no(RightQuestion { actor: Actor::Payee { identifier: other }, of: of(me), ..good });
}

#[test]
fn a_caseworker_acts_in_the_own_authority_alone() {
    let own = AgreementNumber::parse("00000002").unwrap();
    let caseworker = Actor::Caseworker { user: "kim".into(), authority: own };
    for function in Function::ALL {
        assert_eq!(Known::default().decide(&question(&caseworker, function, payer())), RightReason::OtherAuthority);
        assert_eq!(
            Known::default().decide(&question(&caseworker, function, Whose::Payer { agreement: own })),
            RightReason::NoFunction
        );
    }
}
