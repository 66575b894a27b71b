//! The clock: sends a message for every row that is due.

use roadstead_aws::{Aws, context};
use roadstead_runtime::{
    lambda::{self, Clock},
    time::SystemTime,
};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        Ok(Clock(context(&aws, settings.table, settings.queues, Arc::new(SystemTime))))
    })
}
