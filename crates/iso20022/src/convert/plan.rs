//! What becomes of each element of a version in another one.

use crate::grammar::binding::{Binding, Field};
use crate::grammar::tables::{Content, Tables};
use crate::message::MessageKind;
use crate::write::Pain001Version;
use std::sync::OnceLock;

/// Elements that are called or wrapped otherwise: in version 03, and from version 09 on.
const RENAMED: &[(&str, &[&str])] = &[
    ("BIC", &["BICFI"]),
    ("BICOrBEI", &["AnyBIC"]),
    ("AdmstnZn", &["AdmstnZone"]),
    ("ReqdExctnDt", &["ReqdExctnDt", "Dt"]),
    ("AdrTp", &["AdrTp", "Cd"]),
    ("DscntApldAmt", &["DscntApldAmt", "Amt"]),
    ("TaxAmt", &["TaxAmt", "Amt"]),
    ("RmtLctnMtd", &["RmtLctnDtls", "Mtd"]),
    ("RmtLctnElctrncAdr", &["RmtLctnDtls", "ElctrncAdr"]),
    ("RmtLctnPstlAdr", &["RmtLctnDtls", "PstlAdr"]),
];

/// What becomes of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Written as the last of these slots of the target, inside the others, below what its parent became.
    Written(Vec<u16>),
    /// Not written, but its children are: below what its parent became.
    Opened,
    /// A point in time, of which the day is written.
    Day(Vec<u16>),
    /// The target has no place for it.
    Lost,
}

/// An element of the source.
#[derive(Debug)]
pub(super) struct Node {
    pub name: &'static str,
    /// Whether it may be repeated, so that paths carry its number.
    pub repeated: bool,
    /// Whether it is an amount, an account, an identification, a reference or remittance, or stands in one.
    pub essential: bool,
    pub step: Step,
}

/// All elements of a source version with what becomes of them.
#[derive(Debug)]
pub(super) struct Plan {
    pub binding: Binding,
    nodes: Vec<Node>,
}

/// The plan from one version to another; `None` where the source is none that is converted.
pub(super) fn plan(source: MessageKind, target: Pain001Version) -> Option<&'static Plan> {
    const VERSIONS: [Pain001Version; 3] = [Pain001Version::V03, Pain001Version::V09, Pain001Version::V12];
    static PLANS: [OnceLock<Plan>; 9] = [const { OnceLock::new() }; 9];
    let from = VERSIONS.iter().position(|version| version.message() == source)?;
    let to = VERSIONS.iter().position(|version| *version == target)?;
    Some(PLANS[from * 3 + to].get_or_init(|| Planner::new(source.tables(), target.message().tables()).plan()))
}

impl Plan {
    /// The element that a field stands for.
    pub fn node(&self, field: Field) -> &Node {
        &self.nodes[usize::from(field) - 1]
    }
}

struct Planner {
    source: &'static Tables,
    target: &'static Tables,
    nodes: Vec<Node>,
    paths: Vec<String>,
}

impl Planner {
    fn new(source: &'static Tables, target: &'static Tables) -> Self {
        Planner { source, target, nodes: Vec::new(), paths: Vec::new() }
    }

    fn plan(mut self) -> Plan {
        self.children("", self.source.root, self.target.root, false);
        let paths: Vec<(&str, Field)> = self.paths.iter().map(String::as_str).zip(1..).collect();
        let binding = Binding::new(self.source, &paths).expect("the paths are the grammar's own");
        Plan { binding, nodes: self.nodes }
    }

    /// Plans the children of a source element whose nearest written ancestor has this slot in the target.
    fn children(&mut self, path: &str, source: u16, target: u16, essential: bool) {
        for slot in slots_below(self.source, source) {
            let child = &self.source.slots[usize::from(slot)];
            let path = if path.is_empty() { child.name.clone() } else { format!("{path}/{}", child.name) };
            let step = self.step(source, slot, target);
            let essential = essential || is_essential(&path);
            self.nodes.push(Node { name: &child.name, repeated: child.max > 1, essential, step: step.clone() });
            self.paths.push(path.clone());
            match step {
                Step::Written(route) => {
                    if let Some(last) = route.last().filter(|_| matches!(child.content, Content::Complex(_))) {
                        self.children(&path, slot, *last, essential);
                    }
                }
                Step::Opened => self.children(&path, slot, target, essential),
                Step::Day(_) | Step::Lost => {}
            }
        }
    }

