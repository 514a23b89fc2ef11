//! Functions and benefits as they stand in columns.

use contracts::parties::{BenefitScope, Function};
use platform::fault::Fault;
use primitives::BenefitCode;

use crate::words::Spelled;

/// The columns `all_benefits`, `benefits`, `without_benefit`.
pub(super) fn columns(scope: &BenefitScope) -> (bool, Vec<String>, bool) {
    match scope {
        BenefitScope::All => (true, Vec::new(), true),
        BenefitScope::Only { benefits, without } => (false, benefits.iter().map(ToString::to_string).collect(), *without),
    }
}

/// The scope in the columns.
pub(super) fn read(all: bool, benefits: &[String], without: bool) -> Result<BenefitScope, Fault> {
    if all {
        return Ok(BenefitScope::All);
    }
    let code = |code: &String| BenefitCode::parse(code).map_err(|_| Fault::Stored("benefit"));
    Ok(BenefitScope::Only { benefits: benefits.iter().map(code).collect::<Result<_, _>>()?, without })
}

/// The functions' words.
pub(super) fn function_words(functions: &[Function]) -> Vec<String> {
    functions.iter().map(|function| function.word().to_owned()).collect()
}

/// The functions of the words.
pub(super) fn read_functions(words: &[String]) -> Result<Vec<Function>, Fault> {
    words.iter().map(|word| Function::read(word)).collect()
}
