//! The walls between the crates, and the sizes of things: what a reader may rely on.

mod kinds;
mod limits;

use roadstead_steps::rows::Kind;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

/// The most lines of one file, its tests not counted.
const FILE_LIMIT: usize = 300;
/// The most lines of code of the sandbox cluster together: neither blank nor comment, its tests not counted.
const SANDBOX_LIMIT: usize = 4_000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders: Vec<_> = [root().join(folder)].into_iter().filter(|folder| folder.exists()).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("rs") => found.push(path),
                _ => {}
            }
        }
    }
    found
}

fn is_test(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    path.components().any(|part| ["tests", "benches"].iter().any(|folder| part.as_os_str() == *folder))
        || name == "tests.rs"
}

/// A file without what is for its tests alone, wherever that stands.
fn production(path: &Path) -> String {
    without_tests(&std::fs::read_to_string(path).unwrap())
}

/// A text without the items that have the attribute. As the formatter leaves them, an item ends in its line, or with the first
/// line after it that closes a brace and is not indented.
fn without_tests(text: &str) -> String {
    let (mut kept, mut lines) = (vec![], text.lines());
    while let Some(line) = lines.next() {
        if line != "#[cfg(test)]" {
            kept.push(line);
            continue;
        }
        let item = lines.by_ref().find(|line| !line.starts_with('#')).unwrap_or_default();
        if !item.ends_with([';', '}']) {
            lines.by_ref().find(|line| line.starts_with('}'));
        }
    }
    kept.join("\n")
}

#[test]
fn only_what_is_for_tests_is_left_out() {
    let text = "a\n#[cfg(test)]\nmod tests;\nb\n#[cfg(test)]\n#[path = \"x\"]\nmod more {\n    fn a() {\n    }\n}\nc\n#[cfg(test)]\nuse {\n    d,\n};\ne";
    assert_eq!(without_tests(text), "a\nb\nc\ne");
}

/// The production code of a file, without whole lines of comment.
fn code(path: &Path) -> String {
    let text = if is_test(path) { String::new() } else { production(path) };
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// What each crate reaches, directly or not, without what only its tests need.
fn reached() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output();
    let metadata: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let name_of = |id: &Value| {
        let packages = metadata["packages"].as_array().unwrap();
        packages.iter().find(|package| package["id"] == *id).unwrap()["name"].as_str().unwrap().to_owned()
    };
    let mut direct: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let normal = node["deps"].as_array().unwrap().iter().filter(|dependency| {
            dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
        });
        direct.insert(name_of(&node["id"]), normal.map(|dependency| name_of(&dependency["pkg"])).collect());
    }
    let close = |name: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![name.clone()]);
        while let Some(name) = next.pop() {
            for dependency in direct.get(&name).into_iter().flatten() {
                if seen.insert(dependency.clone()) {
                    next.push(dependency.clone());
                }
            }
        }
        seen
    };
    direct.keys().map(|name| (name.clone(), close(name))).collect()
}

