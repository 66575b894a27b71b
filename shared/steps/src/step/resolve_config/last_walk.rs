//! The end of teardown: the inventory and the marks are walked once more, and nothing must be left that could still come.

use crate::{
    carry::{Next, Work},
    context::Context,
    nouns::{Cluster as _, Clusters, Dns},
    step::{LATE_MARGIN, create_dns, objects, site::Site},
};
use roadstead_domain::{
    environment::{Environment, Phase},
    inventory::{Inventory, NamespaceItem},
    plan::mark,
    refusal::Refusal,
    step::Stage,
};
use std::sync::Arc;

/// Looks for what is left.
pub struct LastWalk {
    /// Where namespaces may be left.
    pub clusters: Arc<dyn Clusters>,
    /// Where records may be left.
    pub dns: Arc<dyn Dns>,
}

impl LastWalk {
    /// Walks once more. Whatever is found goes the whole way again.
    pub(super) async fn undo(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let left = self.left(context, work).await?;
        if !left.is_empty() {
            work.environment.inventory.widen(&left);
            return Ok(Next::Turn(Stage::FIRST_UNDO));
        }
        let late = self.late_until(context, &work.environment).await?;
        if let Some(until) = late.map(|late| late + LATE_MARGIN).filter(|until| *until > context.now()) {
            return Ok(Next::Wait { until, phase: Some(Phase::Settling) });
        }
        Ok(Next::Gone)
    }

    /// A generation that applies nothing fences out those before it all the same, and waits until none of their calls can
    /// come any more, before it says that it failed.
    pub(super) async fn stand_still(
        &self,
        context: &Context,
        work: &Work,
        refusal: Refusal,
    ) -> Result<Next, Refusal> {
        let environment = &work.environment;
        for namespace in &environment.inventory.namespaces {
            let cluster = work.cluster(context, self.clusters.as_ref(), &namespace.cluster).await?;
            Site { cluster: &cluster, environment, namespace }.fence().await?;
        }
        match environment.late_until.map(|late| late + LATE_MARGIN).filter(|until| *until > context.now()) {
            Some(until) => Ok(Next::Wait { until, phase: None }),
            None => Ok(Next::Failed(refusal)),
        }
    }

    /// What of the environment is still outside, by inventory and by marks.
    async fn left(&self, context: &Context, work: &Work) -> Result<Inventory, Refusal> {
        let environment = &work.environment;
        let mut left = Inventory::default();
        let label = format!("{}={}", mark::ENVIRONMENT_LABEL, environment.outside_name);
        for name in &environment.inventory.clusters {
            let cluster = work.cluster(context, self.clusters.as_ref(), name).await?;
            for namespace in cluster.list(&objects::namespaces(), None, &label).await? {
                if let (Some(found), Some(name_of)) =
                    (mark::mark_of(&namespace), objects::name_of(&namespace))
                    && found == environment.mark
                {
                    left.namespaces.insert(NamespaceItem { cluster: name.clone(), name: name_of.to_owned() });
                }
            }
        }
        let records = create_dns::ours(self.dns.as_ref(), &environment.inventory.records, &environment.mark);
        left.records.extend(records.await?);
        Ok(left)
    }

    /// The latest moment at which a call that was given up may have its effect.
    async fn late_until(
        &self,
        context: &Context,
        environment: &Environment,
    ) -> Result<Option<jiff::Timestamp>, Refusal> {
        let mut late = environment.late_until;
        for zone in environment.inventory.zones() {
            late = late.max(create_dns::zone_late_until(context, &zone).await?);
        }
        Ok(late)
    }
}
