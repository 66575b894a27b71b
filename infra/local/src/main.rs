//! The command line.

use clap::Parser as _;
use roadstead::command::CommandLine;
use std::process::ExitCode;

fn main() -> ExitCode {
    CommandLine::parse().run()
}
