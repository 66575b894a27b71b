//! What the command line understands.

use crate::{
    demo::{self, report::Report},
    problem::Problem,
    stack::{Options, Stack, queue::DUPLICATE_ONE_IN},
};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tracing_subscriber::EnvFilter;

/// Where `up` keeps everything, unless it is told otherwise.
const DATA_DIR: &str = ".roadstead";

/// What is told unless it is told otherwise. Conditions that do not hold are no errors, which the database cannot know.
const LOG: &str = "warn,dynoxide=error";

/// Roadstead on one machine: no account, no containers, one process on 127.0.0.1.
#[derive(Debug, Parser)]
#[command(name = "roadstead")]
pub struct CommandLine {
    /// What is told on standard error: error, warn, info, debug, or `crate=level` parts separated by commas.
    #[arg(long, global = true, default_value = LOG)]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the stack, plays the journey of a pull request, and stays up.
    Demo {
        /// Ends after the journey, with status 0 only if all ended as it should.
        #[arg(long)]
        exit: bool,
        /// Prints one line of JSON for each journey on standard output, and nothing else there.
        #[arg(long)]
        json: bool,
        /// How long the journey may take, in seconds.
        #[arg(long, default_value_t = 120)]
        limit: u64,
        /// Where everything is kept; a folder that goes away again, if none is given.
        #[arg(long)]
        data_dir: Option<PathBuf>,
        /// Deploys to the cluster of this kubeconfig instead of the sandbox.
        #[arg(long)]
        kubeconfig: Option<PathBuf>,
    },
    /// Starts the stack and stays up.
    Up {
        /// Where everything is kept.
        #[arg(long, default_value = DATA_DIR)]
        data_dir: PathBuf,
        /// Deploys to the cluster of this kubeconfig instead of the sandbox.
        #[arg(long)]
        kubeconfig: Option<PathBuf>,
    },
}

impl CommandLine {
    /// Carries the command out.
    pub fn run(self) -> ExitCode {
        let outcome = self.try_run();
        outcome.unwrap_or_else(|problem| {
            eprintln!("roadstead: {problem}");
            ExitCode::from(2)
        })
    }

    fn try_run(self) -> Result<ExitCode, Problem> {
        let filter = EnvFilter::try_new(&self.log).map_err(|error| {
            Problem::new(format!("--log {} is not understood: {error}", self.log), "try `--log debug`")
        })?;
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Problem::unexpected(format!("no threads: {error}")))?;
        runtime.block_on(self.command.run())
    }
}

impl Command {
    async fn run(self) -> Result<ExitCode, Problem> {
        match self {
            Command::Up { data_dir, kubeconfig } => {
                let stack = start(data_dir, kubeconfig).await?;
                println!("{}", about(&stack));
                stay(stack).await?;
                Ok(ExitCode::SUCCESS)
            }
            Command::Demo { exit, json, limit, data_dir, kubeconfig } => {
                let temporary = tempfile::tempdir();
                let temporary = temporary.map_err(|error| {
                    Problem::new(format!("no temporary folder: {error}"), "give `--data-dir`")
                })?;
                let data_dir = data_dir.unwrap_or_else(|| temporary.path().to_owned());
                let stack = start(data_dir, kubeconfig).await?;
                let report = Report { json };
                let ok = tokio::select! {
                    ok = demo::play(&stack, &report, Duration::from_secs(limit)) => ok,
                    _ = asked_to_end() => return stack.stop().await.map(|()| ExitCode::FAILURE),
                };
                if exit {
                    stack.stop().await?;
                } else {
                    report.tell(&about(&stack));
                    stay(stack).await?;
                }
                Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
        }
    }
}

async fn start(data_dir: PathBuf, kubeconfig: Option<PathBuf>) -> Result<Stack, Problem> {
    Stack::start(Options { data_dir, kubeconfig, duplicate_one_in: DUPLICATE_ONE_IN }).await
}

/// What somebody who just started a stack wants to know.
fn about(stack: &Stack) -> String {
    let local = &stack.local;
    format!(
        "Roadstead is up.\n  doors       {}\n              {}\n              {}\n  everything  {}\n  cluster     \
         kubectl --kubeconfig {} get all -A\n  people      POST {}/_people/push, /pull-requests, /pull-requests/NUMBER/close, \
         /images\nCtrl-C ends it.",
        local.doors.github,
        local.doors.images,
        local.doors.eventbridge,
        stack.local_path.display(),
        local.kubeconfig.display(),
        local.github_api,
    )
}

/// Stays up until somebody ends it.
async fn stay(stack: Stack) -> Result<(), Problem> {
    let asked = asked_to_end().await;
    stack.stop().await?;
    asked.map_err(|error| Problem::unexpected(format!("signals cannot be heard: {error}")))
}

#[cfg(unix)]
async fn asked_to_end() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn asked_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
