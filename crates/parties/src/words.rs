//! How closed lists are spelled in the tables.

use contracts::parties::{DateMeaning, Function, PainVersion, PayerKind};
use platform::fault::Fault;

/// Declares the spelling of each value of a closed list, in both directions.
macro_rules! spelling {
    ($type:ident, $name:literal, { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl Spelled for $type {
            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            fn read(word: &str) -> Result<Self, Fault> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(Fault::Stored($name)),
                }
            }
        }
    };
}

/// A closed list that stands in a text column.
pub(crate) trait Spelled: Sized {
    /// The word in the table.
    fn word(self) -> &'static str;
    /// The value of a word from the table.
    fn read(word: &str) -> Result<Self, Fault>;
}

spelling!(PayerKind, "payer kind", {
    Authority = "authority",
    Private = "private",
    RecoveryAuthority = "recovery_authority",
    System = "system",
});
spelling!(DateMeaning, "date meaning", { Disposal = "disposal", Execution = "execution" });
spelling!(PainVersion, "pain version", { V03 = "03", V09 = "09" });
spelling!(Function, "function", {
    SearchPayments = "search_payments",
    StopPayments = "stop_payments",
    DesignateAccounts = "designate_accounts",
    SpecificAccounts = "specific_accounts",
    ControlLists = "control_lists",
    AdministerUsers = "administer_users",
});