#[test]
fn the_walls_between_the_crates_stand() {
    let reached = reached();
    let may_not: &[(&str, &[&str])] = &[
        ("roadstead-domain", &["tokio", "hyper", "kube", "aws-config", "tracing", "roadstead-steps"]),
        ("roadstead-senders", &["tokio", "hyper", "kube", "aws-config", "tracing", "roadstead-steps"]),
        (
            "roadstead-steps",
            &[
                "tokio",
                "hyper",
                "kube",
                "aws-config",
                "roadstead-aws",
                "roadstead-kubernetes",
                "roadstead-web",
            ],
        ),
        ("git-webhook", &["kube", "roadstead-kubernetes", "roadstead-web"]),
        ("chat-command", &["kube", "roadstead-kubernetes", "roadstead-web"]),
        ("http-api", &["kube", "roadstead-kubernetes", "roadstead-web"]),
        ("registry-push", &["kube", "roadstead-kubernetes", "roadstead-web"]),
        ("clock", &["kube", "roadstead-kubernetes", "roadstead-web"]),
        ("accept-trigger", &["kube", "roadstead-kubernetes"]),
        ("announce", &["kube", "roadstead-kubernetes"]),
        ("create-dns", &["kube", "roadstead-kubernetes", "roadstead-web"]),
        ("resolve-config", &[]),
        ("provision-environment", &["roadstead-web"]),
        ("apply-to-eks", &["roadstead-web"]),
        ("verify-rollout", &["roadstead-web"]),
        ("roadstead-runtime", &["kube", "roadstead-kubernetes", "roadstead-web", "aws-sdk-route53"]),
        ("roadstead-aws", &["kube", "roadstead-kubernetes", "roadstead-web", "roadstead-senders"]),
        ("roadstead-kubernetes", &["aws-config", "roadstead-aws", "roadstead-web", "roadstead-senders"]),
        (
            "roadstead-web",
            &["kube", "aws-config", "roadstead-aws", "roadstead-kubernetes", "roadstead-senders"],
        ),
        (
            "roadstead-worlds",
            &["tokio", "hyper", "kube", "aws-config", "roadstead-domain", "roadstead-steps"],
        ),
    ];
    for entry in std::fs::read_dir(root().join("functions")).unwrap() {
        let function = entry.unwrap().file_name().into_string().unwrap();
        assert!(may_not.iter().any(|(name, _)| *name == function), "what may {function} not reach?");
    }
    let mut broken = vec![];
    for (name, forbidden) in may_not {
        let reaches = &reached[*name];
        broken.extend(
            forbidden
                .iter()
                .filter(|other| reaches.contains(**other))
                .map(|other| format!("{name} reaches {other}")),
        );
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn there_is_one_tls_stack() {
    let reached = reached();
    for other in ["aws-lc-rs", "openssl-sys", "native-tls"] {
        assert!(!reached.values().any(|crates| crates.contains(other)), "{other} has come in");
    }
}

/// What every connection goes through: two versions of one of these are two stacks.
const STACK: [&str; 8] =
    ["rustls", "ring", "tokio-rustls", "hyper-rustls", "hyper", "hyper-util", "http", "http-body"];

#[test]
fn there_is_one_http_stack() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for name in STACK {
        let versions = lock.matches(&format!("[[package]]\nname = \"{name}\"\n")).count();
        assert_eq!(versions, 1, "{name} is there in {versions} versions");
    }
}

#[test]
fn the_domain_and_the_senders_know_no_clock_and_no_input_or_output() {
    for path in sources("shared/domain/src").into_iter().chain(sources("shared/senders/src")) {
        let text = production(&path);
        for forbidden in ["Timestamp::now", "std::fs", "std::net", "std::env", "SystemTime", "Instant"] {
            assert!(is_test(&path) || !text.contains(forbidden), "{} has {forbidden}", path.display());
        }
    }
}

#[test]
fn settings_are_read_in_one_place() {
    for folder in ["shared", "infra", "functions"] {
        for path in sources(folder) {
            let settings = path.ends_with("runtime/src/settings.rs")
                || path.components().any(|part| part.as_os_str() == "settings");
            let reads = production(&path).contains("env::var");
            assert!(
                settings || is_test(&path) || !reads,
                "{} reads the process's environment",
                path.display()
            );
        }
    }
}

/// Partitions of the table by how they begin, as the table in `rows.rs` lists them.
fn partitions() -> BTreeSet<String> {
    let rows = std::fs::read_to_string(root().join("shared/steps/src/rows.rs")).unwrap();
    let listed = rows.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let listed: BTreeSet<String> =
        listed.filter_map(|line| Some(line.split('`').next()?.split('#').next()?.to_owned())).collect();
    assert_eq!(listed, Kind::ALL.map(|kind| kind.name().to_owned()).into());
    listed
}

/// No emulator refuses what a role may not write: so at least no kind of row is forgotten.
#[test]
fn every_kind_of_row_is_one_that_some_role_may_write() {
    let template = std::fs::read_to_string(root().join("infra/aws/template.yaml")).unwrap();
    let kinds = partitions();
    assert!(kinds.len() > 8, "{kinds:?}");
    let given = |kind: &String| {
        template.contains(&format!("\"{kind}#*\"")) || template.contains(&format!("\"{kind}#"))
    };
    let forgotten: Vec<_> = kinds.iter().filter(|kind| !given(kind)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = ["shared", "infra", "functions"]
        .into_iter()
        .flat_map(sources)
        .filter(|path| !is_test(path))
        .map(|path| (production(&path).lines().count(), path))
        .filter(|(lines, _)| *lines > FILE_LIMIT)
        .map(|(lines, path)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_sandbox_cluster_stays_small() {
    let lines: usize = sources("infra/worlds/src/cluster")
        .iter()
        .filter(|path| !is_test(path))
        .map(|path| {
            production(path)
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with("//"))
                .count()
        })
        .sum();
    println!("the sandbox cluster has {lines} lines");
    assert!(lines < SANDBOX_LIMIT, "the sandbox cluster has {lines} lines");
}
