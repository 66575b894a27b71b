//! The door for Slack's slash commands.

use roadstead_aws::{Aws, context, secret::SecretsManager};
use roadstead_runtime::{door::SlackDoor, lambda, time::SystemTime};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let workspace = settings.slack_workspace(&SecretsManager::new(aws.clone())).await?;
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(SlackDoor { notebook: context.into(), workspace })
    })
}
