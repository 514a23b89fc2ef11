//! How records and messages are declared.

/// Declares a record, or a part of one: each field with its path, in the order of the grammar. A path with alternatives has
/// another one in another version.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(<$life:lifetime>)? {
            $($(#[$doc:meta])* $field:ident: $type:ty => $($path:literal)|+,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Default)]
        pub struct $name $(<$life>)? {
            $($(#[$doc])* #[doc = ""] #[doc = concat!("Path" $(, " `", $path, "`")+, ".")] pub $field: $type,)*
        }

        impl<'a> $crate::record::Shape<'a> for $name $(<$life>)? {
            const VALUES: u16 = 0 $(+ <$type as $crate::record::Shape<'a>>::VALUES)*;
            const GROUP: bool = true;

            fn name(at: &$crate::record::Paths, names: &mut $crate::record::Names) {
                $(<$type as $crate::record::Shape<'a>>::name(&at.below(&[$($path),+]), names);)*
            }

            fn read(values: &mut $crate::record::Values<'a>) -> Self {
                Self { $($field: $crate::record::Shape::read(values),)* }
            }

            fn write(&self, to: &mut $crate::record::Putting<'_>) -> std::io::Result<()> {
                $($crate::record::Shape::write(&self.$field, to)?;)*
                Ok(())
            }
        }
    };
}

/// Makes a part that may be left out: present where its element is, even without content.
macro_rules! optional {
    ($part:ident) => {
        impl<'a> $crate::record::Shape<'a> for Option<$part<'a>> {
            const VALUES: u16 = 1 + <$part<'a> as $crate::record::Shape<'a>>::VALUES;
            const GROUP: bool = true;

            fn name(at: &$crate::record::Paths, names: &mut $crate::record::Names) {
                names.push(at.is($crate::record::NameKind::Group));
                <$part<'a> as $crate::record::Shape<'a>>::name(at, names);
            }

            fn read(values: &mut $crate::record::Values<'a>) -> Self {
                let present = values.next().is_some();
                let part = $crate::record::Shape::read(values);
                present.then_some(part)
            }

            fn write(&self, to: &mut $crate::record::Putting<'_>) -> std::io::Result<()> {
                to.part(self.as_ref())
            }
        }
    };
}

/// Declares a message: its versions, and its records with the level of their findings and their paths, outer before inner.
macro_rules! message {
    (
        $(#[$meta:meta])*
        pub struct $message:ident, $expected:literal [$($kind:ident),+];
        $(#[$records_meta:meta])*
        pub enum $records:ident {
            $($(#[$doc:meta])* $variant:ident($record:ident) $level:ident at $($path:literal)|+,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $message;

        $(#[$records_meta])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[allow(clippy::large_enum_variant, reason = "the largest record is what nearly all records are")]
        pub enum $records<'a> {
            $($(#[$doc])* #[doc = ""] #[doc = concat!("Path" $(, " `", $path, "`")+, ".")] $variant($record<'a>),)+
        }

        const _: () = {
            use $crate::record::{Layout, Message, Putting, RecordSpec, Shape, Values};
            use std::sync::OnceLock;

            const KINDS: &[$crate::MessageKind] = &[$($crate::MessageKind::$kind),+];
            static LAYOUTS: [OnceLock<Layout>; KINDS.len()] = [const { OnceLock::new() }; KINDS.len()];

            enum Position { $($variant),+ }

            impl Message for $message {
                type Record<'a> = $records<'a>;
                const KINDS: &'static [$crate::MessageKind] = KINDS;
                const EXPECTED: &'static str = $expected;

                fn layout(kind: $crate::MessageKind) -> Option<&'static Layout> {
                    let index = KINDS.iter().position(|known| *known == kind)?;
                    Some(LAYOUTS[index].get_or_init(|| {
                        let records = [$(RecordSpec::of::<$record<'static>>($crate::Level::$level, &[$($path),+])),+];
                        Layout::new(kind, &records).expect("a test lays every version out")
                    }))
                }

                fn read<'a>(position: usize, values: &mut Values<'a>) -> $records<'a> {
                    $(if position == Position::$variant as usize {
                        return $records::$variant(Shape::read(values));
                    })+
                    unreachable!("a layout has no other records")
                }

                fn write(record: &$records<'_>, to: &mut Putting<'_>) -> std::io::Result<()> {
                    match record { $($records::$variant(record) => Shape::write(record, to),)+ }
                }

                fn position(record: &$records<'_>) -> usize {
                    match record { $($records::$variant(_) => Position::$variant as usize,)+ }
                }
            }
        };
    };
}

pub(crate) use {message, optional, record};
