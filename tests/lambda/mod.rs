//! The functions as Lambda runs them: real processes, which a stand-in for Lambda's runtime API invokes.
//!
//! They need the binaries: `ROADSTEAD_FUNCTIONS` names the folder where a release build put them. Without it they
//! are ignored, and whoever asks for them (`-- --ignored lambda`) sees them fail.

mod doors;
mod measured;
mod process;
mod runtime_api;
mod surroundings;
mod workers;

use std::path::PathBuf;

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

/// Where the binaries are.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests alone")]
fn functions() -> PathBuf {
    let folder = std::env::var("ROADSTEAD_FUNCTIONS");
    PathBuf::from(folder.expect("ROADSTEAD_FUNCTIONS names the folder with the functions' binaries"))
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
