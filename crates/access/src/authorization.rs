//! Who may do what: one table, read by people, by the door and by the tests.
//!
//! `data/authorization.csv` has a row for each page of the portal and for each operation of the houses, and a column for each role. What stands
//! in no row or no column is refused. The tests hold the table against every route there is, by calling it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use contracts::OperationName;
use contracts::parties::Function;

/// The table as it is written.
pub const TABLE: &str = include_str!("../data/authorization.csv");

/// What a role may do at an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Nothing.
    None,
    /// What concerns the own party.
    Own,
    /// Everything.
    All,
    /// As a caseworker with this function: what concerns the own authority and the benefits of the role profile.
    Function(Function),
    /// The same with one of two functions.
    Either(Function, Function),
}

impl Right {
    /// Whether a role profile with these functions has it; of what takes no function, every one has.
    #[must_use]
    pub fn is_held_by(self, functions: &[Function]) -> bool {
        match self {
            Self::None => false,
            Self::Own | Self::All => true,
            Self::Function(function) => functions.contains(&function),
            Self::Either(one, other) => functions.contains(&one) || functions.contains(&other),
        }
    }
}

/// The rights of every role at every endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    rows: BTreeMap<String, BTreeMap<String, Right>>,
}

impl Authorization {
    /// The table of the program.
    #[must_use]
    pub fn declared() -> &'static Self {
        static DECLARED: OnceLock<Authorization> = OnceLock::new();
        DECLARED.get_or_init(|| Self::parse(TABLE).expect("the table is part of the program and tested"))
    }

    /// Reads a table: a line `endpoint,role,role,…` begins a section, each further line is an endpoint with what each role may do there.
    ///
    /// # Errors
    /// The line that cannot be read, or names an endpoint a second time.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut rows, mut roles) = (BTreeMap::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut cells = line.split(',').map(str::trim);
            let first = cells.next().unwrap_or_default();
            if first == "endpoint" {
                roles = cells.map(str::to_owned).collect();
                continue;
            }
            let rights: Option<Vec<Right>> = cells.map(right).collect();
            let rights = rights.filter(|rights| rights.len() == roles.len()).ok_or_else(|| line.to_owned())?;
            let row = roles.iter().cloned().zip(rights).collect();
            if rows.insert(first.to_owned(), row).is_some() {
                return Err(line.to_owned());
            }
        }
        Ok(Self { rows })
    }

    /// What the role may do at the endpoint; nothing where the table does not say.
    #[must_use]
    pub fn right(&self, endpoint: &str, role: &str) -> Right {
        self.rows.get(endpoint).and_then(|row| row.get(role)).copied().unwrap_or(Right::None)
    }

    /// Every endpoint of the table.
    pub fn endpoints(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }
}

/// How the table names an operation of a house.
#[must_use]
pub fn endpoint_of(operation: OperationName) -> String {
    format!("{}/{}", operation.house, operation.name)
}

fn right(cell: &str) -> Option<Right> {
    Some(match cell {
        "-" => Right::None,
        "own" => Right::Own,
        "all" => Right::All,
        _ => match cell.split_once('|') {
            Some((one, other)) => Right::Either(function(one)?, function(other)?),
            None => Right::Function(function(cell)?),
        },
    })
}

fn function(name: &str) -> Option<Function> {
    Some(match name {
        "search_payments" => Function::SearchPayments,
        "stop_payments" => Function::StopPayments,
        "designate_accounts" => Function::DesignateAccounts,
        "specific_accounts" => Function::SpecificAccounts,
        "control_lists" => Function::ControlLists,
        "administer_users" => Function::AdministerUsers,
        "manage_benefits" => Function::ManageBenefits,
        "propose_changes" => Function::ProposeChanges,
        "approve_changes" => Function::ApproveChanges,
        "see_protected" => Function::SeeProtected,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_says_no_by_default() {
        let declared = Authorization::declared();
        assert!(declared.endpoints().count() > 40);
        assert_eq!(declared.right("setoff/reserve", "house"), Right::All);
        assert_eq!(declared.right("setoff/reserve", "bank"), Right::None);
        assert_eq!(declared.right("setoff/reserve", "nobody"), Right::None);
        assert_eq!(declared.right("no/such", "house"), Right::None);
    }

    #[test]
    fn a_row_that_is_short_twice_or_unknown_is_refused() {
        for text in
            ["endpoint,a,b\nx,all", "endpoint,a\nx,all\nx,-", "endpoint,a\nx,most", "endpoint,a\nx,search_payments|most", "x,all"]
        {
            assert!(Authorization::parse(text).is_err(), "{text}");
        }
    }
}
