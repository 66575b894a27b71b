//! AWS Lambda: one process of a function is wired once from its settings, and then invoked until Lambda ends it.

mod clock;
mod event;
mod http;
pub mod worker;

pub use clock::Clock;
pub use worker::Worker;

use crate::settings::{Log, Settings, SettingsError};
use lambda_runtime::Error;
use roadstead_steps::nouns::CallError;
use std::process::ExitCode;

/// What Lambda invokes.
pub trait Invoked {
    /// Serves invocations, one after the other, until the process is ended.
    fn serve(self) -> impl Future<Output = Result<(), Error>>;
}

/// Why a function could not be wired. Lambda starts it again.
#[derive(Debug, thiserror::Error)]
pub enum NotWired {
    /// Its settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// What it talks to cannot be set up.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// The whole of a function's `main`: reads the settings, wires the function, and serves.
pub fn run<Function: Invoked>(wire: impl AsyncFnOnce(Settings) -> Result<Function, NotWired>) -> ExitCode {
    begin_log(&Log::from_environment());
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(start(wire)),
        Err(error) => failed(&error),
    }
}

/// The log goes to the standard output, where Lambda adds the time.
fn begin_log(log: &Log) {
    let lines = tracing_subscriber::fmt().with_max_level(log.level).with_target(false).without_time();
    if log.json { lines.json().init() } else { lines.with_ansi(false).init() }
}

async fn start<Function: Invoked>(
    wire: impl AsyncFnOnce(Settings) -> Result<Function, NotWired>,
) -> ExitCode {
    let function = match Settings::from_environment() {
        Ok(settings) => wire(settings).await,
        Err(error) => Err(error.into()),
    };
    match function {
        Ok(function) => function.serve().await.map_or_else(|error| failed(&*error), |()| ExitCode::SUCCESS),
        Err(error) => failed(&error),
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    tracing::error!(error, "the function could not start");
    ExitCode::FAILURE
}
