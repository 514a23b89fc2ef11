//! The elements of `pain.001` that the reader wants to hear of, by version.

use crate::fields::fields;
use crate::grammar::binding::{Binding, Field};
use crate::message::MessageKind;
use std::sync::OnceLock;

fields! {
    /// A wanted element.
    F {
        GroupHeader, MessageId, Created, GroupCount, GroupSum, Initiator, InitiatorName,
        InitiatorOther, InitiatorOtherId, InitiatorOtherCode, InitiatorOtherProprietary,
        Block, BlockId, Method, BatchBooking, BlockCount, BlockSum,
        BlockServiceLevel, BlockCategoryCode, BlockCategoryProprietary,
        RequestedDate, RequestedDateTime, DebtorName,
        DebtorOther, DebtorOtherId, DebtorOtherCode, DebtorOtherProprietary,
        DebtorIban, DebtorAccountId, DebtorAccountCode, DebtorAccountProprietary,
        DebtorBic, DebtorMember, ChargeBearer, ChargesIban,
        BlockPriority, BlockLocalCode, BlockLocal, BlockUltimateDebtor, BlockDebtorAgentText, BlockLeftAgents, BlockLeftUltimate,
        BlockLeftServiceLevel, BlockLeftCharges, BlockLeftPooling, MessageLeft,
        Row, InstructionId, EndToEndId, Uetr, Amount, EquivalentAmount,
        RowServiceLevel, RowCategoryCode, RowCategoryProprietary, RowChargeBearer, AgentBic, AgentSystem, AgentMember, AgentName, AgentCountry,
        CreditorName, AddressCareOf, AddressDepartment, AddressSubDepartment, AddressStreet, AddressBuilding, AddressBuildingName,
        AddressFloor, AddressUnit, AddressPostBox, AddressRoom, AddressPostCode, AddressTown, AddressTownLocation, AddressDistrict,
        AddressSubdivision, Country, AddressLine,
        OrganisationOther, OrganisationOtherId, OrganisationOtherCode, OrganisationOtherProprietary,
        PrivateOther, PrivateOtherId, PrivateOtherCode, PrivateOtherProprietary, PrivateOtherIssuer,
        Iban, AccountId, AccountCode, AccountProprietary, ProxyId, ProxyCode, ProxyProprietary,
        PurposeCode, PurposeProprietary, Unstructured, Reference,
        Priority, LocalCode, Local, UltimateDebtor, UltimateCreditor, CreditorAgentInstruction, CreditorAgentCode, CreditorAgentText,
        DebtorAgentText, Document, DocumentType, DocumentNumber, DocumentDate,
        ReferenceInformation, ReferenceCode, ReferenceType, ReferenceIssuer,
        LeftReporting, LeftTax, LeftRelated, LeftRemittance, LeftAgents, LeftRate, LeftUltimate, LeftInstructions, LeftSupplementary,
        LeftServiceLevel, LeftMandate, LeftCheque, LeftPayee, LeftPayeeAccount,
    }
}

const MESSAGE: &str = "CstmrCdtTrfInitn";
const GROUP: &str = "CstmrCdtTrfInitn/GrpHdr";
const BLOCK: &str = "CstmrCdtTrfInitn/PmtInf";
const ROW: &str = "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf";

const GROUP_PATHS: &[(&str, F)] = &[
    ("", F::GroupHeader),
    ("/MsgId", F::MessageId),
    ("/CreDtTm", F::Created),
    ("/NbOfTxs", F::GroupCount),
    ("/CtrlSum", F::GroupSum),
    ("/InitgPty", F::Initiator),
    ("/InitgPty/Nm", F::InitiatorName),
    ("/InitgPty/Id/OrgId/Othr", F::InitiatorOther),
    ("/InitgPty/Id/OrgId/Othr/Id", F::InitiatorOtherId),
    ("/InitgPty/Id/OrgId/Othr/SchmeNm/Cd", F::InitiatorOtherCode),
    ("/InitgPty/Id/OrgId/Othr/SchmeNm/Prtry", F::InitiatorOtherProprietary),
];

