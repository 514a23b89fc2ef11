use primitives::{
    Account, AccountError, Bic, Country, Currency, DanishAccount, ForeignAccount, ForeignAccountError, ForeignAccountParts, Iban,
    PlainTextError,
};
use proptest::prelude::*;

fn parts(number: &str) -> ForeignAccountParts {
    ForeignAccountParts {
        number: number.to_owned(),
        bank_code: Some("021000021".to_owned()),
        bic: None,
        bank_name: None,
        country: Country::parse("US").unwrap(),
        currency: None,
    }
}

#[track_caller]
fn check_canonical(account: &Account, expect: &str) {
    assert_eq!(account.canonical(), expect);
    assert_eq!(Account::from_canonical(expect).as_ref(), Ok(account), "{expect}");
}

#[test]
fn canonical_texts_read_back() {
    let danish = DanishAccount::new("0040", "440116243").unwrap();
    check_canonical(&Account::Danish(danish), "DK|0040|0440116243");

    let iban = Iban::parse("DE89370400440532013000").unwrap();
    let bic = Bic::parse("COBADEFFXXX").unwrap();
    check_canonical(&Account::from_iban(iban, None), "IBAN|DE89370400440532013000|");
    check_canonical(&Account::from_iban(iban, Some(bic)), "IBAN|DE89370400440532013000|COBADEFFXXX");

    let bare = ForeignAccount::new(parts("12345")).unwrap();
    check_canonical(&Account::Foreign(bare), "FOR|US|12345|021000021|||");
    let full = ForeignAccount::new(ForeignAccountParts {
        bic: Some(Bic::parse("CHASUS33").unwrap()),
        bank_name: Some(r"Smith | Sons \ Bank".to_owned()),
        currency: Some(Currency::USD),
        ..parts("12|345")
    });
    check_canonical(&Account::Foreign(full.unwrap()), r"FOR|US|12\|345|021000021|CHASUS33|Smith \| Sons \\ Bank|USD");
}

#[test]
fn a_danish_iban_is_a_danish_account_however_it_was_made() {
    let iban = Iban::parse("DK5000400440116243").unwrap();
    let bic = Bic::parse("DABADKKK").ok();
    let account = Account::from_iban(iban, bic);
    assert_eq!(account, Account::Danish(DanishAccount::new("0040", "0440116243").unwrap()));
    assert_eq!(Account::Iban { iban, bic }.canonical(), account.canonical());
    assert_eq!(account.country(), Country::DK);
}

#[test]
fn refuses_other_spellings() {
    for text in [
        "",
        "DK",
        "DK|0040|440116243",
        "DK|0040|0440116243|",
        "dk|0040|0440116243",
        "IBAN|DK5000400440116243|",
        "IBAN|DE89370400440532013000",
        "FOR|US|12345|021000021||",
        "FOR|US|12345|021000021||||",
        r"FOR|US|12345|\021000021|||",
        r"FOR|US|12345|021000021|||\",
        "SWIFT|12345",
    ] {
        let error = Account::from_canonical(text).unwrap_err();
        let refused = matches!(error, AccountError::NotCanonical | AccountError::Danish(_));
        assert!(refused, "{text}: {error}");
    }
    assert!(matches!(Account::from_canonical("IBAN|DE8937|"), Err(AccountError::Iban(_))));
    assert!(matches!(Account::from_canonical("FOR|ZZ|1|2|||"), Err(AccountError::Country(_))));
    assert!(matches!(Account::from_canonical("FOR|US|1|2|X||"), Err(AccountError::Bic(_))));
    assert!(matches!(Account::from_canonical("FOR|US|1|2|||XXX"), Err(AccountError::Currency(_))));
}

#[test]
fn a_foreign_account_needs_a_number_and_a_bank() {
    let check = |parts: ForeignAccountParts, expect: ForeignAccountError| {
        assert_eq!(ForeignAccount::new(parts), Err(expect));
    };
    check(parts(""), ForeignAccountError::Number(PlainTextError::Empty));
    check(parts(&"1".repeat(35)), ForeignAccountError::Number(PlainTextError::TooLong { limit: 34 }));
    check(parts(" 1"), ForeignAccountError::Number(PlainTextError::OuterSpace));
    check(parts("1\n2"), ForeignAccountError::Number(PlainTextError::ControlCharacter));
    let long = |length: usize| Some("Å".repeat(length));
    check(
        ForeignAccountParts { bank_code: long(36), ..parts("1") },
        ForeignAccountError::BankCode(PlainTextError::TooLong { limit: 35 }),
    );
    check(
        ForeignAccountParts { bank_name: long(141), ..parts("1") },
        ForeignAccountError::BankName(PlainTextError::TooLong { limit: 140 }),
    );
    check(ForeignAccountParts { bank_code: None, ..parts("1") }, ForeignAccountError::NoBank);
    let longest = ForeignAccountParts { bank_code: long(35), bank_name: long(140), ..parts(&"1".repeat(34)) };
    assert_eq!(ForeignAccount::new(longest.clone()).unwrap().into_parts(), longest);
}

fn plain_text(longest: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![Just('|'), Just('\\'), Just('Ø'), any::<char>()], 1..=longest)
        .prop_map(String::from_iter)
        .prop_filter("printable, without outer space", |text| {
            text.trim() == text && !text.is_empty() && !text.chars().any(char::is_control)
        })
}

prop_compose! {
    fn foreign_account()(
        number in plain_text(34),
        bank_code in plain_text(35),
        bank_name in proptest::option::of(plain_text(140)),
        bic in prop::sample::select(vec![None, Bic::parse("CHASUS33").ok()]),
        country in prop::sample::select(vec!["US", "AU", "TH"]),
        currency in prop::sample::select(vec![None, Some(Currency::USD)]),
    ) -> ForeignAccount {
        ForeignAccount::new(ForeignAccountParts {
            number,
            bank_code: Some(bank_code),
            bic,
            bank_name,
            country: Country::parse(country).unwrap(),
            currency,
        })
        .unwrap()
    }
}

proptest! {
    #[test]
    fn every_foreign_account_reads_back(foreign in foreign_account()) {
        let account = Account::Foreign(foreign);
        prop_assert_eq!(Account::from_canonical(&account.canonical()), Ok(account));
    }

    #[test]
    fn whatever_is_read_is_written_the_same(text in "(DK|IBAN|FOR)?[|\\\\A-Z0-9]{0,40}") {
        if let Ok(account) = Account::from_canonical(&text) {
            prop_assert_eq!(account.canonical(), text);
        }
    }
}
