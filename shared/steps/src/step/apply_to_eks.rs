//! apply-to-eks: the manifests, and nothing else.

use super::{StepWork, objects, provision_environment::fence};
use crate::{
    carry::{Next, Work},
    context::{Context, Invocation},
    nouns::{
        Cluster, Clusters,
        cluster::{Kind, Reference},
    },
    record,
};
use jiff::SignedDuration;
use roadstead_domain::{
    actor::Verb,
    environment::Environment,
    inventory::{Inventory, ObjectItem},
    name::ClusterName,
    plan::{
        Plan, mark,
        rules::{KINDS, RenderedKind},
    },
    platform::authorise,
    refusal::Refusal,
    sentence,
    step::Step,
};
use std::{collections::BTreeSet, sync::Arc};

/// How long until objects that end are looked at again.
const ENDING_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Applies the manifests and prunes what is not among them.
pub struct ApplyToEks {
    /// Where.
    pub clusters: Arc<dyn Clusters>,
}

#[async_trait::async_trait]
impl StepWork for ApplyToEks {
    fn step(&self) -> Step {
        Step::ApplyToEks
    }

    async fn carry_out(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
        let environment = &work.environment;
        let plan = record::plan(context.state.as_ref(), &environment.id, environment.carrying).await?;
        check_scope(&plan)?;
        let may_recreate = check_right(context, environment).await?;
        let cluster = work.cluster(context, self.clusters.as_ref(), &plan.cluster).await?;
        check_fence(&cluster, &plan, environment.carrying).await?;
        for manifest in &plan.manifests {
            objects::bring(&cluster, manifest, may_recreate).await?;
        }
        prune(&cluster, &plan, &environment.mark, environment.carrying).await?;
        narrow(&mut work.environment.inventory, &plan);
        Ok(Next::On)
    }

    async fn undo(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
        let mark = work.environment.mark.clone();
        let mut ending = false;
        for namespace in work.environment.inventory.namespaces.clone() {
            let Ok(name) = namespace.cluster.parse::<ClusterName>() else { continue };
            let cluster = work.cluster(context, self.clusters.as_ref(), &name).await?;
            fence(&cluster, &namespace.name, &mark, work.environment.carrying).await?;
            let inventory = &mut work.environment.inventory;
            for item in inventory.objects.clone() {
                let Some(reference) = removable(&item).filter(|_| item.namespace == namespace.name) else {
                    continue;
                };
                match objects::remove(&cluster, &reference, &mark).await? {
                    true => drop(inventory.objects.remove(&item)),
                    false => ending = true,
                }
            }
        }
        match ending {
            true => Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: None }),
            false => Ok(Next::On),
        }
    }
}

/// Every manifest is of a kind that is rendered, and in the namespace of the plan: checked before the first write.
fn check_scope(plan: &Plan) -> Result<(), Refusal> {
    for manifest in &plan.manifests {
        let reference = objects::reference(manifest)?;
        if reference.namespace.as_deref() != Some(plan.namespace.as_str()) {
            return Err(Refusal::rejected(sentence::outside_namespace(
                &reference.kind.kind,
                &reference.name,
            )));
        }
    }
    Ok(())
}

/// Checks the actor's right again, against the configuration in force; answers whether the type lets objects be recreated.
async fn check_right(context: &Context, environment: &Environment) -> Result<bool, Refusal> {
    let (_, platform) = record::current_platform(context.state.as_ref()).await?;
    let cause = &environment.cause;
    let allowed =
        authorise(&platform, &cause.actor, Verb::Deploy, &environment.id.application, &environment.kind);
    if !allowed {
        return Err(Refusal::rejected(sentence::may_not(&cause.actor, Verb::Deploy, &environment.id)));
    }
    Ok(platform.types.get(&environment.kind).is_some_and(|kind| kind.may_recreate))
}

/// The namespace is ours and of this generation: a newer one has not taken over.
async fn check_fence(cluster: &dyn Cluster, plan: &Plan, generation: u64) -> Result<(), Refusal> {
    let namespace = cluster.get(&objects::namespace(&plan.namespace)).await?;
    match namespace.as_ref().and_then(mark::generation_of) {
        Some(there) if there == generation => Ok(()),
        _ => Err(Refusal::unavailable(sentence::newer_generation_there())),
    }
}

/// The kinds that manifests are of: guards stay for as long as the namespace.
fn pruned_kinds(plan: &Plan) -> impl Iterator<Item = &'static RenderedKind> {
    let guards: BTreeSet<_> =
        plan.guards.iter().filter_map(|guard| guard["kind"].as_str().map(str::to_owned)).collect();
    KINDS.iter().filter(move |kind| kind.namespaced && !guards.contains(kind.kind))
}

/// Deletes what carries our mark, is not in the plan and is older than it: found by its mark, whatever the inventory says.
/// A deletion cannot be fenced by its generation, so it names the very version that was listed.
async fn prune(cluster: &dyn Cluster, plan: &Plan, mark: &str, generation: u64) -> Result<(), Refusal> {
    let planned: BTreeSet<_> = plan
        .manifests
        .iter()
        .map(|manifest| {
            (manifest["kind"].as_str().unwrap_or_default(), objects::name_of(manifest).unwrap_or_default())
        })
        .collect();
    let label = format!("{}={}", mark::MANAGED_BY_LABEL, mark::MANAGER);
    for rendered in pruned_kinds(plan) {
        let kind = objects::kind_of(rendered);
        for found in cluster.list(&kind, Some(&plan.namespace), &label).await? {
            let name = objects::name_of(&found).unwrap_or_default();
            let ours = mark::mark_of(&found) == Some(mark) && !objects::is_ending(&found);
            let older = mark::generation_of(&found).is_some_and(|there| there < generation);
            if ours && older && !planned.contains(&(rendered.kind, name)) {
                let reference = reference(kind.clone(), &plan.namespace, name);
                cluster.delete(&reference, &objects::exactly(&found)).await?;
            }
        }
    }
    Ok(())
}

fn reference(kind: Kind, namespace: &str, name: &str) -> Reference {
    Reference { kind, namespace: Some(namespace.to_owned()), name: name.to_owned() }
}

/// After the last write the inventory of objects is exactly the plan's.
fn narrow(inventory: &mut Inventory, plan: &Plan) {
    inventory.objects.clone_from(&plan.inventory.objects);
}

/// What undo deletes one by one. The binding of our right goes with the namespace, and so do the other guards.
fn removable(item: &ObjectItem) -> Option<Reference> {
    let guards =
        ["RoleBinding", "ResourceQuota", "LimitRange", "NetworkPolicy", "ServiceAccount", "Namespace"];
    let rendered =
        KINDS.iter().find(|kind| kind.kind == item.kind && kind.api_version == item.api_version)?;
    let removable = rendered.namespaced && !guards.contains(&rendered.kind);
    removable.then(|| reference(objects::kind_of(rendered), &item.namespace, &item.name))
}
