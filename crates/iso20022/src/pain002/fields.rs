//! The elements of `pain.002` that the reader wants to hear of, by version.

use crate::fields::fields;
use crate::grammar::binding::{Binding, Field};
use crate::message::MessageKind;
use std::sync::OnceLock;

fields! {
    /// A wanted element.
    F {
        MessageId, Created,
        Group, OriginalMessageId, OriginalMessageName, GroupStatus,
        Block, OriginalBlockId, BlockStatus,
        Transaction, StatusId, InstructionId, EndToEndId, Uetr, TransactionStatus,
        Reason, ReasonCode, ReasonProprietary, Information,
        Count, CountPayments, CountStatus,
    }
}

const REASON: &[(&str, F)] = &[
    ("/StsRsnInf", F::Reason),
    ("/StsRsnInf/Rsn/Cd", F::ReasonCode),
    ("/StsRsnInf/Rsn/Prtry", F::ReasonProprietary),
    ("/StsRsnInf/AddtlInf", F::Information),
];

const COUNT: &[(&str, F)] =
    &[("/NbOfTxsPerSts", F::Count), ("/NbOfTxsPerSts/DtldNbOfTxs", F::CountPayments), ("/NbOfTxsPerSts/DtldSts", F::CountStatus)];

const HEADER: &[(&str, F)] = &[("/MsgId", F::MessageId), ("/CreDtTm", F::Created)];

const GROUP: &[(&str, F)] = &[
    ("", F::Group),
    ("/OrgnlMsgId", F::OriginalMessageId),
    ("/OrgnlMsgNmId", F::OriginalMessageName),
    ("/GrpSts", F::GroupStatus),
];

const BLOCK: &[(&str, F)] = &[("", F::Block), ("/OrgnlPmtInfId", F::OriginalBlockId), ("/PmtInfSts", F::BlockStatus)];

const TRANSACTION: &[(&str, F)] = &[
    ("", F::Transaction),
    ("/StsId", F::StatusId),
    ("/OrgnlInstrId", F::InstructionId),
    ("/OrgnlEndToEndId", F::EndToEndId),
    ("/TxSts", F::TransactionStatus),
];

const UETR: &[(&str, F)] = &[("/OrgnlUETR", F::Uetr)];

/// The wanted paths of a version; `None` for any other message.
pub(super) fn binding(kind: MessageKind) -> Option<&'static Binding> {
    static BINDINGS: [OnceLock<Binding>; 3] = [const { OnceLock::new() }; 3];
    let (index, uetr) = match kind {
        MessageKind::Pain002V03 => (0, &[][..]),
        MessageKind::Pain002V10 => (1, UETR),
        MessageKind::Pain002V14 => (2, UETR),
        _ => return None,
    };
    Some(BINDINGS[index].get_or_init(|| {
        let group = "CstmrPmtStsRpt/OrgnlGrpInfAndSts";
        let block = "CstmrPmtStsRpt/OrgnlPmtInfAndSts";
        let transaction = "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts";
        let parts = [
            ("CstmrPmtStsRpt/GrpHdr", HEADER),
            (group, GROUP),
            (group, REASON),
            (group, COUNT),
            (block, BLOCK),
            (block, REASON),
            (block, COUNT),
            (transaction, TRANSACTION),
            (transaction, REASON),
            (transaction, uetr),
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
        for kind in [MessageKind::Pain002V03, MessageKind::Pain002V10, MessageKind::Pain002V14] {
            assert!(binding(kind).is_some());
        }
        assert!(binding(MessageKind::Pain001V03).is_none());
    }
}
