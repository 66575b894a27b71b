//! A kind never knows another kind: neither another crate's, which the walls between the crates see to, nor one beside it.

use super::{code, root, sources};
use std::{collections::BTreeSet, path::Path};

/// Where kinds stand beside each other, and which they are.
const KINDS: [(&str, &[&str]); 3] = [
    ("shared/aws/src", &["cluster_credentials", "dns", "queue", "registry", "secret", "state"]),
    ("shared/web/src", &["github", "slack"]),
    ("infra/worlds/src", &["cluster", "ecr", "github", "route53", "slack"]),
];

/// What both crates and kinds use that stands beside them.
const SHARED: [&str; 6] = ["configuration", "failure", "given", "https", "lib", "transport"];

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The names that a text takes from its crate's root, from above itself, or from a crate of another name.
fn taken(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, opening) in text.match_indices("crate::").chain(text.match_indices("super::")) {
        let rest = &text[at + opening.len()..];
        let is_end = |letter| if rest.starts_with('{') { letter == ';' } else { !is_word(letter) };
        let end = rest.find(is_end).unwrap_or(rest.len());
        names.extend(rest[..end].split(|letter| !is_word(letter)).map(str::to_owned));
    }
    names
}

#[test]
fn a_kind_never_knows_another_kind() {
    let mut broken = vec![];
    for (folder, kinds) in KINDS {
        for kind in kinds {
            let own = [format!("{folder}/{kind}"), format!("{folder}/{kind}.rs")];
            let files = sources(&own[0])
                .into_iter()
                .chain([root().join(&own[1])].into_iter().filter(|file| file.exists()));
            let files: Vec<_> = files.collect();
            assert!(!files.is_empty(), "{folder} has no {kind}");
            for path in files {
                let names = taken(&code(&path));
                let others = kinds.iter().filter(|other| *other != kind && names.contains(**other));
                broken.extend(others.map(|other| format!("{} knows {other}", path.display())));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_kind_is_listed() {
    for (folder, kinds) in KINDS {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = name.trim_end_matches(".rs");
            assert!(kinds.contains(&name) || SHARED.contains(&name), "{folder}/{name} is not listed here");
        }
    }
}

#[test]
fn what_is_taken_is_seen() {
    let text = "use crate::{dns::Route53, queue};\nuse super::super::state::X;\nlet a = crate::secret::b();";
    let taken = taken(text);
    for name in ["dns", "queue", "state", "secret"] {
        assert!(taken.contains(name), "{name}: {taken:?}");
    }
    assert!(!taken.contains("registry"));
}

/// What implements a noun in the crates of the kinds.
fn kinds() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in ["shared/aws/src", "shared/kubernetes/src", "shared/web/src"].into_iter().flat_map(sources) {
        let text = code(&path);
        let nouns = |line: &str| {
            let (noun, kind) = line.strip_prefix("impl ")?.split_once(" for ")?;
            NOUNS.contains(&noun).then(|| kind.trim_end_matches(" {").to_owned())
        };
        found.extend(text.lines().filter_map(nouns));
    }
    found
}

/// The nouns that have kinds in these crates.
const NOUNS: [&str; 9] =
    ["Chat", "Cluster", "ClusterCredentials", "Clusters", "Dns", "GitHost", "Queue", "Registry", "State"];

/// Words that kinds bring with them.
const WORDS: [&str; 6] = ["dynamodb", "kube", "sqs", "ecr", "route53", "eks"];

/// GitHub is a host that the domain names, too.
fn without_hosts(text: &str) -> String {
    text.replace("Host::Github", "")
}

#[test]
fn a_step_names_the_noun_and_never_the_kind() {
    let kinds = kinds();
    assert!(kinds.len() >= NOUNS.len() && kinds.contains("Route53"), "{kinds:?}");
    for path in sources("shared/steps/src") {
        let text = without_hosts(&code(&path));
        let words: BTreeSet<&str> = text.split(|letter| !is_word(letter)).collect();
        let names = kinds.iter().map(String::as_str).chain(WORDS);
        let named: Vec<&str> = names.filter(|name| words.contains(name)).collect();
        assert!(named.is_empty(), "{} names {named:?}", within(&path));
    }
}

fn within(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}
