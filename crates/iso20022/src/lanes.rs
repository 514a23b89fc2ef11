//! Sixteen bytes at a time: names, blanks and values are compared by whole blocks.

use wide::u8x16;

/// How many bytes a block has.
pub(crate) const LANES: usize = 16;

/// A set of places in a block: bit 0 is its first byte.
pub(crate) type Places = u32;

const ALL: Places = (1 << LANES) - 1;

/// Bytes looked at together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block(u8x16);

impl Block {
    #[inline(always)]
    pub fn new(bytes: [u8; LANES]) -> Block {
        Block(u8x16::new(bytes))
    }

    /// The block that begins at a place; `window` must reach [`LANES`] bytes beyond it.
    #[inline(always)]
    pub fn at(window: &[u8], start: usize) -> Block {
        let bytes = window[start..start + LANES].first_chunk().expect("the range has this length");
        Block::new(*bytes)
    }

    /// Where two blocks are the same.
    #[inline(always)]
    pub fn same(self, other: Block) -> Places {
        self.0.simd_eq(other.0).to_bitmask()
    }

    /// Where there is this byte.
    #[inline(always)]
    fn equal(self, byte: u8) -> u8x16 {
        self.0.simd_eq(u8x16::splat(byte))
    }

    /// Where there is another byte than a blank.
    #[inline(always)]
    fn not_blank(self) -> Places {
        !self.equal(b' ').to_bitmask() & ALL
    }

    /// Where there is a byte that may not simply stand in a value.
    #[inline(always)]
    fn special(self) -> Places {
        let control = self.0.min(u8x16::splat(0x1F)).simd_eq(self.0);
        (self.equal(b'<') | self.equal(b'&') | self.equal(b']') | control).to_bitmask()
    }
}

/// The first place, from `start` on, of a byte that may not simply stand in a value: the beginning of markup or of a
/// reference, `]`, which may begin the forbidden `]]>`, and control characters, line ends and a window's zeros among them.
#[inline(always)]
pub(crate) fn end_of_plain(window: &[u8], start: usize) -> usize {
    first_place(window, start, Block::special)
}

/// The first place, from `start` on, of another byte than a blank.
#[inline(always)]
pub(crate) fn end_of_blanks(window: &[u8], start: usize) -> usize {
    first_place(window, start, Block::not_blank)
}

/// `window` must have a wanted byte, and reach [`LANES`] bytes beyond it.
#[inline(always)]
fn first_place(window: &[u8], mut start: usize, wanted: impl Fn(Block) -> Places) -> usize {
    loop {
        let places = wanted(Block::at(window, start));
        if places != 0 {
            return start + places.trailing_zeros() as usize;
        }
        start += LANES;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_are_compared_byte_by_byte(bytes: [u8; LANES], other: [u8; LANES]) {
            let places = (0..LANES).filter(|place| bytes[*place] == other[*place]).fold(0, |places, place| places | 1 << place);
            prop_assert_eq!(Block::new(bytes).same(Block::new(other)), places);
            prop_assert_eq!(Block::new(bytes).same(Block::new(bytes)), ALL);
        }

        #[test]
        fn runs_end_where_a_search_byte_by_byte_ends(length in 0..50usize, run in any::<bool>(), end: u8) {
            let is_special = |byte: u8| matches!(byte, b'<' | b'&' | b']' | 0..0x20);
            let mut window = vec![if run { b' ' } else { 0xC3 }; length];
            window.push(end);
            window.extend([0; 2 * LANES]);
            let find = |wanted: &dyn Fn(u8) -> bool| window.iter().position(|byte| wanted(*byte));
            prop_assert_eq!(Some(end_of_plain(&window, 0)), find(&is_special));
            prop_assert_eq!(Some(end_of_blanks(&window, 0)), find(&|byte| byte != b' '));
        }
    }
}
