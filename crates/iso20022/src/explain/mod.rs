//! What is wrong with a file, for the person who made it: findings beside the lines they speak of.

mod examine;
mod excerpt;
mod mask;
mod table;
mod text;

pub use examine::{Examination, Options, examine};
pub use excerpt::{Excerpt, excerpts};
pub use mask::mask_numbers;
pub use table::{TableOptions, write_table};
pub use text::write_text;
