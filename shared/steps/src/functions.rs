//! The functions beside the doors: which messages each carries out.

use crate::{
    accept_trigger::AcceptTrigger,
    announce::Announce,
    carry::carry,
    context::{Context, Handled, Invocation},
    nouns::{Chat, Clusters, Dns, GitHost, Registry},
    step::{
        StepWork,
        apply_to_eks::ApplyToEks,
        create_dns::{self, CreateDns},
        provision_environment::ProvisionEnvironment,
        resolve_config::{LastWalk, ResolveConfig},
        verify_rollout::VerifyRollout,
    },
};
use roadstead_domain::{
    message::{Destination, Message},
    refusal::Refusal,
    step::{Stage, Step},
};
use std::sync::Arc;

/// A function that is sent messages. Each has its own queue, its own rights and its own process.
#[async_trait::async_trait]
pub trait Function: Send + Sync {
    /// Carries out one message.
    ///
    /// # Errors
    /// When the message is to be delivered again.
    async fn handle(&self, context: &Context, message: &Message, invocation: &Invocation) -> Handled;
}

#[async_trait::async_trait]
impl Function for AcceptTrigger {
    async fn handle(&self, context: &Context, message: &Message, _: &Invocation) -> Handled {
        match message {
            Message::Trigger { key } => self.accept(context, key).await,
            Message::Repository { key } => self.look_at_repository(context, key).await,
            Message::Deliveries { host } => self.look_at_deliveries(context, *host).await,
            other => Err(not_here(other)),
        }
    }
}

#[async_trait::async_trait]
impl Function for Announce {
    async fn handle(&self, context: &Context, message: &Message, invocation: &Invocation) -> Handled {
        match message {
            Message::Announcement { announcement } => self.announce(context, announcement, invocation).await,
            other => Err(not_here(other)),
        }
    }
}

/// A step as a function: it carries out and undoes.
pub struct StepFunction<Work>(pub Work);

#[async_trait::async_trait]
impl<Work: StepWork> Function for StepFunction<Work> {
    async fn handle(&self, context: &Context, message: &Message, invocation: &Invocation) -> Handled {
        match message {
            Message::Stage { environment, generation, stage } if stage.step == self.0.step() => {
                carry(context, &self.0, environment, *generation, *stage, invocation).await
            }
            other => Err(not_here(other)),
        }
    }
}

/// create-dns as a function: besides its step, it sends what waits in a zone.
pub struct DnsFunction(pub StepFunction<CreateDns>);

#[async_trait::async_trait]
impl Function for DnsFunction {
    async fn handle(&self, context: &Context, message: &Message, invocation: &Invocation) -> Handled {
        let DnsFunction(StepFunction(CreateDns { dns })) = self;
        match message {
            Message::Zone { zone } => {
                create_dns::zone::send_waiting(context, dns.as_ref(), zone, invocation).await
            }
            other => self.0.handle(context, other, invocation).await,
        }
    }
}

fn not_here(message: &Message) -> Refusal {
    Refusal::broken(format!("a message for {} came to another function", message.destination()))
}

/// All functions in one: what a single process runs, and the simulation.
pub struct Functions {
    context: Context,
    accept_trigger: AcceptTrigger,
    announce: Announce,
    resolve_config: StepFunction<ResolveConfig>,
    provision_environment: StepFunction<ProvisionEnvironment>,
    apply_to_eks: StepFunction<ApplyToEks>,
    create_dns: DnsFunction,
    verify_rollout: StepFunction<VerifyRollout>,
}

/// Everything outside that the functions together talk to.
#[derive(Clone)]
pub struct Outside {
    /// The Git host.
    pub host: Arc<dyn GitHost>,
    /// The chat platform, where one is set up.
    pub chat: Option<Arc<dyn Chat>>,
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
        let Outside { host, chat, registry, dns, clusters } = outside.clone();
        let last_walk = LastWalk { clusters: clusters.clone(), dns: dns.clone() };
        Self {
            context,
            accept_trigger: AcceptTrigger { host: host.clone(), registry: registry.clone() },
            announce: Announce::new(host.clone(), chat),
            resolve_config: StepFunction(ResolveConfig { host, registry, last_walk }),
            provision_environment: StepFunction(ProvisionEnvironment { clusters: clusters.clone() }),
            apply_to_eks: StepFunction(ApplyToEks { clusters: clusters.clone() }),
            create_dns: DnsFunction(StepFunction(CreateDns { dns })),
            verify_rollout: StepFunction(VerifyRollout { clusters }),
        }
    }

    /// Carries out one message.
    ///
    /// # Errors
    /// When the message is to be delivered again.
    pub async fn handle(&self, message: &Message, invocation: &Invocation) -> Handled {
        self.function(message.destination()).handle(&self.context, message, invocation).await
    }

    fn function(&self, destination: Destination) -> &dyn Function {
        match destination {
            Destination::AcceptTrigger => &self.accept_trigger,
            Destination::Announce => &self.announce,
            Destination::Stage(Stage { step, .. }) => match step {
                Step::ResolveConfig => &self.resolve_config,
                Step::ProvisionEnvironment => &self.provision_environment,
                Step::ApplyToEks => &self.apply_to_eks,
                Step::CreateDns => &self.create_dns,
                Step::VerifyRollout => &self.verify_rollout,
            },
        }
    }
}
