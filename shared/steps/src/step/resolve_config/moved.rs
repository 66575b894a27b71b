//! An environment does not move to another namespace: what lives in the one before would be left there.

use super::ResolveConfig;
use crate::{carry::Work, context::Context, nouns::Cluster as _, step::objects};
use roadstead_domain::{inventory::NamespaceItem, plan::Plan, plan::mark, refusal::Refusal, sentence};

impl ResolveConfig {
    /// Refuses a plan for another namespace than the one that the environment lives in. One that never became ours (it was
    /// somebody else's, say) is forgotten instead; should a late call still make it, the last walk finds it by its mark.
    pub(super) async fn check_place(
        &self,
        context: &Context,
        work: &mut Work,
        plan: &Plan,
    ) -> Result<(), Refusal> {
        let elsewhere = |item: &&NamespaceItem| {
            item.name != plan.namespace && plan.inventory.clusters.contains(&item.cluster)
        };
        let namespaces = &work.environment.inventory.namespaces;
        for item in namespaces.iter().filter(elsewhere).cloned().collect::<Vec<_>>() {
            let cluster = work.cluster(context, self.last_walk.clusters.as_ref(), &item.cluster).await?;
            let there = cluster.get(&objects::namespace(&item.name)).await?;
            if there.as_ref().and_then(mark::mark_of) == Some(work.environment.mark.as_str()) {
                let told = sentence::lives_elsewhere(&work.environment.id, &item.name, &plan.namespace);
                return Err(Refusal::rejected(told));
            }
            work.environment.inventory.forget_namespace(&item);
        }
        Ok(())
    }
}
