//! The functions of role profiles in words.

use contracts::parties::Function;
use primitives::Text;

/// What the portal needs a function of a role profile for, in words.
pub(crate) fn function_name(function: Function) -> Text {
    let (da, en) = match function {
        Function::SearchPayments => ("søge betalinger", "search payments"),
        Function::StopPayments => ("stoppe betalinger", "stop payments"),
        Function::DesignateAccounts => ("se og anvise konti", "see and designate accounts"),
        Function::SpecificAccounts => ("oprette ydelsesspecifikke konti", "create specific accounts"),
        Function::ControlLists => ("se kontrollister", "see control lists"),
        Function::AdministerUsers => ("administrere brugere", "administer users"),
        Function::ManageBenefits => ("administrere ydelsesarter", "manage benefits"),
        Function::ProposeChanges => ("foreslå ændringer af aftalen", "propose changes of the agreement"),
        Function::SeeProtected => ("se beskyttede navne", "see protected names"),
        Function::ApproveChanges => ("godkende ændringer af aftalen", "approve changes of the agreement"),
    };
    Text::new(da, en)
}
