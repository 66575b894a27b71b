//! Every limit is a constant that is called so, and a test names it.

use super::{is_test, root, sources};
use std::path::{Path, PathBuf};

/// A constant of the production code that bounds something.
struct Limit {
    name: String,
    path: PathBuf,
    is_public: bool,
}

/// Tests, and the file that they are in.
struct Tests {
    path: PathBuf,
    file: String,
    text: String,
}

/// What a file is, and the tests at its end.
fn parts(path: &Path) -> (String, String) {
    let text = std::fs::read_to_string(path).unwrap();
    match text.split_once("\n#[cfg(test)]\nmod tests {") {
        _ if is_test(path.strip_prefix(root()).unwrap()) => (String::new(), text),
        Some((production, tests)) => (production.to_owned(), tests.to_owned()),
        None => (text, String::new()),
    }
}

fn constants(path: &Path) -> Vec<Limit> {
    let (text, _) = parts(path);
    let constant = |line: &str| {
        let (visibility, rest) = line.trim_start().split_once("const ")?;
        let (name, rest) = rest.split_once(": ")?;
        let is_text = rest.starts_with("&");
        let is_public = visibility == "pub ";
        (!is_text).then(|| Limit { name: name.to_owned(), path: path.to_owned(), is_public })
    };
    text.lines().filter_map(constant).collect()
}

fn tests(path: PathBuf) -> Tests {
    let (production, text) = parts(&path);
    Tests { path, file: production + &text, text }
}

/// The folder of the crate, and the name of the module below its root.
fn place(path: &Path) -> (String, String) {
    let path = path.strip_prefix(root()).unwrap().to_str().unwrap();
    let (package, within) = path.split_once("/src/").unwrap_or((path.split('/').next().unwrap(), path));
    let module = within.split('/').next().unwrap_or_default();
    (package.to_owned(), module.trim_end_matches(".rs").to_owned())
}

/// How other crates call it.
fn name_of_crate(folder: &str) -> String {
    let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let name = manifest.lines().find_map(|line| line.strip_prefix("name = ")).unwrap();
    name.trim_matches('"').replace('-', "_")
}

fn has_word(text: &str, word: &str) -> bool {
    let is_end =
        |letter: Option<char>| !letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let mut places = text.match_indices(word).map(|(at, _)| (&text[..at], &text[at + word.len()..]));
    places.any(|(before, after)| is_end(before.chars().next_back()) && is_end(after.chars().next()))
}

/// Whether these tests name the limit, and not another of the same name that they cannot see.
fn name_it(tests: &Tests, limit: &Limit) -> bool {
    let ((package, module), (of_tests, near)) = (place(&limit.path), place(&tests.path));
    let sees_it = if package == of_tests {
        limit.is_public || module == near
    } else {
        limit.is_public && has_word(&tests.file, &name_of_crate(&package))
    };
    has_word(&tests.text, &limit.name) && sees_it
}

fn all_constants() -> Vec<Limit> {
    ["shared", "infra", "functions"].into_iter().flat_map(sources).flat_map(|path| constants(&path)).collect()
}

#[test]
fn every_limit_is_named_by_a_test() {
    let tests: Vec<Tests> =
        ["shared", "infra", "functions", "tests"].into_iter().flat_map(sources).map(tests).collect();
    let mut limits = all_constants();
    limits.retain(|limit| limit.name.ends_with("_LIMIT") || limit.name.ends_with("_MINIMUM"));
    println!("there are {} limits", limits.len());
    assert!(limits.len() > 100);
    let untested = limits.iter().filter(|limit| !tests.iter().any(|tests| name_it(tests, limit)));
    let untested: Vec<_> =
        untested.map(|limit| format!("{} in {}", limit.name, limit.path.display())).collect();
    assert!(untested.is_empty(), "no test names these: {untested:#?}");
}

#[test]
fn a_limit_is_called_a_limit() {
    let others = ["MAX", "MAXIMUM", "MOST", "CAP"];
    let mut constants = all_constants();
    constants.retain(|constant| constant.name.split('_').any(|word| others.contains(&word)));
    let found: Vec<_> =
        constants.iter().map(|found| format!("{} in {}", found.name, found.path.display())).collect();
    assert!(found.is_empty(), "a limit ends in `_LIMIT`: {found:#?}");
}
