//! How closed lists are spelled in the tables.

use contracts::parties::{
    BankCharacters, ClosedDays, DateMeaning, Function, LimitKind, MandateKind, PainVersion, PartyKind, PayerKind, PayingSystem,
    ProofKind,
};
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
spelling!(ClosedDays, "closed days", { Move = "move", Refuse = "refuse" });
spelling!(PayingSystem, "paying system", { New = "new", Old = "old" });
spelling!(PainVersion, "pain version", { V03 = "03", V09 = "09" });
spelling!(BankCharacters, "bank's characters", { Unicode = "unicode", Danish = "danish", Sepa = "sepa" });
spelling!(Function, "function", {
    SearchPayments = "search_payments",
    StopPayments = "stop_payments",
    DesignateAccounts = "designate_accounts",
    SpecificAccounts = "specific_accounts",
    ControlLists = "control_lists",
    AdministerUsers = "administer_users",
    ManageBenefits = "manage_benefits",
    ProposeChanges = "propose_changes",
    ApproveChanges = "approve_changes",
    SeeProtected = "see_protected",
});
spelling!(PartyKind, "party kind", {
    Authority = "authority",
    PrivatePayer = "private_payer",
    PrivateAccountIntermediary = "private_account_intermediary",
    InfrastructureOperator = "infrastructure_operator",
    Bank = "bank",
    BankDataCentre = "bank_data_centre",
    DataSupplier = "data_supplier",
    RecoveryAuthority = "recovery_authority",
    SystemOwner = "system_owner",
});
spelling!(LimitKind, "limit kind", {
    PaymentsPerDelivery = "payments_per_delivery",
    AmountPerPayment = "amount_per_payment",
    AmountPerDay = "amount_per_day",
    LookupsPerHour = "lookups_per_hour",
});
spelling!(MandateKind, "mandate kind", { PowerOfAttorney = "power_of_attorney", Guardianship = "guardianship" });
spelling!(ProofKind, "proof kind", {
    DigitalPowerOfAttorney = "digital_power_of_attorney",
    SignedDocument = "signed_document",
    Decision = "decision",
    Register = "register",
});
