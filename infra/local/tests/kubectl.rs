//! An unmodified `kubectl` against the sandbox cluster, as the person at this machine. Without `kubectl` there is nothing to
//! check, and the test says so.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helpers too")]

use roadstead::stack::{Options, Stack};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

const OBJECTS: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: by-hand}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: by-hand}
data: {mode: VALUE}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: by-hand}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "registry.example/web:1"}]}
"#;

struct Kubectl {
    kubeconfig: PathBuf,
    folder: PathBuf,
}

impl Kubectl {
    fn is_installed() -> bool {
        let found = Command::new("kubectl").args(["version", "--client"]).output();
        found.is_ok_and(|output| output.status.success())
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new("kubectl");
        command.arg("--kubeconfig").arg(&self.kubeconfig).arg("--cache-dir").arg(self.folder.join("cache"));
        command.args(arguments.split_whitespace());
        command
    }

    /// What it prints, which must succeed.
    fn tells(&self, arguments: &str) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "kubectl {arguments}: {}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it complains of, which must fail.
    fn refuses(&self, arguments: &str) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(!output.status.success(), "kubectl {arguments} was let through");
        errors(&output)
    }

    /// A file of objects.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Whether a watch of one object, after its head and its first line, tells of a change of it.
    fn watches(&self, arguments: &str, change: &str, word: &str) {
        let mut watching = self.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().contains("NAME"));
        lines.next().unwrap().unwrap();
        self.tells(change);
        let seen = lines.any(|line| line.unwrap().contains(word));
        watching.kill().unwrap();
        watching.wait().unwrap();
        assert!(seen);
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether every word is in a text.
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_works_as_it_is() {
    if !Kubectl::is_installed() {
        println!("skipped: there is no kubectl here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = Options { data_dir: folder.path().to_owned(), kubeconfig: None, duplicate_one_in: 0 };
    let stack = Stack::start(options).await.unwrap();
    for cluster in stack.worlds.clusters.values() {
        cluster.change(|cluster| cluster.set_images(None));
    }
    let kubeconfig = stack.local.kubeconfig.clone();
    tokio::task::block_in_place(|| walk(&kubeconfig, folder.path()));
    stack.stop().await.unwrap();
}

fn walk(kubeconfig: &Path, folder: &Path) {
    let kubectl = Kubectl { kubeconfig: kubeconfig.to_owned(), folder: folder.to_owned() };
    says(&kubectl.tells("api-resources"), &["configmaps", "deployments", "networkpolicies"]);
    let first = kubectl.file("first.yaml", &OBJECTS.replace("VALUE", "one"));
    let second = kubectl.file("second.yaml", &OBJECTS.replace("VALUE", "two"));
    applies(&kubectl, &first, &second);
    shows(&kubectl);
    refuses_what_is_wrong(&kubectl, &second);
    kubectl.watches(
        "get configmap settings -n by-hand -w --request-timeout=30s",
        "label configmap settings -n by-hand seen=yes",
        "settings",
    );
    says(&kubectl.tells(&format!("delete -f {second}")), &["\"settings\" deleted", "\"web\" deleted"]);
    says(&kubectl.refuses("get namespace by-hand"), &["NotFound"]);
}

fn applies(kubectl: &Kubectl, first: &str, second: &str) {
    says(
        &kubectl.tells(&format!("apply --server-side -f {first}")),
        &["deployment.apps/web serverside-applied"],
    );
    assert_eq!(kubectl.tells(&format!("diff --server-side -f {first}")), "");
    let different = kubectl.command(&format!("diff --server-side -f {second}")).output().unwrap();
    assert_eq!(different.status.code(), Some(1), "{}", errors(&different));
    says(&String::from_utf8_lossy(&different.stdout), &["-  mode: one", "+  mode: two"]);
    kubectl.tells(&format!("apply --server-side -f {second}"));
    let made = OBJECTS.replace("VALUE", "three").replace("by-hand", "by-client");
    let made = kubectl.file("by-client.yaml", &made);
    says(&kubectl.tells(&format!("apply -f {made}")), &["deployment.apps/web created"]);
    kubectl.tells("delete namespace by-client");
    kubectl.tells("rollout status deployment/web -n by-hand --timeout=30s");
}

fn shows(kubectl: &Kubectl) {
    let all = kubectl.tells("get all -A");
    says(&all, &["pod/web-", "1/1", "Running", "RESTARTS", "deployment.apps/web", "replicaset.apps/web-"]);
    says(&kubectl.tells("get pods -A -o wide"), &["IP", "NODE", "node-1"]);
    says(
        &kubectl.tells("get deployments,pods -n by-hand -o yaml"),
        &["kind: List", "image: registry.example/web:1"],
    );
    says(&kubectl.tells("get configmap settings -n by-hand -o jsonpath={.data.mode}"), &["two"]);
    says(&kubectl.tells("get events -n by-hand --sort-by=.lastTimestamp"), &["ScalingReplicaSet"]);
    says(&kubectl.tells("describe deployment web -n by-hand"), &["1 available", "ScalingReplicaSet"]);
}

fn refuses_what_is_wrong(kubectl: &Kubectl, file: &str) {
    let wrong = OBJECTS.replace("VALUE", "one").replace("image:", "imagee: x, image:");
    let wrong = kubectl.file("wrong.yaml", &wrong);
    let field = r#".spec.template.spec.containers[name="main"].imagee: field not declared in schema"#;
    says(&kubectl.refuses(&format!("apply --server-side -f {wrong}")), &[field]);
    let field = "spec.template.spec.containers[0].imagee";
    kubectl.tells("delete deployment web -n by-hand");
    says(&kubectl.refuses(&format!("create -f {wrong}")), &[field, "strict decoding error"]);
    kubectl.tells(&format!("apply --server-side -f {file}"));
    let orphans = kubectl.refuses("delete deployment web -n by-hand --cascade=orphan");
    says(&orphans, &["not implemented in the sandbox cluster"]);
}
