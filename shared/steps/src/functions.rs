//! The functions beside the doors: which message each carries out.

use crate::{
    accept_trigger::AcceptTrigger,
    announce::Announce,
    carry::carry,
    context::{Context, Handled, Invocation},
    nouns::{Clusters, Dns, GitHost, Registry},
    step::{
        StepWork,
        apply_to_eks::ApplyToEks,
        create_dns::{self, CreateDns},
        provision_environment::ProvisionEnvironment,
        resolve_config::{LastWalk, ResolveConfig},
        verify_rollout::VerifyRollout,
    },
};
use roadstead_domain::{message::Message, step::Step};
use std::sync::Arc;

/// All functions in one: what a single process runs, and the simulation.
pub struct Functions {
    context: Context,
    accept_trigger: AcceptTrigger,
    announce: Announce,
    resolve_config: ResolveConfig,
    provision_environment: ProvisionEnvironment,
    apply_to_eks: ApplyToEks,
    create_dns: CreateDns,
    verify_rollout: VerifyRollout,
}

/// Everything outside that the functions together talk to.
#[derive(Clone)]
pub struct Outside {
    /// The Git host.
    pub host: Arc<dyn GitHost>,
    /// The registries.
    pub registry: Arc<dyn Registry>,
    /// The hosted zones.
    pub dns: Arc<dyn Dns>,
    /// The clusters.
    pub clusters: Arc<dyn Clusters>,
}

impl Functions {
    /// Wires every function with the nouns that it needs, and no others.
    pub fn new(context: Context, outside: &Outside) -> Self {
        let Outside { host, registry, dns, clusters } = outside.clone();
        let last_walk = LastWalk { clusters: clusters.clone(), dns: dns.clone() };
        Self {
            context,
            accept_trigger: AcceptTrigger { host: host.clone(), registry: registry.clone() },
            announce: Announce { host: host.clone() },
            resolve_config: ResolveConfig { host, registry, last_walk },
            provision_environment: ProvisionEnvironment { clusters: clusters.clone() },
            apply_to_eks: ApplyToEks { clusters: clusters.clone() },
            create_dns: CreateDns { dns: dns.clone() },
            verify_rollout: VerifyRollout { clusters, dns },
        }
    }

    /// Carries out one message.
    ///
    /// # Errors
    /// When the message is to be delivered again.
    pub async fn handle(&self, message: &Message, invocation: &Invocation) -> Handled {
        match message {
            Message::Trigger { key } => self.accept_trigger.accept(&self.context, key).await,
            Message::Repository { key } => self.accept_trigger.look_at_repository(&self.context, key).await,
            Message::Announcement { announcement } => {
                self.announce.announce(&self.context, announcement, invocation).await
            }
            Message::Zone { zone } => {
                create_dns::zone::send_waiting(&self.context, self.create_dns.dns.as_ref(), zone, invocation)
                    .await
            }
            Message::Stage { environment, generation, stage } => {
                carry(&self.context, self.step(stage.step), environment, *generation, *stage, invocation)
                    .await
            }
        }
    }

    fn step(&self, step: Step) -> &dyn StepWork {
        match step {
            Step::ResolveConfig => &self.resolve_config,
            Step::ProvisionEnvironment => &self.provision_environment,
            Step::ApplyToEks => &self.apply_to_eks,
            Step::CreateDns => &self.create_dns,
            Step::VerifyRollout => &self.verify_rollout,
        }
    }
}
