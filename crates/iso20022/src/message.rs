//! The messages this crate knows, and their grammars.

use crate::grammar::notation;
use crate::grammar::tables::Tables;
use std::fmt;
use std::sync::OnceLock;

/// The beginning of every ISO 20022 namespace.
pub(crate) const NAMESPACE_PREFIX: &str = "urn:iso:std:iso:20022:tech:xsd:";

macro_rules! messages {
    ($($variant:ident $name:literal $what:literal,)*) => {
        /// A message of ISO 20022 in one version.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum MessageKind {
            $(#[doc = concat!("`", $name, "`: ", $what, ".")] $variant,)*
        }

        impl MessageKind {
            /// All messages with a grammar in this crate.
            pub const ALL: &[MessageKind] = &[$(MessageKind::$variant,)*];

            /// The message's name, such as `pain.001.001.09`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(MessageKind::$variant => $name,)* }
            }

            /// The grammar in our notation, as checked in.
            #[must_use]
            pub fn grammar(self) -> &'static str {
                match self {
                    $(MessageKind::$variant => include_str!(concat!("../grammar/", $name, ".grammar")),)*
                }
            }
        }
    };
}

messages! {
    Acmt022V03 "acmt.022.001.03" "identification modification advice",
    Acmt023V03 "acmt.023.001.03" "identification verification request",
    Acmt024V03 "acmt.024.001.03" "identification verification report",
    Admi002V01 "admi.002.001.01" "message reject",
    Camt029V03 "camt.029.001.03" "resolution of investigation",
    Camt029V09 "camt.029.001.09" "resolution of investigation",
    Camt052V02 "camt.052.001.02" "account report",
    Camt052V08 "camt.052.001.08" "account report",
    Camt053V02 "camt.053.001.02" "account statement",
    Camt053V08 "camt.053.001.08" "account statement",
    Camt054V02 "camt.054.001.02" "debit and credit notification",
    Camt054V08 "camt.054.001.08" "debit and credit notification",
    Camt055V01 "camt.055.001.01" "customer's request to cancel a payment",
    Camt055V08 "camt.055.001.08" "customer's request to cancel a payment",
    Camt056V01 "camt.056.001.01" "bank's request to cancel a payment",
    Camt056V08 "camt.056.001.08" "bank's request to cancel a payment",
    Head001V02 "head.001.001.02" "business application header",
    Pacs002V10 "pacs.002.001.10" "status report between banks",
    Pacs004V09 "pacs.004.001.09" "payment return between banks",
    Pacs008V08 "pacs.008.001.08" "credit transfer between banks",
    Pain001V03 "pain.001.001.03" "customer's credit transfer initiation",
    Pain001V09 "pain.001.001.09" "customer's credit transfer initiation",
    Pain001V12 "pain.001.001.12" "customer's credit transfer initiation",
    Pain002V03 "pain.002.001.03" "status report to the customer",
    Pain002V10 "pain.002.001.10" "status report to the customer",
    Pain002V14 "pain.002.001.14" "status report to the customer",
}

impl MessageKind {
    /// The message of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<MessageKind> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The message of that namespace.
    #[must_use]
    pub fn from_namespace(namespace: &str) -> Option<MessageKind> {
        Self::from_name(namespace.strip_prefix(NAMESPACE_PREFIX)?)
    }

    /// The message's namespace.
    #[must_use]
    pub fn namespace(self) -> String {
        format!("{NAMESPACE_PREFIX}{}", self.name())
    }

    /// The compiled tables, made at first use.
    pub(crate) fn tables(self) -> &'static Tables {
        static TABLES: [OnceLock<Tables>; MessageKind::ALL.len()] = [const { OnceLock::new() }; MessageKind::ALL.len()];
        TABLES[self as usize].get_or_init(|| {
            let schema = notation::parse(self.grammar()).expect("the grammar is generated and tested");
            Tables::compile(&schema).expect("the grammar is generated and tested")
        })
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grammar_compiles() {
        for kind in MessageKind::ALL {
            let tables = kind.tables();
            assert_eq!(tables.message, kind.name());
            assert_eq!(MessageKind::from_namespace(&tables.namespace), Some(*kind));
            let schema = notation::parse(kind.grammar()).expect("notation");
            assert_eq!(notation::write(&schema), kind.grammar());
        }
    }
}
