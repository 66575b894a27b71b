//! `kubectl apply --server-side` of what a generation applied, for the comparison.

use roadstead_domain::plan::Plan;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Instant,
};

/// How often it is tried: a cluster takes a moment to see the right that the objects themselves bind.
const TRIES: usize = 5;

/// `kubectl`, as the user of one kubeconfig.
pub(crate) struct Kubectl {
    kubeconfig: PathBuf,
    folder: PathBuf,
}

impl Kubectl {
    /// Finds it; none where it is not installed. It may write into the folder.
    pub(crate) fn new(kubeconfig: &Path, folder: &Path) -> Option<Self> {
        let found = Command::new("kubectl").args(["version", "--client"]).output();
        found
            .is_ok_and(|output| output.status.success())
            .then(|| Self { kubeconfig: kubeconfig.to_owned(), folder: folder.to_owned() })
    }

    /// Applies the objects of a plan, and deletes them again; answers what applying them took, in milliseconds.
    pub(crate) fn apply(&self, plan: &Plan) -> f64 {
        let items: Vec<_> =
            plan.parts.iter().flat_map(|part| part.guards.iter().chain(&part.manifests)).collect();
        let path = self.folder.join("objects.json");
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
        fs::write(&path, list.to_string()).unwrap();
        let begun = Instant::now();
        let applied =
            (0..TRIES).map(|_| self.run(&["apply", "--server-side", "-f", &path.to_string_lossy()]));
        let mut told = String::new();
        let done = applied
            .inspect(|output| told = String::from_utf8_lossy(&output.stderr).into_owned())
            .any(|output| output.status.success());
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        assert!(done, "kubectl did not apply: {told}");
        let deleted = self.run(&["delete", "namespace", &plan.namespace]);
        assert!(deleted.status.success(), "{}", String::from_utf8_lossy(&deleted.stderr));
        took
    }

    /// What was learned of the server is kept in the folder, so that only the first run asks for it.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("kubectl");
        command.arg("--kubeconfig").arg(&self.kubeconfig);
        command.arg("--cache-dir").arg(self.folder.join("kubectl"));
        tokio::task::block_in_place(|| command.args(arguments).output()).unwrap()
    }
}
