//! How a declaration is defined: its keys, once, for its struct, its decoding and its schema.

/// Defines a declaration: its struct, its decoding, and its place in the list of all declarations.
///
/// `required` and `default` are words of the schema too: a key that must be there, and one that has a default.
macro_rules! declarations {
    ($(
        $(#[$doc:meta])*
        $name:ident = $noun:literal {
            $( $(#[$field_doc:meta])* $mode:ident $field:ident: $type:ty, )*
        }
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
            pub struct $name {
                /// Where it stands.
                #[cfg_attr(feature = "schema", schemars(skip))]
                pub span: Span,
                $( $(#[$field_doc])* #[cfg_attr(feature = "schema", schemars($mode))] pub $field: Option<$type>, )*
            }

            impl $name {
                /// Its keys, each with whether it must be there.
                const KEYS: &'static [(&'static str, bool)] =
                    &[$((key(stringify!($field)), is_required(stringify!($mode))),)*];

                /// Its keys, each with what its value consists of.
                #[allow(dead_code, reason = "asked of the declarations that hold others")]
                pub(super) const BLOCKS: &'static [Block] =
                    &[$(Block {
                        key: key(stringify!($field)),
                        shape: <$type as Decode>::SHAPE,
                        is_required: is_required(stringify!($mode)),
                    },)*];
            }

            impl Decode for $name {
                const EXPECTED: &'static str = concat!("the keys of ", $noun);
                const FORM: Form = Form::Keys($noun, Self::KEYS);
                const SHAPE: Shape = Shape::One(Self::FORM);

                fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
                    let mut fields = Fields::of::<Self>(node, $noun, Self::KEYS, decoder)?;
                    Some(Self {
                        span: node.span,
                        $( $field: fields.take(key(stringify!($field)), decoder), )*
                    })
                }
            }
        )*

        /// Every key of the format, and of what it is a key.
        pub(super) const KEYS_OF_ALL: &[(&str, &str)] = &[$($((key(stringify!($field)), $noun),)*)*];
    };
}

pub(super) use declarations;

/// The key of a field: its name, without the mark of a raw identifier.
pub(super) const fn key(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Whether the mode of a field says that it must be there.
pub(super) const fn is_required(mode: &str) -> bool {
    mode.len() == "required".len()
}