const BLOCK_PATHS: &[(&str, F)] = &[
    ("", F::Block),
    ("/PmtInfId", F::BlockId),
    ("/PmtMtd", F::Method),
    ("/BtchBookg", F::BatchBooking),
    ("/NbOfTxs", F::BlockCount),
    ("/CtrlSum", F::BlockSum),
    ("/PmtTpInf/CtgyPurp/Cd", F::BlockCategoryCode),
    ("/PmtTpInf/CtgyPurp/Prtry", F::BlockCategoryProprietary),
    ("/PmtTpInf/SvcLvl/Cd", F::BlockServiceLevel),
    ("/Dbtr/Nm", F::DebtorName),
    ("/Dbtr/Id/OrgId/Othr", F::DebtorOther),
    ("/Dbtr/Id/OrgId/Othr/Id", F::DebtorOtherId),
    ("/Dbtr/Id/OrgId/Othr/SchmeNm/Cd", F::DebtorOtherCode),
    ("/Dbtr/Id/OrgId/Othr/SchmeNm/Prtry", F::DebtorOtherProprietary),
    ("/DbtrAcct/Id/IBAN", F::DebtorIban),
    ("/DbtrAcct/Id/Othr/Id", F::DebtorAccountId),
    ("/DbtrAcct/Id/Othr/SchmeNm/Cd", F::DebtorAccountCode),
    ("/DbtrAcct/Id/Othr/SchmeNm/Prtry", F::DebtorAccountProprietary),
    ("/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId", F::DebtorMember),
    ("/ChrgBr", F::ChargeBearer),
    ("/ChrgsAcct/Id/IBAN", F::ChargesIban),
    ("/PmtTpInf/InstrPrty", F::BlockPriority),
    ("/PmtTpInf/LclInstrm/Cd", F::BlockLocalCode),
    ("/PmtTpInf/LclInstrm/Prtry", F::BlockLocal),
    ("/UltmtDbtr/Nm", F::BlockUltimateDebtor),
    ("/UltmtDbtr/PstlAdr", F::BlockLeftUltimate),
    ("/UltmtDbtr/Id", F::BlockLeftUltimate),
    ("/UltmtDbtr/CtryOfRes", F::BlockLeftUltimate),
    ("/UltmtDbtr/CtctDtls", F::BlockLeftUltimate),
    ("/DbtrAgtAcct", F::BlockLeftAgents),
    ("/PmtTpInf/SvcLvl/Prtry", F::BlockLeftServiceLevel),
    ("/ChrgsAcct", F::BlockLeftCharges),
    ("/ChrgsAcctAgt", F::BlockLeftCharges),
    ("/PoolgAdjstmntDt", F::BlockLeftPooling),
];

