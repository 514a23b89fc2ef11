use contracts::parties::BenefitScope;
use jiff::civil::date;

use super::*;

const DAY: Date = date(2026, 3, 2);

fn authority(number: u8) -> AgreementNumber {
    AgreementNumber::parse(&format!("0000000{number}")).unwrap()
}

fn benefit(code: &str) -> BenefitCode {
    BenefitCode::parse(code).unwrap()
}

fn unit(code: &str) -> UnitCode {
    UnitCode::parse(code).unwrap()
}

fn only(codes: &[&str], without: bool) -> BenefitScope {
    BenefitScope::Only { benefits: codes.iter().map(|code| benefit(code)).collect(), without }
}

fn held(right: GrantedRight) -> Held {
    Held { user: "kim".into(), authority: authority(1), right, from: DAY, until: date(2026, 4, 1) }
}

fn functions(functions: &[Function]) -> Held {
    held(GrantedRight::Functions { functions: functions.to_vec() })
}

fn scope(at: Option<&str>, benefits: BenefitScope) -> Held {
    held(GrantedRight::Scope { unit: at.map(unit), benefits })
}

fn asked<'a>(function: Function, benefit: Option<&'a BenefitCode>, at: Option<&str>) -> Asked<'a> {
    Asked { user: "kim", authority: authority(1), function, benefit, unit: at.map(unit), at: DAY }
}

/// Every function × every scope × what is asked: allowed exactly where both levels say so.
#[test]
fn every_function_and_scope() {
    let scopes: [(Option<&str>, BenefitScope); 8] = [
        (None, BenefitScope::All),
        (None, only(&["A"], false)),
        (None, only(&["A", "B"], true)),
        (None, only(&[], true)),
        (None, only(&[], false)),
        (Some("U1"), BenefitScope::All),
        (Some("U1"), only(&["A"], false)),
        (Some("U2"), only(&["B"], true)),
    ];
    let (a, b) = (benefit("A"), benefit("B"));
    let mut checked = 0;
    for granted in Function::ALL {
        for (at, benefits) in &scopes {
            let rights = [functions(&[granted]), scope(*at, benefits.clone())];
            for function in Function::ALL {
                for asked_benefit in [None, Some(&a), Some(&b)] {
                    for asked_unit in [None, Some("U1"), Some("U2")] {
                        let in_scope = (at.is_none() || *at == asked_unit)
                            && match (benefits, asked_benefit) {
                                (BenefitScope::All, _) => true,
                                (BenefitScope::Only { benefits, .. }, Some(code)) => benefits.contains(code),
                                (BenefitScope::Only { without, .. }, None) => *without,
                            };
                        let administrative = [
                            Function::AdministerUsers,
                            Function::ProposeChanges,
                            Function::ApproveChanges,
                            Function::SeeProtected,
                        ]
                        .contains(&function);
                        let expect = match (function == granted, administrative || in_scope) {
                            (false, _) => RightReason::NoFunction,
                            (true, false) => RightReason::NoScope,
                            (true, true) => RightReason::Granted,
                        };
                        let found = decide(&rights, &asked(function, asked_benefit, asked_unit));
                        assert_eq!(
                            found, expect,
                            "{granted:?} at {at:?} {benefits:?}: {function:?} {asked_benefit:?} {asked_unit:?}"
                        );
                        checked += 1;
                    }
                }
            }
        }
    }
    assert_eq!(checked, 10 * 8 * 10 * 9);
}

#[test]
fn one_level_alone_is_not_enough_and_nothing_is_nothing() {
    let a = benefit("A");
    for function in Function::ALL {
        let question = asked(function, Some(&a), None);
        assert_eq!(decide(&[], &question), RightReason::NoFunction);
        assert_eq!(decide(&[scope(None, BenefitScope::All)], &question), RightReason::NoFunction);
        let alone = decide(&[functions(&Function::ALL)], &question);
        assert_eq!(alone == RightReason::NoScope, function.concerns_benefits());
    }
}

