//! Placeholders: `${metadata.name}`, `${resources.db.host}`.
//!
//! The grammar is that of Score's own implementation (score-go, `framework/substitution.go`): the text is read from
//! left to right for `\$((?:\$?{([^}]*)})|\$)`. `${reference}` is a placeholder, `$${text}` stands for `${text}`,
//! `$$` for `$`, and any other `$` for itself.

/// What a placeholder refers to, taken apart at its dots; `\.` is a dot within a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `metadata.<key>…`
    Metadata(Vec<String>),
    /// `resources.<name>[.<output>…]`
    Resource {
        /// The resource's name in the file.
        name: String,
        /// What of it; nothing for the resource itself.
        output: Vec<String>,
    },
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Placeholder(Reference),
}

/// A text that may hold placeholders, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// What the text refers to, in order.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Placeholder(reference) => Some(reference),
        })
    }

    /// The reference, when the text is one placeholder and nothing else.
    pub fn as_reference(&self) -> Option<&Reference> {
        match self.pieces.as_slice() {
            [Piece::Placeholder(reference)] => Some(reference),
            _ => None,
        }
    }

    /// The text with every placeholder replaced by what `resolve` says.
    ///
    /// # Errors
    /// The first error of `resolve`.
    pub fn expand<E>(&self, resolve: impl Fn(&Reference) -> Result<String, E>) -> Result<String, E> {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => Ok(text.clone()),
            Piece::Placeholder(reference) => resolve(reference),
        };
        self.pieces.iter().map(piece).collect()
    }
}

impl std::str::FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            literal.push_str(before);
            rest = match dollar(after)? {
                Dollar::Literal(text, length) => {
                    literal.push_str(text);
                    &after[length..]
                }
                Dollar::Placeholder(reference, length) => {
                    pieces.extend(
                        Some(std::mem::take(&mut literal))
                            .filter(|text| !text.is_empty())
                            .map(Piece::Literal),
                    );
                    pieces.push(Piece::Placeholder(reference));
                    &after[length..]
                }
            };
        }
        literal.push_str(rest);
        pieces.extend(Some(literal).filter(|text| !text.is_empty()).map(Piece::Literal));
        Ok(Self { pieces })
    }
}

/// What a `$` stands for, and how many bytes after it belong to it.
enum Dollar<'a> {
    Literal(&'a str, usize),
    Placeholder(Reference, usize),
}

fn dollar(after: &str) -> Result<Dollar<'_>, String> {
    let braces = |text: &str| text.strip_prefix('{').and_then(|inner| inner.find('}'));
    if let Some(inner) = after.strip_prefix('$').and_then(braces) {
        let length = inner + "${}".len();
        return Ok(Dollar::Literal(&after[..length], length));
    }
    if let Some(inner) = braces(after) {
        let reference = reference(&after[1..=inner])?;
        return Ok(Dollar::Placeholder(reference, inner + "{}".len()));
    }
    Ok(Dollar::Literal("$", usize::from(after.starts_with('$'))))
}

fn reference(text: &str) -> Result<Reference, String> {
    let mut parts = split(text).into_iter();
    match (parts.next().as_deref(), parts.next()) {
        (Some("metadata"), Some(key)) => Ok(Reference::Metadata(std::iter::once(key).chain(parts).collect())),
        (Some("resources"), Some(name)) => Ok(Reference::Resource { name, output: parts.collect() }),
        (Some("metadata" | "resources"), None) => {
            Err(format!("`${{{text}}}` says nothing after `{text}`; name what is meant"))
        }
        _ => Err(format!(
            "`${{{text}}}` begins with neither `metadata` nor `resources`; write `$${{` for a plain `${{`"
        )),
    }
}

fn split(text: &str) -> Vec<String> {
    text.replace("\\.", "\0").split('.').map(|part| part.replace('\0', ".")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> Result<String, String> {
        text.parse::<Template>()?.expand(|reference| {
            Ok(match reference {
                Reference::Metadata(path) => format!("<m:{}>", path.join("|")),
                Reference::Resource { name, output } => format!("<r:{name}:{}>", output.join("|")),
            })
        })
    }

    #[test]
    fn texts_expand_as_score_says() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("$abc", "$abc"),
            ("abc$", "abc$"),
            ("abc $$ abc", "abc $ abc"),
            ("$${abc}", "${abc}"),
            ("$$abc", "$abc"),
            ("$$$${abc}", "$${abc}"),
            ("$$$${metadata.x}", "$${metadata.x}"),
            ("$$${metadata.x}", "$<m:x>"),
            ("$$$$${metadata.x}", "$$<m:x>"),
            ("$${}", "${}"),
            ("${unclosed", "${unclosed"),
            ("$${unclosed", "${unclosed"),
            ("$ {metadata.x}", "$ {metadata.x}"),
            ("${metadata.name}", "<m:name>"),
            ("a ${metadata.x} b ${metadata.y}", "a <m:x> b <m:y>"),
            ("${metadata.annotations.example\\.com/x}", "<m:annotations|example.com/x>"),
            ("${resources.db}", "<r:db:>"),
            ("${resources.db.host}:${resources.db.port}", "<r:db:host>:<r:db:port>"),
            ("${resources.a\\.b.c\\.d.e}", "<r:a.b:c.d|e>"),
            ("${metadata.a${metadata.b}", "<m:a${metadata|b>"),
            ("ä${metadata.ö}ü", "ä<m:ö>ü"),
        ] {
            assert_eq!(expand(text).as_deref(), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn references_that_mean_nothing_are_errors() {
        for text in [
            "${}",
            "${ }",
            "${x}",
            "${metadata}",
            "${resources}",
            "${env.HOME}",
            "a ${.} b",
            "$$${x}",
            "${Metadata.x}",
        ] {
            assert!(expand(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_text_that_is_one_placeholder_says_so() {
        let whole: Template = "${resources.data}".parse().unwrap();
        let expected = Reference::Resource { name: "data".into(), output: Vec::new() };
        assert_eq!(whole.as_reference(), Some(&expected));
        let part: Template = "x${resources.data}".parse().unwrap();
        assert_eq!((part.as_reference(), part.references().count()), (None, 1));
    }
}
