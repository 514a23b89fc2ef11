//! All SQL of the house, a file per noun.
pub(crate) mod bank_answer;
pub(crate) mod batch;
pub(crate) mod block;
pub(crate) mod delivery;
pub(crate) mod delivery_list;
pub(crate) mod disposal;
pub(crate) mod file;
pub(crate) mod leg;
pub(crate) mod open_work;
pub(crate) mod outcome;
pub(crate) mod payment;
pub(crate) mod receive;
pub(crate) mod report_task;
pub(crate) mod reservation_task;
pub(crate) mod search;
pub(crate) mod slice;
pub(crate) mod stop;