#[test]
fn a_right_is_its_users_at_its_authority_on_its_days() {
    let rights = [functions(&[Function::SearchPayments]), scope(None, BenefitScope::All)];
    let question = asked(Function::SearchPayments, None, None);
    assert_eq!(decide(&rights, &question), RightReason::Granted);
    assert_eq!(decide(&rights, &Asked { user: "bo", ..question }), RightReason::NoFunction);
    assert_eq!(decide(&rights, &Asked { authority: authority(2), ..question }), RightReason::NoFunction);
    for (at, expect) in [
        (date(2026, 3, 1), RightReason::NoFunction),
        (date(2026, 3, 31), RightReason::Granted),
        (date(2026, 4, 1), RightReason::NoFunction),
    ] {
        assert_eq!(decide(&rights, &Asked { at, ..question }), expect, "{at}");
    }
}

#[test]
fn a_later_profile_replaces_an_earlier_one_from_its_first_day() {
    let stored = |profile, ended| StoredProfile {
        profile,
        functions: (uuid::Uuid::from_u128(1), ended),
        scope: (uuid::Uuid::from_u128(2), None),
        recorded_by: "operator:kim".into(),
    };
    let held = |versions: &[StoredProfile]| -> Vec<Held> { of_profiles(versions).into_iter().map(Held::from).collect() };
    let profile = |from, until, functions: &[Function]| UserProfile {
        user: "kim".into(),
        name: "Kim".into(),
        authority: authority(1),
        functions: functions.to_vec(),
        scope: BenefitScope::All,
        units: vec![],
        valid_from: from,
        valid_until: until,
    };
    let (first, later, last) = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 12, 1));
    let versions = [profile(first, last, &[Function::StopPayments]), profile(later, last, &[Function::SearchPayments])]
        .map(|profile| stored(profile, None));
    let in_order = held(&versions);
    let has = |function, at| has_function(&in_order, "kim", authority(1), function, at);
    assert!(has(Function::StopPayments, date(2026, 1, 31)) && !has(Function::StopPayments, later));
    assert!(!has(Function::SearchPayments, date(2026, 1, 31)) && has(Function::SearchPayments, later));
    let corrected = held(&[versions[1].clone(), versions[0].clone()]);
    assert!(
        !has_function(&corrected, "kim", authority(1), Function::SearchPayments, later),
        "the later record replaces it altogether"
    );
    let ended = held(&[stored(versions[0].profile.clone(), Some(later))]);
    let stops = |at| has_function(&ended, "kim", authority(1), Function::StopPayments, at);
    assert!(stops(date(2026, 1, 31)) && !stops(later), "what is ended ends");
    let scope = profile_on(&ended, "kim", authority(1), "Kim", later).unwrap();
    assert_eq!((scope.functions, scope.scope, scope.valid_until), (vec![], BenefitScope::All, last), "the other level stays");
}

#[test]
fn functions_in_conflict_meet_in_time_only() {
    let rule = Conflict { one: Function::AdministerUsers, other: Function::StopPayments, from: DAY, until: None };
    let holds = functions(&[Function::AdministerUsers]);
    let check = |rule: &Conflict, held: &[Held], new: &Held, expect: bool| {
        assert_eq!(conflict_of(std::slice::from_ref(rule), held, new).is_some(), expect, "{held:?} {new:?}");
    };
    let new = functions(&[Function::StopPayments]);
    check(&rule, &[], &new, false);
    check(&rule, std::slice::from_ref(&holds), &new, true);
    check(&rule, std::slice::from_ref(&new), &holds, true);
    check(&rule, &[], &functions(&[Function::AdministerUsers, Function::StopPayments]), true);
    check(&rule, std::slice::from_ref(&holds), &functions(&[Function::SearchPayments]), false);
    check(&rule, std::slice::from_ref(&holds), &scope(None, BenefitScope::All), false);
    check(&rule, &[Held { user: "bo".into(), ..holds.clone() }], &new, false);
    check(&rule, &[Held { authority: authority(2), ..holds.clone() }], &new, false);
    let before = Held { from: date(2026, 1, 1), until: DAY, ..holds.clone() };
    check(&rule, &[before], &new, false);
    let past = Conflict { from: date(2025, 1, 1), until: Some(DAY), ..rule.clone() };
    check(&past, std::slice::from_ref(&holds), &new, false);
}
