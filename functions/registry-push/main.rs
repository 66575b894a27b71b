//! The door for ECR's events.

use roadstead_aws::{Aws, context};
use roadstead_runtime::{door::RegistryDoor, lambda, time::SystemTime};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(RegistryDoor { notebook: context.into() })
    })
}
