//! The emulator: one process of ours, with an account of its own, which checks what each role may do.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// The account and the region, as the sample's platform file has them.
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "eu-west-1";

/// Ends with its functions when it is dropped.
pub(crate) struct Emulator {
    process: Child,
    tools: PathBuf,
    pub(crate) endpoint: String,
}

impl Emulator {
    /// Starts it. What its functions call AWS goes to `reached_at`.
    pub(crate) async fn start(tools: &Path, reached_at: &str, log: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let written = fs::File::create(log).unwrap();
        let process = Command::new(tools.join("ministack"))
            .env_clear()
            .env("PATH", path(tools))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .env("MINISTACK_REGION", REGION)
            .env("AUTH", "true")
            .env("AWS_ENDPOINT_URL", reached_at)
            .stdin(Stdio::null())
            .stdout(written.try_clone().unwrap())
            .stderr(written)
            .spawn()
            .unwrap();
        let mut emulator =
            Self { process, tools: tools.to_owned(), endpoint: format!("http://127.0.0.1:{port}") };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = emulator.process.try_wait().unwrap();
            assert!(ended.is_none(), "the emulator has ended: {ended:?}, see {}", log.display());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        emulator
    }

    /// Runs a program as the account's owner.
    fn run(&self, program: impl Into<OsString>, arguments: &[&str]) -> String {
        let done = Command::new(program.into())
            .args(arguments)
            .env("PATH", path(&self.tools))
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", ACCOUNT)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_DEFAULT_OUTPUT", "json")
            .env("BUILT", "yes")
            .env("ARCHITECTURE", if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" })
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&done.stderr));
        said
    }

    /// One call of the AWS command line; its answer, where it has one.
    pub(crate) fn aws(&self, arguments: &[&str]) -> Value {
        let arguments = [&["--endpoint-url", &self.endpoint], arguments].concat();
        serde_json::from_str(&self.run(self.tools.join("aws"), &arguments)).unwrap_or_default()
    }

    /// Deploys, and answers what the stack puts out.
    pub(crate) fn deploy(&self, parameters: &[&str]) -> BTreeMap<String, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../aws/deploy");
        self.run(script, parameters);
        let stacks = self.aws(&["cloudformation", "describe-stacks", "--stack-name", "roadstead"]);
        let outputs = stacks["Stacks"][0]["Outputs"].as_array().unwrap();
        let text = |output: &Value, name: &str| output[name].as_str().unwrap().to_owned();
        outputs.iter().map(|output| (text(output, "OutputKey"), text(output, "OutputValue"))).collect()
    }

    /// Lints what the transforms made of the template: that shows what linting the template alone does not.
    pub(crate) fn lint(&self) {
        let stack = ["--stack-name", "roadstead", "--template-stage", "Processed"];
        let made = self.aws(&[&["cloudformation", "get-template"][..], &stack].concat());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("template.json");
        fs::write(&file, made["TemplateBody"].to_string()).unwrap();
        // A loop's `Fn::Sub` has nothing left to fill in.
        let arguments = ["--region", REGION, "--ignore-checks", "W1020", "--", file.to_str().unwrap()];
        self.run(self.tools.join("cfn-lint"), &arguments);
    }

    /// Invokes a function with an event; answers what it failed with.
    pub(crate) fn invoke(&self, function: &str, event: &Value) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let (payload, answer) = (folder.path().join("payload"), folder.path().join("answer"));
        fs::write(&payload, event.to_string()).unwrap();
        let payload = format!("fileb://{}", payload.display());
        let answer = answer.to_str().unwrap();
        let done =
            self.aws(&["lambda", "invoke", "--function-name", function, "--payload", &payload, answer]);
        done["FunctionError"].as_str().map(|_| fs::read_to_string(answer).unwrap())
    }

    /// Its functions' processes.
    pub(crate) fn functions(&self) -> Functions {
        Functions { parent: self.process.id() }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It ends its functions itself when it is asked to end.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// The processes in which functions run.
#[derive(Clone, Copy)]
pub(crate) struct Functions {
    parent: u32,
}

impl Functions {
    /// Ends all of them at once, in the middle of whatever they do.
    pub(crate) fn kill(self) {
        let processes = fs::read_dir("/proc").unwrap();
        let ids = processes.filter_map(|process| process.ok()?.file_name().into_string().ok());
        let functions: Vec<String> = ids.filter(|id| self.is_one(id)).collect();
        let _ = Command::new("kill").arg("-9").args(&functions).status();
    }

    fn is_one(self, id: &str) -> bool {
        let Ok(status) = fs::read_to_string(format!("/proc/{id}/status")) else { return false };
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        status.starts_with("Name:\tbootstrap\n")
            && parent.is_some_and(|parent| parent.trim() == self.parent.to_string())
    }
}

fn path(tools: &Path) -> OsString {
    let mut path = tools.as_os_str().to_owned();
    path.push(":/usr/local/bin:/usr/bin:/bin");
    path
}
