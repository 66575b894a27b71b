//! The functions as Lambda runs them: real processes, which a stand-in for Lambda's runtime API invokes.
//!
//! `ROADSTEAD_FUNCTIONS` names the folder where a release build put the binaries. Without it those that are invoked are built
//! first, as the tests are; what a function costs is measured of a release build only, where it is asked for.

mod doors;
mod measured;
mod process;
mod runtime_api;
mod surroundings;
mod workers;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

/// Every function, and the limit of its zipped size in bytes (a function with a client of Kubernetes may be larger).
const FUNCTIONS: [(&str, usize); 12] = [
    ("git-webhook", SMALL),
    ("chat-command", SMALL),
    ("http-api", SMALL),
    ("registry-push", SMALL),
    ("accept-trigger", SMALL),
    ("resolve-config", LARGE),
    ("provision-environment", LARGE),
    ("apply-to-eks", LARGE),
    ("create-dns", SMALL),
    ("verify-rollout", LARGE),
    ("announce", SMALL),
    ("clock", SMALL),
];
const SMALL: usize = 4_000_000;
const LARGE: usize = 6_000_000;

/// The functions that are invoked as they were built last.
const INVOKED: [&str; 5] = ["git-webhook", "chat-command", "registry-push", "apply-to-eks", "clock"];

/// Where the binaries of a release build are, if there is one.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests alone")]
fn released() -> Option<PathBuf> {
    std::env::var_os("ROADSTEAD_FUNCTIONS").map(PathBuf::from)
}

/// Where the binaries are that are invoked.
fn functions() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| released().unwrap_or_else(build));
    &FOLDER
}

/// Builds the functions beside this test, and answers where they are.
fn build() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let packages = INVOKED.iter().flat_map(|name| ["-p", name]);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--quiet", "--target-dir"]).arg(target).args(packages);
    assert!(cargo.status().unwrap().success(), "{cargo:?}");
    target.join("debug")
}

#[test]
fn every_function_is_tested() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folders = std::fs::read_dir(root.join("functions")).unwrap();
    let mut there: Vec<String> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let mut tested: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
    there.sort_unstable();
    tested.sort_unstable();
    assert_eq!(there, tested);
}