const ROW_PATHS: &[(&str, F)] = &[
    ("", F::Row),
    ("/PmtId/InstrId", F::InstructionId),
    ("/PmtId/EndToEndId", F::EndToEndId),
    ("/PmtTpInf/SvcLvl/Cd", F::RowServiceLevel),
    ("/PmtTpInf/CtgyPurp/Cd", F::RowCategoryCode),
    ("/PmtTpInf/CtgyPurp/Prtry", F::RowCategoryProprietary),
    ("/ChrgBr", F::RowChargeBearer),
    ("/Amt/InstdAmt", F::Amount),
    ("/Amt/EqvtAmt/Amt", F::EquivalentAmount),
    ("/CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd", F::AgentSystem),
    ("/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId", F::AgentMember),
    ("/CdtrAgt/FinInstnId/Nm", F::AgentName),
    ("/CdtrAgt/FinInstnId/PstlAdr/Ctry", F::AgentCountry),
    ("/Cdtr/Nm", F::CreditorName),
    ("/Cdtr/PstlAdr/StrtNm", F::AddressStreet),
    ("/Cdtr/PstlAdr/BldgNb", F::AddressBuilding),
    ("/Cdtr/PstlAdr/PstCd", F::AddressPostCode),
    ("/Cdtr/PstlAdr/TwnNm", F::AddressTown),
    ("/Cdtr/PstlAdr/Ctry", F::Country),
    ("/Cdtr/PstlAdr/Dept", F::AddressDepartment),
    ("/Cdtr/PstlAdr/SubDept", F::AddressSubDepartment),
    ("/Cdtr/PstlAdr/CtrySubDvsn", F::AddressSubdivision),
    ("/Cdtr/PstlAdr/AdrLine", F::AddressLine),
    ("/Cdtr/Id/OrgId/Othr", F::OrganisationOther),
    ("/Cdtr/Id/OrgId/Othr/Id", F::OrganisationOtherId),
    ("/Cdtr/Id/OrgId/Othr/SchmeNm/Cd", F::OrganisationOtherCode),
    ("/Cdtr/Id/OrgId/Othr/SchmeNm/Prtry", F::OrganisationOtherProprietary),
    ("/Cdtr/Id/PrvtId/Othr", F::PrivateOther),
    ("/Cdtr/Id/PrvtId/Othr/Id", F::PrivateOtherId),
    ("/Cdtr/Id/PrvtId/Othr/SchmeNm/Cd", F::PrivateOtherCode),
    ("/Cdtr/Id/PrvtId/Othr/SchmeNm/Prtry", F::PrivateOtherProprietary),
    ("/Cdtr/Id/PrvtId/Othr/Issr", F::PrivateOtherIssuer),
    ("/CdtrAcct/Id/IBAN", F::Iban),
    ("/CdtrAcct/Id/Othr/Id", F::AccountId),
    ("/CdtrAcct/Id/Othr/SchmeNm/Cd", F::AccountCode),
    ("/CdtrAcct/Id/Othr/SchmeNm/Prtry", F::AccountProprietary),
    ("/Purp/Cd", F::PurposeCode),
    ("/Purp/Prtry", F::PurposeProprietary),
    ("/RmtInf/Ustrd", F::Unstructured),
    ("/RmtInf/Strd/CdtrRefInf/Ref", F::Reference),
    ("/PmtTpInf/InstrPrty", F::Priority),
    ("/PmtTpInf/LclInstrm/Cd", F::LocalCode),
    ("/PmtTpInf/LclInstrm/Prtry", F::Local),
    ("/UltmtDbtr/Nm", F::UltimateDebtor),
    ("/UltmtDbtr/PstlAdr", F::LeftUltimate),
    ("/UltmtDbtr/Id", F::LeftUltimate),
    ("/UltmtCdtr/Nm", F::UltimateCreditor),
    ("/UltmtDbtr/CtryOfRes", F::LeftUltimate),
    ("/UltmtDbtr/CtctDtls", F::LeftUltimate),
    ("/UltmtCdtr/PstlAdr", F::LeftUltimate),
    ("/UltmtCdtr/Id", F::LeftUltimate),
    ("/UltmtCdtr/CtryOfRes", F::LeftUltimate),
    ("/UltmtCdtr/CtctDtls", F::LeftUltimate),
    ("/InstrForCdtrAgt", F::CreditorAgentInstruction),
    ("/InstrForCdtrAgt/InstrInf", F::CreditorAgentText),
    ("/RmtInf/Strd/RfrdDocInf", F::Document),
    ("/RmtInf/Strd/RfrdDocInf/Nb", F::DocumentNumber),
    ("/RmtInf/Strd/RfrdDocAmt", F::LeftRemittance),
    ("/RmtInf/Strd/Invcr", F::LeftRemittance),
    ("/RmtInf/Strd/Invcee", F::LeftRemittance),
    ("/RmtInf/Strd/AddtlRmtInf", F::LeftRemittance),
    ("/RmtInf/Strd/CdtrRefInf", F::ReferenceInformation),
    ("/RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Cd", F::ReferenceCode),
    ("/RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Prtry", F::ReferenceType),
    ("/RmtInf/Strd/CdtrRefInf/Tp/Issr", F::ReferenceIssuer),
    ("/IntrmyAgt1", F::LeftAgents),
    ("/IntrmyAgt1Acct", F::LeftAgents),
    ("/IntrmyAgt2", F::LeftAgents),
    ("/IntrmyAgt2Acct", F::LeftAgents),
    ("/IntrmyAgt3", F::LeftAgents),
    ("/IntrmyAgt3Acct", F::LeftAgents),
    ("/CdtrAgt/BrnchId", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/AdrTp", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/Dept", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/SubDept", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/StrtNm", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/BldgNb", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/PstCd", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/TwnNm", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/CtrySubDvsn", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/AdrLine", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/Othr", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Prtry", F::LeftAgents),
    ("/CdtrAgtAcct", F::LeftAgents),
    ("/PmtTpInf/SvcLvl/Prtry", F::LeftServiceLevel),
    ("/ChqInstr", F::LeftCheque),
    ("/Cdtr/Id/PrvtId/DtAndPlcOfBirth", F::LeftPayee),
    ("/Cdtr/CtryOfRes", F::LeftPayee),
    ("/Cdtr/CtctDtls", F::LeftPayee),
    ("/CdtrAcct/Tp", F::LeftPayeeAccount),
    ("/CdtrAcct/Ccy", F::LeftPayeeAccount),
    ("/CdtrAcct/Nm", F::LeftPayeeAccount),
    ("/XchgRateInf", F::LeftRate),
    ("/RgltryRptg", F::LeftReporting),
    ("/Tax", F::LeftTax),
    ("/RltdRmtInf", F::LeftRelated),
];

const V03_BLOCK: &[(&str, F)] = &[("/ReqdExctnDt", F::RequestedDate), ("/DbtrAgt/FinInstnId/BIC", F::DebtorBic)];
const V03_ROW: &[(&str, F)] = &[("/CdtrAgt/FinInstnId/BIC", F::AgentBic), ("/Cdtr/Id/OrgId/BICOrBEI", F::LeftPayee)];

/// Alike in versions 03 and 09.
const OLDER_ROW: &[(&str, F)] = &[
    ("/InstrForCdtrAgt/Cd", F::CreditorAgentCode),
    ("/InstrForDbtrAgt", F::DebtorAgentText),
    ("/RmtInf/Strd/RfrdDocInf/Tp/CdOrPrtry/Cd", F::DocumentType),
    ("/RmtInf/Strd/RfrdDocInf/Tp/CdOrPrtry/Prtry", F::LeftRemittance),
    ("/RmtInf/Strd/RfrdDocInf/Tp/Issr", F::LeftRemittance),
    ("/RmtInf/Strd/RfrdDocInf/RltdDt", F::DocumentDate),
];

const V09_BLOCK: &[(&str, F)] = &[
    ("/ReqdExctnDt/Dt", F::RequestedDate),
    ("/ReqdExctnDt/DtTm", F::RequestedDateTime),
    ("/DbtrAgt/FinInstnId/BICFI", F::DebtorBic),
    ("/InstrForDbtrAgt", F::BlockDebtorAgentText),
];
const V12_BLOCK: &[(&str, F)] = &[
    ("/ReqdExctnDt/Dt", F::RequestedDate),
    ("/ReqdExctnDt/DtTm", F::RequestedDateTime),
    ("/DbtrAgt/FinInstnId/BICFI", F::DebtorBic),
    ("/InstrForDbtrAgt", F::BlockDebtorAgentText),
    ("/ReqdAdvcTp", F::BlockLeftPooling),
];
const V03_MESSAGE: &[(&str, F)] = &[];
const V09_MESSAGE: &[(&str, F)] = &[("/SplmtryData", F::MessageLeft)];

const V09_ROW: &[(&str, F)] = &[
    ("/PmtId/UETR", F::Uetr),
    ("/CdtrAgt/FinInstnId/BICFI", F::AgentBic),
    ("/CdtrAgt/FinInstnId/LEI", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/BldgNm", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/Flr", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/PstBx", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/Room", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/TwnLctnNm", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/DstrctNm", F::LeftAgents),
    ("/Cdtr/PstlAdr/BldgNm", F::AddressBuildingName),
    ("/Cdtr/PstlAdr/Flr", F::AddressFloor),
    ("/Cdtr/PstlAdr/PstBx", F::AddressPostBox),
    ("/Cdtr/PstlAdr/Room", F::AddressRoom),
    ("/Cdtr/PstlAdr/TwnLctnNm", F::AddressTownLocation),
    ("/Cdtr/PstlAdr/DstrctNm", F::AddressDistrict),
    ("/Cdtr/Id/OrgId/AnyBIC", F::LeftPayee),
    ("/Cdtr/Id/OrgId/LEI", F::LeftPayee),
    ("/SplmtryData", F::LeftSupplementary),
    ("/RmtInf/Strd/TaxRmt", F::LeftRemittance),
    ("/RmtInf/Strd/GrnshmtRmt", F::LeftRemittance),
    ("/RmtInf/Strd/RfrdDocInf/LineDtls", F::LeftRemittance),
    ("/CdtrAcct/Prxy/Id", F::ProxyId),
    ("/CdtrAcct/Prxy/Tp/Cd", F::ProxyCode),
    ("/CdtrAcct/Prxy/Tp/Prtry", F::ProxyProprietary),
];

const V12_ROW: &[(&str, F)] = &[
    ("/Cdtr/PstlAdr/CareOf", F::AddressCareOf),
    ("/Cdtr/PstlAdr/UnitNb", F::AddressUnit),
    ("/InstrForCdtrAgt/Cd", F::LeftInstructions),
    ("/InstrForDbtrAgt/Cd", F::LeftInstructions),
    ("/InstrForDbtrAgt/InstrInf", F::DebtorAgentText),
    ("/RmtInf/Strd/RfrdDocInf/Tp", F::LeftRemittance),
    ("/RmtInf/Strd/RfrdDocInf/RltdDt", F::LeftRemittance),
    ("/MndtRltdInf", F::LeftMandate),
    ("/CdtrAgt/FinInstnId/PstlAdr/CareOf", F::LeftAgents),
    ("/CdtrAgt/FinInstnId/PstlAdr/UnitNb", F::LeftAgents),
];

/// The wanted paths of a version; `None` for any other message.
pub(super) fn binding(kind: MessageKind) -> Option<&'static Binding> {
    static BINDINGS: [OnceLock<Binding>; 3] = [const { OnceLock::new() }; 3];
    let (index, message, block, row, more) = match kind {
        MessageKind::Pain001V03 => (0, V03_MESSAGE, V03_BLOCK, V03_ROW, OLDER_ROW),
        MessageKind::Pain001V09 => (1, V09_MESSAGE, V09_BLOCK, V09_ROW, OLDER_ROW),
        MessageKind::Pain001V12 => (2, V09_MESSAGE, V12_BLOCK, V09_ROW, V12_ROW),
        _ => return None,
    };
    Some(BINDINGS[index].get_or_init(|| {
        let parts = [
            (GROUP, GROUP_PATHS),
            (BLOCK, BLOCK_PATHS),
            (ROW, ROW_PATHS),
            (MESSAGE, message),
            (BLOCK, block),
            (ROW, row),
            (ROW, more),
        ];
        let paths: Vec<(String, Field)> = parts
            .iter()
            .flat_map(|(prefix, paths)| paths.iter().map(move |(path, field)| (format!("{prefix}{path}"), field.number())))
            .collect();
        let paths: Vec<(&str, Field)> = paths.iter().map(|(path, field)| (path.as_str(), *field)).collect();
        Binding::new(kind.tables(), &paths).expect("a test binds every version")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_all_its_paths() {
        for kind in [MessageKind::Pain001V03, MessageKind::Pain001V09, MessageKind::Pain001V12] {
            assert!(binding(kind).is_some());
        }
        assert!(binding(MessageKind::Pain002V03).is_none());
    }

    /// Elements that nobody asks for: what the bank is told of the payer and its own bank is the agreement's word, `AdrTp` and `Issr`
    /// say what kind of text another element has, an equivalent amount is refused whole, and an account for charges is told as left out
    /// whole.
    const UNASKED: &[&str] = &[
        "GrpHdr/Authstn",
        "GrpHdr/InitgPty",
        "GrpHdr/FwdgAgt",
        "GrpHdr/InitnSrc",
        "PmtInf/Dbtr",
        "PmtInf/DbtrAcct",
        "PmtInf/DbtrAgt",
        "PmtInf/ChrgsAcct",
        "CdtTrfTxInf/Amt/EqvtAmt/CcyOfTrf",
        "CdtTrfTxInf/Cdtr/PstlAdr/AdrTp",
        "CdtTrfTxInf/Cdtr/Id/OrgId/Othr/Issr",
        "CdtTrfTxInf/CdtrAcct/Id/Othr/Issr",
    ];

    /// Whatever else a payer may write is taken up, or told as left out: nothing of it gets lost without a word.
    #[test]
    fn every_element_is_asked_for_or_named_here() {
        for kind in [MessageKind::Pain001V03, MessageKind::Pain001V09, MessageKind::Pain001V12] {
            let binding = binding(kind).expect("an order");
            let mut lost = binding.unasked(kind.tables());
            lost.retain(|path| {
                let place = path.replacen("PmtInf/CdtTrfTxInf", "CdtTrfTxInf", 1);
                let is_at =
                    |known: &&str| place.strip_prefix(*known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                !UNASKED.iter().any(is_at)
            });
            assert!(lost.is_empty(), "{kind:?}: {lost:#?}");
        }
    }
}
