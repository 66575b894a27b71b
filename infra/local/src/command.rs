//! What the command line understands.

mod banner;
pub mod config;
pub mod events;
pub mod extend;
pub mod follow;
pub mod heard;
pub mod retry;
pub mod running;
pub mod send;
pub mod status;
pub mod story;

use crate::{
    demo::{self, Which, report::Report},
    problem::Problem,
    stack::{self, Options, Stack, queue::DUPLICATE_ONE_IN},
};
use banner::about;
use clap::{Parser, Subcommand};
use config::Config;
use events::{Events, Listener};
use extend::Extend;
use follow::Ended;
use retry::Retry;
use running::RunningStack;
use send::Send;
use status::Status;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    slice,
    time::Duration,
};
use tracing_subscriber::EnvFilter;

/// Where `up` keeps everything, unless it is told otherwise.
const DATA_DIR: &str = ".roadstead";

/// What is told unless it is told otherwise. Conditions that do not hold are no errors, which the database cannot know.
const LOG: &str = "warn,dynoxide=error";

/// How long what is followed may take, in seconds, unless it is told otherwise: longer than any deadline of the sample.
const LIMIT: u64 = 900;

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
    /// Starts the stack, plays journeys (a pull request, pushed images, a team in chat), and stays up.
    Demo {
        /// Which journey; all of them, if none is named.
        #[arg(value_enum)]
        journey: Option<Which>,
        /// Ends after the journeys, with status 0 only if all ended as it should.
        #[arg(long)]
        exit: bool,
        /// Prints one line of JSON for each journey on standard output, and nothing else there.
        #[arg(long)]
        json: bool,
        /// How long each journey may take, in seconds.
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
    /// Sends a recorded event to the stack that runs, and shows the journey that it sets off.
    Send {
        #[command(flatten)]
        send: Send,
        #[command(flatten)]
        of: Whose,
    },
    /// Lists environments, or tells the story of one.
    Status {
        #[command(flatten)]
        status: Status,
        #[command(flatten)]
        of: Whose,
    },
    /// Tries an environment again that failed, or needs attention.
    Retry {
        #[command(flatten)]
        retry: Retry,
        #[command(flatten)]
        of: Whose,
    },
    /// Lets an environment live longer.
    Extend {
        #[command(flatten)]
        extend: Extend,
        #[command(flatten)]
        of: Whose,
    },
    /// Checks a platform file, or puts it in force.
    #[command(subcommand)]
    Config(Config),
    /// Tells everything that happens, until Ctrl-C.
    Events {
        #[command(flatten)]
        events: Events,
        #[command(flatten)]
        of: Whose,
    },
}

/// Which stack is meant.
#[derive(Debug, clap::Args)]
#[group(skip)]
struct Whose {
    /// Where the stack keeps everything.
    #[arg(long, default_value = DATA_DIR)]
    data_dir: PathBuf,
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
        stack::runtime()?.block_on(self.command.run())
    }
}

impl Command {
    async fn run(self) -> Result<ExitCode, Problem> {
        match self {
            Command::Up { data_dir, kubeconfig } => {
                let stack = start(data_dir, kubeconfig).await?;
                if !stack.worlds.clusters.is_empty() {
                    stack.people().build_at_first().await?;
                }
                println!("{}", about(&stack));
                stay(stack).await?;
                Ok(ExitCode::SUCCESS)
            }
            Command::Demo { journey, exit, json, limit, data_dir, kubeconfig } => {
                let (report, limit) = (Report { json }, Duration::from_secs(limit));
                let stack = StackFor { data_dir, kubeconfig };
                play(&report, exit, limit, journey.as_ref().map_or(&Which::ALL, slice::from_ref), stack).await
            }
            Command::Send { send, of } => {
                let ended = send.run(&found(&of.data_dir).await?, &print).await?;
                Ok(status_of(ended != Ended::Badly))
            }
            Command::Status { status, of } => {
                print(&status.run(&found(&of.data_dir).await?).await?);
                Ok(ExitCode::SUCCESS)
            }
            Command::Retry { retry, of } => {
                let ended = retry.run(&found(&of.data_dir).await?, &print).await?;
                Ok(status_of(ended == Ended::Well))
            }
            Command::Extend { extend, of } => {
                let ended = extend.run(&found(&of.data_dir).await?, &print).await?;
                Ok(status_of(ended == Ended::Well))
            }
            Command::Config(config) => {
                print(&config.run().await?);
                Ok(ExitCode::SUCCESS)
            }
            Command::Events { events, of } => {
                let stack = found(&of.data_dir).await?;
                let listener = Listener::at(&stack).await?;
                tokio::select! {
                    told = events.run(listener, &print) => told?,
                    _ = asked_to_end() => {}
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

async fn found(data_dir: &Path) -> Result<RunningStack, Problem> {
    RunningStack::find(data_dir).await
}

/// Prints a line. Once nobody reads any more, there is nothing left to do.
fn print(line: &str) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(0);
    }
}

fn status_of(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Where the stack of a demo keeps everything, and deploys to.
struct StackFor {
    data_dir: Option<PathBuf>,
    kubeconfig: Option<PathBuf>,
}

/// Plays journeys in a stack of their own.
async fn play(
    report: &Report,
    exit: bool,
    limit: Duration,
    journeys: &[Which],
    StackFor { data_dir, kubeconfig }: StackFor,
) -> Result<ExitCode, Problem> {
    let temporary = tempfile::tempdir();
    let temporary = temporary
        .map_err(|error| Problem::new(format!("no temporary folder: {error}"), "give `--data-dir`"))?;
    let stack = start(data_dir.unwrap_or_else(|| temporary.path().to_owned()), kubeconfig).await?;
    let ok = tokio::select! {
        ok = demo::play_all(&stack, report, limit, journeys) => ok,
        _ = asked_to_end() => return stack.stop().await.map(|()| ExitCode::FAILURE),
    };
    if exit {
        stack.stop().await?;
    } else {
        report.tell(&about(&stack));
        stay(stack).await?;
    }
    Ok(status_of(ok))
}

async fn start(data_dir: PathBuf, kubeconfig: Option<PathBuf>) -> Result<Stack, Problem> {
    Stack::start(Options { data_dir, kubeconfig, duplicate_one_in: DUPLICATE_ONE_IN }).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn every_command_can_be_asked_for() {
        CommandLine::command().debug_assert();
        for line in [
            "demo --exit --json",
            "up --data-dir a",
            "send events/github/ping.json --as-recorded --limit 5 --data-dir a",
            "status --json",
            "status shop/pr-2",
            "retry shop/pr-2",
            "extend shop/pr-2 --by 4h",
            "events --json",
            "config check platform.yaml",
            "config push platform.yaml --data-dir a",
            "config push platform.yaml --url https://a.example --key env:KEY",
        ] {
            assert!(CommandLine::try_parse_from(format!("roadstead {line}").split(' ')).is_ok(), "{line}");
        }
        for line in [
            "retry",
            "retry shop",
            "extend shop/pr-2 --by soon",
            "send",
            "config push a --url https://a.example",
        ] {
            assert!(CommandLine::try_parse_from(format!("roadstead {line}").split(' ')).is_err(), "{line}");
        }
    }
}
