//! The door for GitHub's webhooks.

use roadstead_aws::{Aws, context, secret::SecretsManager};
use roadstead_runtime::{door::GithubDoor, lambda, time::SystemTime};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let hooks = settings.github_hooks(&SecretsManager::new(aws.clone())).await?;
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(GithubDoor { notebook: context.into(), hooks })
    })
}
