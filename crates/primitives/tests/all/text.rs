use primitives::{Language, Text};

#[test]
fn a_text_is_given_in_the_language_asked_for() {
    let text = Text::new("Ventekonto", "Holding account");
    assert_eq!(text.get(Language::Da), "Ventekonto");
    assert_eq!(text.get(Language::En), "Holding account");
}

#[test]
fn languages_read_back_and_danish_is_the_default() {
    for language in [Language::Da, Language::En] {
        assert_eq!(language.as_str().parse(), Ok(language));
        assert_eq!(language.to_string(), language.as_str());
    }
    assert!(Language::parse("de").is_err());
    assert_eq!(Language::default(), Language::Da);
}
