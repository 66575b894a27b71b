//! Tells people, in one place each.

use roadstead_aws::{Aws, context, secret::SecretsManager};
use roadstead_runtime::{
    lambda::{self, Worker},
    time::SystemTime,
};
use roadstead_steps::announce::Announce;
use roadstead_web::github::{Github, Settings};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::from_environment();
        let app = settings.github_app(&SecretsManager::new(aws.clone())).await?;
        let app = Settings::new(app.api, app.id, app.installation, app.private_key.pem())?;
        let host = Arc::new(Github::new(app, Arc::new(SystemTime))?);
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(Worker { context, function: Announce::new(host, None) })
    })
}