    fn step(&self, parent: u16, slot: u16, target: u16) -> Step {
        let source = self.source;
        let child = &source.slots[usize::from(slot)];
        if let Some(same) = self.route(target, &[&child.name]).filter(|route| self.is_alike(child.content, route)) {
            return Step::Written(same);
        }
        for (old, new) in RENAMED {
            let [outer, inner @ ..] = *new else { continue };
            if child.name == *old
                && let Some(route) = self.route(target, new).filter(|route| self.is_alike(child.content, route))
            {
                return Step::Written(route);
            }
            if child.name == *outer && inner.is_empty() {
                if let Some(route) = self.route(target, &[old]).filter(|route| self.is_alike(child.content, route)) {
                    return Step::Written(route);
                }
            } else if child.name == *outer && matches!(child.content, Content::Complex(_)) && self.route(target, &[old]).is_some()
            {
                return Step::Opened;
            }
            let parent = &source.slots[usize::from(parent)].name;
            if parent == outer
                && [child.name.as_str()] == *inner
                && let Some(route) = self.route(target, &[old]).filter(|route| self.is_alike(child.content, route))
            {
                return Step::Written(route);
            }
        }
        match (child.name.as_str(), self.route(target, &["ReqdExctnDt"])) {
            ("DtTm", Some(route)) => Step::Day(route),
            _ => Step::Lost,
        }
    }

    /// The slots of a path below a slot of the target.
    fn route(&self, below: u16, names: &[&str]) -> Option<Vec<u16>> {
        let mut route = Vec::with_capacity(names.len());
        let mut parent = below;
        for name in names {
            parent = slots_below(self.target, parent).find(|slot| self.target.slots[usize::from(*slot)].name == *name)?;
            route.push(parent);
        }
        Some(route)
    }

    /// Whether the end of a route holds the same kind of content: elements, a value, or a value with an attribute.
    fn is_alike(&self, content: Content, route: &[u16]) -> bool {
        let target = route.last().map(|slot| self.target.slots[usize::from(*slot)].content);
        target.is_some_and(|target| std::mem::discriminant(&content) == std::mem::discriminant(&target))
            && !matches!(content, Content::Any(_))
    }
}

/// The children of an element; none where it holds a value.
fn slots_below(tables: &Tables, slot: u16) -> std::ops::Range<u16> {
    match tables.slots[usize::from(slot)].content {
        Content::Complex(number) => {
            let complex = &tables.complexes[usize::from(number)];
            complex.first..complex.end
        }
        _ => 0..0,
    }
}

/// Whether an element says who is paid, what, from and to where, or what for.
fn is_essential(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or("");
    let parent = parts.next().unwrap_or("");
    match name {
        "UETR" => false,
        "Id" | "Nm" => !matches!(parent, "SvcLvl" | "LclInstrm"),
        "CtrlSum" | "NbOfTxs" | "MsgId" | "PmtInfId" | "RmtInf" | "RltdRmtInf" | "Purp" | "CtgyPurp" => true,
        _ => name.ends_with("Amt") || name.ends_with("Acct") || parent == "PmtId",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All paths of a source for which the target has no place.
    fn lost(source: MessageKind, target: Pain001Version) -> Vec<String> {
        let planner = Planner::new(source.tables(), target.message().tables());
        let mut planner = planner;
        planner.children("", planner.source.root, planner.target.root, false);
        let lost = planner.paths.iter().zip(&planner.nodes).filter(|(_, node)| node.step == Step::Lost);
        lost.map(|(path, _)| path.clone()).collect()
    }

    #[test]
    fn the_same_version_loses_nothing_but_what_holds_anything() {
        assert_eq!(lost(MessageKind::Pain001V03, Pain001Version::V03), Vec::<String>::new());
        for version in [Pain001Version::V09, Pain001Version::V12] {
            let lost = lost(version.message(), version);
            assert!(lost.iter().all(|path| path.ends_with("SplmtryData/Envlp")), "{lost:?}");
        }
    }

    /// What version 03 has and 09 has not: the other contact of a party, now a list of channels.
    #[test]
    fn the_newer_version_has_a_place_for_nearly_everything() {
        let lost = lost(MessageKind::Pain001V03, Pain001Version::V09);
        assert!(lost.iter().all(|path| path.ends_with("/CtctDtls/Othr")), "{lost:?}");
        assert!(!lost.is_empty());
    }

    #[test]
    fn the_older_version_has_no_place_for_what_is_new() {
        let lost = lost(MessageKind::Pain001V09, Pain001Version::V03);
        let row = "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf";
        for path in
            ["PmtId/UETR", "CdtrAcct/Prxy", "Cdtr/PstlAdr/BldgNm", "Cdtr/Id/OrgId/LEI", "SplmtryData", "Cdtr/PstlAdr/AdrTp/Prtry"]
        {
            assert!(lost.contains(&format!("{row}/{path}")), "{path}");
        }
        for path in ["Cdtr/Id/OrgId/AnyBIC", "Cdtr/PstlAdr/AdrTp/Cd", "CdtrAgt/FinInstnId/BICFI", "RltdRmtInf/RmtLctnDtls/Mtd"] {
            assert!(!lost.contains(&format!("{row}/{path}")), "{path}");
        }
    }

    #[test]
    fn essentials() {
        let row = "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf";
        for (path, expect) in [
            ("Amt", true),
            ("CdtrAcct", true),
            ("PmtId/EndToEndId", true),
            ("PmtId/UETR", false),
            ("Cdtr/Id", true),
            ("RmtInf", true),
            ("Cdtr/PstlAdr/BldgNm", false),
            ("SplmtryData", false),
        ] {
            assert_eq!(is_essential(&format!("{row}/{path}")), expect, "{path}");
        }
    }
}
