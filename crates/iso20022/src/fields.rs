//! Field numbers of the readers.

/// Declares the fields a reader asks for; number 0 is left to the elements nobody asked for.
macro_rules! fields {
    ($(#[$meta:meta])* $name:ident { $($variant:ident,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $name { $($variant,)* }

        impl $name {
            const ALL: &[$name] = &[$($name::$variant,)*];

            /// The number that stands for this field in a binding.
            pub const fn number(self) -> crate::grammar::binding::Field {
                self as crate::grammar::binding::Field + 1
            }

            /// The field of a number that a binding gave back.
            #[inline]
            pub fn of(number: crate::grammar::binding::Field) -> $name {
                Self::ALL[usize::from(number) - 1]
            }
        }
    };
}

pub(crate) use fields;
