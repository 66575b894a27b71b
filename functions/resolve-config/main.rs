//! Binds a generation to what its source says now, and makes the plan; undone, it is the last walk.

use roadstead_aws::{
    Aws, cluster_credentials::EksCredentials, context, dns::Route53, registry::Ecr, secret::SecretsManager,
};
use roadstead_kubernetes::KubeClusters;
use roadstead_runtime::{
    lambda::{self, Worker},
    time::SystemTime,
};
use roadstead_steps::{
    functions::StepFunction,
    step::resolve_config::{LastWalk, ResolveConfig},
};
use roadstead_web::github::{Github, Settings};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let secrets = SecretsManager::new(aws.clone());
        let app = settings.github_app(&secrets).await?;
        let app = Settings::new(app.api, app.id, app.installation, app.private_key.bytes())?;
        let host = Arc::new(Github::new(app, Arc::new(SystemTime))?);
        let reached = settings.clusters(&secrets).await?;
        let credentials = EksCredentials::new(aws.clone(), reached.eks_names, Arc::new(SystemTime));
        let clusters = KubeClusters::new(reached.kubeconfigs)
            .with_credentials(Arc::new(credentials), Arc::new(SystemTime));
        let dns = Arc::new(Route53::new(aws.clone()));
        let last_walk = LastWalk { clusters: Arc::new(clusters), dns };
        let registry = Arc::new(Ecr::new(aws.clone()));
        let function = StepFunction(ResolveConfig { host, registry, last_walk });
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(Worker { context, function })
    })
}
