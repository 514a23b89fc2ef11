//! The central benefits (centrale ydelsesarter): names for the codes that every authority may use.

use primitives::{BenefitCode, Text};

const DATA: &str = include_str!("../data/central-benefits.csv");

/// A benefit that is the same at every authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CentralBenefit {
    /// Its code.
    pub code: BenefitCode,
    /// Its name. Where no name is published for a code, the code itself.
    pub name: Text,
}

/// The central benefits the program ships with; source and limits stand in `data/central-benefits.csv`.
pub fn central_benefits() -> Vec<CentralBenefit> {
    DATA.lines().filter(|line| !line.starts_with('#')).map(|line| parse(line).expect("the data file is tested")).collect()
}

fn parse(line: &str) -> Option<CentralBenefit> {
    let mut fields = line.split(';');
    let code = BenefitCode::parse(fields.next()?).ok()?;
    let name = Text::new(fields.next()?, fields.next()?);
    fields.next().is_none().then_some(CentralBenefit { code, name })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_data_is_a_benefit_and_no_code_stands_twice() {
        let benefits = central_benefits();
        let codes: BTreeSet<&str> = benefits.iter().map(|benefit| benefit.code.as_str()).collect();
        assert_eq!(codes.len(), benefits.len());
        assert!(codes.contains("NKSLØN") && codes.contains("NKSBFY"));
        assert!(benefits.iter().all(|benefit| !benefit.name.da.is_empty() && !benefit.name.en.is_empty()));
    }
}
