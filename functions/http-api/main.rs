//! The door for CI systems: what they have built, and what came of it.

use roadstead_aws::{Aws, context, secret::SecretsManager};
use roadstead_runtime::{
    door::{HttpApi, ImagesDoor},
    lambda,
    time::SystemTime,
};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::from_environment();
        let keys = settings.image_keys(&SecretsManager::new(aws.clone())).await?;
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(HttpApi { images: ImagesDoor { notebook: context.into(), keys } })
    })
}
