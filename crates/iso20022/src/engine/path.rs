//! Paths of findings.

use super::frame::{Frame, Kind, NONE};
use crate::grammar::tables::Tables;
use std::fmt::Write;

/// The path of the innermost frame, from the root element of its message on.
pub(super) fn of_frames(tables: &Tables, frames: &[Frame], names: &[u8]) -> String {
    let mut path = String::new();
    let around = frames.iter().take_while(|frame| frame.kind == Kind::Envelope).count();
    let frames = if around < frames.len() { &frames[around..] } else { frames };
    for frame in frames {
        if frame.slot == NONE {
            let name = &names[frame.name_start as usize..frame.name_end as usize];
            path.push('/');
            path.push_str(&String::from_utf8_lossy(name));
        } else {
            push_slot(&mut path, tables, frame.slot, frame.occurrence);
        }
    }
    path
}

/// Adds an element of a slot.
pub(super) fn push_slot(path: &mut String, tables: &Tables, slot: u16, occurrence: u32) {
    let slot = &tables.slots[usize::from(slot)];
    path.push('/');
    path.push_str(&slot.name);
    if slot.max > 1 {
        write!(path, "[{occurrence}]").expect("writing to a String cannot fail");
    }
}

/// The names of some slots, for a finding.
pub(super) fn names_of(tables: &Tables, slots: &[u16]) -> String {
    let names: Vec<&str> = slots.iter().map(|slot| tables.slots[usize::from(*slot)].name.as_str()).collect();
    match names.as_slice() {
        [] => "the end of the element".to_owned(),
        names => format!("element {}", names.join(" or ")),
    }
}
