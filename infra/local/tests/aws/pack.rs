//! Packing the functions that were built beside this test as `infra/aws/deploy` expects them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Packs every function of the folder `functions`.
pub(crate) fn pack(tools: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = built();
    for function in fs::read_dir(root.join("functions")).unwrap() {
        let name = function.unwrap().file_name().into_string().unwrap();
        pack_one(tools, &built.join(&name), &root.join("infra/aws/build").join(&name));
    }
}

/// Where the functions are: where the setting says, or else beside this test.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests alone")]
fn built() -> PathBuf {
    let given = std::env::var_os("ROADSTEAD_FUNCTIONS").map(PathBuf::from);
    given.unwrap_or_else(|| std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned())
}

fn pack_one(tools: &Path, binary: &Path, folder: &Path) {
    assert!(binary.exists(), "{} is not built: cargo build --workspace --bins", binary.display());
    if is_newer(&folder.join("bootstrap.zip"), binary) {
        return;
    }
    fs::create_dir_all(folder).unwrap();
    let bootstrap: PathBuf = folder.join("bootstrap");
    run(Command::new("strip").arg(binary).arg("-o").arg(&bootstrap));
    let zip = ["-m", "zipfile", "-c", "bootstrap.zip", "bootstrap"];
    run(Command::new(tools.join("python")).args(zip).current_dir(folder));
    fs::remove_file(bootstrap).unwrap();
}

fn is_newer(one: &Path, other: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    changed(one) > changed(other)
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}
