//! The doors for CI systems and platform engineers: what was built, what environments are made of, and what came of it.

use roadstead_aws::{Aws, context, secret::SecretsManager};
use roadstead_runtime::{
    door::{ConfigurationsDoor, HttpApi, ImagesDoor, Notebook},
    lambda,
    time::SystemTime,
};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let secrets = SecretsManager::new(aws.clone());
        let (pipelines, engineers) =
            (settings.image_keys(&secrets).await?, settings.configuration_keys(&secrets).await?);
        let notebook = Notebook::from(context(&aws, settings.table, settings.queues, Arc::new(SystemTime)));
        Ok(HttpApi {
            images: ImagesDoor { notebook: notebook.clone(), keys: pipelines },
            configurations: ConfigurationsDoor { notebook, keys: engineers },
        })
    })
}
