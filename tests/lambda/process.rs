//! One process of a function.

use super::{runtime_api::RuntimeApi, surroundings::Surroundings};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long a function may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process, and the stand-in that invokes it.
pub struct Process {
    child: Child,
    api: RuntimeApi,
}

impl Process {
    /// Starts a function with its first event waiting, and answers how long its answer took from the start.
    pub async fn first(binary: &Path, surroundings: &Surroundings, event: Value) -> (Self, Value, Duration) {
        let mut api = RuntimeApi::start().await;
        api.invoke(event);
        let begun = Instant::now();
        let child = spawn(binary, &api, surroundings);
        let said = tokio::time::timeout(PATIENCE, api.said()).await;
        let took = begun.elapsed();
        (Self { child, api }, said.expect("the function says nothing").unwrap(), took)
    }

    /// Invokes it again.
    pub async fn again(&mut self, event: Value) -> Value {
        self.api.invoke(event);
        tokio::time::timeout(PATIENCE, self.api.said()).await.expect("the function says nothing").unwrap()
    }

    /// The most memory that it ever had, in bytes (proc(5), `VmHWM`).
    pub fn memory(&self) -> usize {
        let status = format!("/proc/{}/status", self.child.id().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
    }
}

fn spawn(binary: &Path, api: &RuntimeApi, surroundings: &Surroundings) -> Child {
    let spawned = Command::new(binary)
        .env_clear()
        .envs(surroundings.variables())
        .env("AWS_LAMBDA_RUNTIME_API", &api.address)
        .env("AWS_LAMBDA_FUNCTION_NAME", "it")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_LEVEL", "ERROR")
        .kill_on_drop(true)
        .spawn();
    spawned.unwrap_or_else(|error| panic!("{}: {error}", binary.display()))
}
