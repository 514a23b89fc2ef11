use primitives::{AgreementNumber, AgreementNumberError, BankCode, BenefitCode, CodeError, DataSupplierId, UnitCode};

#[test]
fn agreement_numbers_have_eight_digits() {
    let agreement = AgreementNumber::parse("00012345").unwrap();
    assert_eq!(agreement.digits(), "00012345");
    assert_eq!(agreement.to_string().parse(), Ok(agreement));
    for text in ["", "1234567", "123456789"] {
        assert_eq!(AgreementNumber::parse(text), Err(AgreementNumberError::Length), "{text}");
    }
    assert_eq!(AgreementNumber::parse("1234567x"), Err(AgreementNumberError::NotDigits));
}

#[test]
fn benefit_codes_are_upper_case_danish() {
    for text in ["NKSLØN", "NKSBØT", "A", "ÆØÅÆØÅÆØÅÆ", "NKS1234567"] {
        let code = BenefitCode::parse(text).unwrap();
        assert_eq!(code.as_str(), text);
        assert_eq!(code.to_string(), text);
    }
    for text in ["", "NKS12345678", "ÆØÅÆØÅÆØÅÆØ"] {
        assert_eq!(BenefitCode::parse(text), Err(CodeError::Length { limit: 10 }), "{text}");
    }
    for text in ["nksløn", "NKS LØN", "NKS-LØN", "NKSLÖN"] {
        assert_eq!(BenefitCode::parse(text), Err(CodeError::Character), "{text}");
    }
}

#[test]
fn the_other_codes_have_their_limits() {
    let twenty = "Æ".repeat(20);
    assert_eq!(UnitCode::parse(&twenty).unwrap().as_str(), twenty);
    assert_eq!(BankCode::parse(&twenty).unwrap().as_str(), twenty);
    assert!(UnitCode::parse(&"1".repeat(21)).is_err());
    assert!(BankCode::parse(&"1".repeat(21)).is_err());
    let thirty_five = "ø".repeat(35);
    assert_eq!(DataSupplierId::parse(&thirty_five).unwrap().as_str(), thirty_five);
    assert_eq!(DataSupplierId::parse(&"1".repeat(36)), Err(CodeError::Length { limit: 35 }));
    for text in ["a b", "a\nb", "a|b", "a'b", "<a>"] {
        assert_eq!(UnitCode::parse(text), Err(CodeError::Character), "{text}");
    }
}

#[test]
fn codes_sort_as_their_texts() {
    let mut codes = ["NKSUDD", "A", "NKS", "NKSBFY"].map(|text| BenefitCode::parse(text).unwrap());
    codes.sort();
    assert_eq!(codes.map(|code| code.to_string()), ["A", "NKS", "NKSBFY", "NKSUDD"]);
}
