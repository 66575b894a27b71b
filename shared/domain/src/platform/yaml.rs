//! Reads YAML strictly, whoever wrote it.
//!
//! One document, no key twice, no merge keys, no tags of one's own, only `true` and `false` as booleans, and a
//! budget that ends an alias bomb long before it costs anything. Whatever looks like a number stays as written
//! where a text is wanted.

use super::problem::{Problem, TEXT_LIMIT};
use serde::de::DeserializeOwned;
use serde_saphyr::{
    DefaultMessageFormatter, Error, MessageFormatter as _, Options,
    options::{DuplicateKeyPolicy, MergeKeyPolicy},
};

/// How deep a document may be nested.
pub(crate) const DEPTH_LIMIT: usize = 24;
/// How many scalars, sequences and mappings a document may have, aliases not counted.
pub(crate) const NODE_LIMIT: usize = 50_000;
/// How many aliases a document may have.
pub(crate) const ALIAS_LIMIT: usize = 100;
/// How many events all aliases of a document may stand for.
pub(crate) const REPLAY_LIMIT: usize = 2_000;

/// Reads one document of at most `limit` bytes.
pub(crate) fn read<T: DeserializeOwned>(file: &str, text: &[u8], limit: usize) -> Result<T, Problem> {
    let problem = |line, text| Problem { file: file.to_owned(), line, path: String::new(), text };
    if text.len() > limit {
        return Err(problem(None, format!("the file has more than {limit} bytes")));
    }
    let text = std::str::from_utf8(text).map_err(|_| problem(None, "the file is not UTF-8".to_owned()))?;
    serde_saphyr::from_str_with_options(text, strict()).map_err(|error| {
        let line = error.location().and_then(|location| usize::try_from(location.line()).ok());
        problem(line, sentence(&error))
    })
}

fn strict() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_LIMIT,
            flow_nesting_limit: DEPTH_LIMIT,
            max_nodes: NODE_LIMIT,
            max_events: 4 * NODE_LIMIT,
            max_aliases: ALIAS_LIMIT,
            max_anchors: ALIAS_LIMIT,
            enforce_alias_anchor_ratio: false,
            max_recorded_anchor_events: 4 * REPLAY_LIMIT,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: REPLAY_LIMIT,
            max_replay_stack_depth: DEPTH_LIMIT,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// What the reader says, on one line; the place is told apart from it.
fn sentence(error: &Error) -> String {
    let text = DefaultMessageFormatter.format_message(error.without_snippet()).into_owned();
    text.lines().next().unwrap_or_default().chars().take(TEXT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, time::Instant};

    type Texts = BTreeMap<String, String>;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Unknown {}

    fn texts(text: &str) -> Result<Texts, Problem> {
        read("x.yaml", text.as_bytes(), 1_000)
    }

    #[test]
    fn what_looks_like_a_number_stays_as_written() {
        let read = texts("a: 0123456\nb: 12e5678\nc: 1_000\nd: yes\ne: 010\nf: 0x1F\ng: true\n").unwrap();
        let values: Vec<&str> = read.values().map(String::as_str).collect();
        assert_eq!(values, ["0123456", "12e5678", "1_000", "yes", "010", "0x1F", "true"]);
    }

    #[test]
    fn documents_are_read_strictly() {
        for (text, line) in [
            ("a: x\na: y\n", Some(2)),
            ("a: x\n---\nb: y\n", None),
            ("a: &a {b: c}\nd: {<<: *a}\n", None),
            ("a: !secret x\n", Some(1)),
            ("a: [\n", None),
            ("a: x\n}\n", None),
        ] {
            let problem =
                read::<BTreeMap<String, serde_json::Value>>("x.yaml", text.as_bytes(), 100).unwrap_err();
            assert!(!problem.text.is_empty() && !problem.text.contains(" line "), "{problem}");
            assert!(line.is_none() || problem.line == line, "{text:?}: {problem}");
        }
        assert!(read::<bool>("x.yaml", b"yes", 100).is_err());
        assert!(read::<String>("x.yaml", b"\xff", 100).is_err());
    }

    #[test]
    fn a_file_has_at_most_so_many_bytes() {
        assert!(read::<String>("x.yaml", b"12345", 5).is_ok());
        assert!(read::<String>("x.yaml", b"123456", 5).is_err());
    }

    #[test]
    fn an_alias_bomb_ends_quickly() {
        let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for level in 1..9 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        let shortest = (0..5).map(|_| {
            let begun = Instant::now();
            assert!(read::<serde_json::Value>("x.yaml", bomb.as_bytes(), 10_000).is_err());
            begun.elapsed().as_millis()
        });
        assert!(shortest.min() < Some(1_000));
    }

    #[test]
    fn aliases_are_counted() {
        let of = |count: usize| {
            format!("a: &a x\n{}", (0..count).map(|n| format!("b{n}: *a\n")).collect::<String>())
        };
        assert!(read::<Texts>("x.yaml", of(ALIAS_LIMIT).as_bytes(), 10_000).is_ok());
        assert!(read::<Texts>("x.yaml", of(ALIAS_LIMIT + 1).as_bytes(), 10_000).is_err());
    }

    /// An alias of a list stands for its elements, its beginning and its end.
    #[test]
    fn what_aliases_stand_for_is_counted() {
        let of = |events: usize| format!("a: &a [{}]\nb: *a\n", "x,".repeat(events - 2));
        let read = |events| read::<serde_json::Value>("x.yaml", of(events).as_bytes(), 10_000);
        assert!(read(REPLAY_LIMIT).is_ok(), "{}", read(REPLAY_LIMIT).unwrap_err());
        let problem = read(REPLAY_LIMIT + 1).unwrap_err();
        assert!(problem.text.contains("total_replayed_events=2001 > 2000"), "{problem}");
    }

    #[test]
    fn the_text_of_a_problem_has_at_most_so_many_characters() {
        let of = |length: usize| {
            let problem =
                read::<Unknown>("x.yaml", format!("{}: x\n", "ä".repeat(length)).as_bytes(), 10_000);
            problem.err().unwrap().text
        };
        let around = of(1).chars().count() - 1;
        for (length, told) in [(TEXT_LIMIT, TEXT_LIMIT), (TEXT_LIMIT + 1, TEXT_LIMIT)] {
            assert_eq!(of(length - around).chars().count(), told);
        }
        assert!(of(TEXT_LIMIT - around) != of(TEXT_LIMIT + 1 - around), "the last character is cut");
    }

    #[test]
    fn a_document_is_at_most_so_deep() {
        let of = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read::<serde_json::Value>("x.yaml", of(DEPTH_LIMIT).as_bytes(), 1_000).is_ok());
        assert!(read::<serde_json::Value>("x.yaml", of(DEPTH_LIMIT + 1).as_bytes(), 1_000).is_err());
    }

    #[test]
    fn a_document_has_at_most_so_many_nodes() {
        let of = |nodes: usize| format!("[{}]", "x,".repeat(nodes - 1));
        assert!(read::<Vec<String>>("x.yaml", of(NODE_LIMIT).as_bytes(), usize::MAX).is_ok());
        assert!(read::<Vec<String>>("x.yaml", of(NODE_LIMIT + 1).as_bytes(), usize::MAX).is_err());
    }
}
