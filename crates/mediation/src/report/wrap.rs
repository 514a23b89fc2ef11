//! Long texts in the lines that a report has for them.

/// The most characters of `AddtlInf` (pain.002, all versions).
const LINE: usize = 105;

/// The text in lines of at most 105 characters, cut between words; a path is cut before a slash. Only what is longer than a line without
/// either is cut in the middle.
pub(super) fn wrap(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (line, further) = rest.split_at(line_length(rest));
        lines.push(line.trim_end().to_owned());
        rest = further.trim_start();
    }
    lines
}

/// How many bytes of the text go on one line.
fn line_length(text: &str) -> usize {
    let Some((full, next)) = text.char_indices().nth(LINE) else { return text.len() };
    // A word that ends with the line is whole.
    if next.is_whitespace() {
        return full;
    }
    let within = &text[..full];
    within.rfind(char::is_whitespace).or_else(|| within.rfind('/').filter(|place| *place > 0)).unwrap_or(full)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: &[&str]) {
        assert_eq!(wrap(text), expect);
    }

    #[test]
    fn lines_end_between_words() {
        let (word, long) = ("Forventet", "x".repeat(LINE));
        check("", &[]);
        check("kort", &["kort"]);
        check(&long, &[&long]);
        check(&format!("{long} {word}"), &[&long, word]);
        check(&format!("{word} {long}"), &[word, &long]);
        check(&format!("{long}{word}"), &[&long, word]);
        let nearly = "æ".repeat(LINE - 4);
        check(&format!("{nearly} Fundet: bytes"), &[&nearly, "Fundet: bytes"]);
    }

    #[test]
    fn a_long_path_is_cut_before_a_slash() {
        let parent = format!("/Document/{}", "a".repeat(LINE - 15));
        check(&format!("{parent}/CdtrAcct/Id"), &[&parent, "/CdtrAcct/Id"]);
    }

    proptest! {
        #[test]
        fn no_word_is_lost_or_cut_and_no_line_is_too_long(words in proptest::collection::vec("[a-zæøå]{1,40}", 0..60)) {
            let lines = wrap(&words.join(" "));
            prop_assert!(lines.iter().all(|line| (1..=LINE).contains(&line.chars().count())));
            prop_assert_eq!(lines.join(" "), words.join(" "));
        }
    }
}
