//! Applies the manifests.

use roadstead_aws::{Aws, cluster_credentials::EksCredentials, context, secret::SecretsManager};
use roadstead_kubernetes::KubeClusters;
use roadstead_runtime::{
    lambda::{self, Worker},
    time::SystemTime,
};
use roadstead_steps::{functions::StepFunction, step::apply_to_eks::ApplyToEks};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let reached = settings.clusters(&SecretsManager::new(aws.clone())).await?;
        let credentials = EksCredentials::new(aws.clone(), reached.eks_names, Arc::new(SystemTime));
        let clusters = KubeClusters::new(reached.kubeconfigs)
            .with_credentials(Arc::new(credentials), Arc::new(SystemTime));
        let function = StepFunction(ApplyToEks { clusters: Arc::new(clusters) });
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(Worker { context, function })
    })
}
