//! Decides who is concerned by what came in.

use roadstead_aws::{Aws, context, registry::Ecr, secret::SecretsManager};
use roadstead_runtime::{
    lambda::{self, Worker},
    time::SystemTime,
};
use roadstead_steps::accept_trigger::AcceptTrigger;
use roadstead_web::github::{Github, Settings};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let app = settings.github_app(&SecretsManager::new(aws.clone())).await?;
        let app = Settings::new(app.api, app.id, app.installation, app.private_key.bytes())?;
        let host = Arc::new(Github::new(app, Arc::new(SystemTime))?);
        let function = AcceptTrigger { host, registry: Arc::new(Ecr::new(aws.clone())) };
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(Worker { context, function })
    })
}
