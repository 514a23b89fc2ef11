//! All SQL of the house, a file per noun.

pub(crate) mod marker;
pub(crate) mod reservation;
pub(crate) mod rule;
pub(crate) mod voided_leg;
