//! apply-to-eks: the manifests, and nothing else.

use super::{
    Refused, StepWork,
    adoption::{self, Takeover},
    objects,
    provision_environment::fence,
    whose,
};
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
    inventory::{Inventory, NamespaceItem, ObjectItem},
    name::ClusterName,
    plan::{
        Part, Plan, mark,
        rules::{KINDS, RenderedKind},
    },
    platform::{Platform, authorise},
    refusal::Refusal,
    sentence,
    step::{Direction, Stage, Step},
};
use std::{collections::BTreeSet, sync::Arc};

/// How long until objects that end are looked at again.
const ENDING_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Where what people agree to is asked.
const PROVISION: Stage = Stage { step: Step::ProvisionEnvironment, direction: Direction::Forward };

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
        for part in &plan.parts {
            let applied = self.apply(context, work, &plan.namespace, part, may_recreate).await;
            if !applied.map_err(|refusal| whose(&plan, part, refusal))? {
                return Ok(Next::Turn(PROVISION));
            }
        }
        narrow(&mut work.environment.inventory, &plan);
        Ok(Next::On)
    }

    async fn undo(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
        let (mut refused, mut ending) = (Refused::default(), false);
        for namespace in work.environment.inventory.namespaces.clone() {
            let emptied = empty(context, work, self.clusters.as_ref(), &namespace).await;
            ending |= refused.pass(emptied) == Some(Emptied::Ending);
        }
        refused.end()?;
        match ending {
            true => Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: None }),
            false => Ok(Next::On),
        }
    }
}

impl ApplyToEks {
    /// Applies the manifests in one cluster, and prunes there. Answers whether what it took over was as people agreed to.
    async fn apply(
        &self,
        context: &Context,
        work: &Work,
        namespace: &str,
        part: &Part,
        may_recreate: bool,
    ) -> Result<bool, Refusal> {
        let environment = &work.environment;
        let cluster = work.cluster(context, self.clusters.as_ref(), &part.cluster).await?;
        let item = NamespaceItem { cluster: part.cluster.to_string(), name: namespace.to_owned() };
        let there = Place { cluster: &cluster, namespace: &item, environment };
        there.check_fence().await?;
        let takeover = Takeover { cluster: &cluster, namespace: &item, environment, may_recreate };
        let adopts = environment.inventory.adopted_namespace(&item).is_some();
        for manifest in &part.manifests {
            if adopts && !takeover.take(manifest).await? {
                return Ok(false);
            }
            objects::bring(&cluster, manifest, may_recreate).await?;
        }
        there.prune(part).await.map(|()| true)
    }
}

/// How a namespace stands whose objects are deleted.
#[derive(Debug, PartialEq, Eq)]
pub enum Emptied {
    /// They are gone.
    Empty,
    /// Some are on their way out.
    Ending,
}

/// Deletes what the inventory has in a namespace, or gives it back, once nothing older can write there any more.
///
/// # Errors
/// As the cluster says.
pub async fn empty(
    context: &Context,
    work: &mut Work,
    clusters: &dyn Clusters,
    namespace: &NamespaceItem,
) -> Result<Emptied, Refusal> {
    let mut emptied = Emptied::Empty;
    let Ok(name) = namespace.cluster.parse::<ClusterName>() else { return Ok(emptied) };
    let cluster = work.cluster(context, clusters, &name).await?;
    let environment = &work.environment;
    fence(&cluster, &namespace.name, &environment.mark, environment.carrying).await?;
    adoption::bring_right(&cluster, environment, namespace).await?;
    let inside = |item: &ObjectItem| item.cluster == namespace.cluster && item.namespace == namespace.name;
    for item in work.environment.inventory.objects.clone() {
        let Some(reference) = removable(&item).filter(|_| inside(&item)) else { continue };
        match adoption::give_up(&cluster, &reference, &work.environment, namespace).await? {
            true => drop(work.environment.inventory.objects.remove(&item)),
            false => emptied = Emptied::Ending,
        }
    }
    Ok(emptied)
}

/// Every manifest is of a kind that is rendered, and in the namespace of the plan: checked before the first write.
fn check_scope(plan: &Plan) -> Result<(), Refusal> {
    for manifest in plan.parts.iter().flat_map(|part| &part.manifests) {
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
    Ok(recreates(&platform, environment))
}

fn recreates(platform: &Platform, environment: &Environment) -> bool {
    platform.types.get(&environment.kind).is_some_and(|kind| kind.may_recreate)
}

/// Whether the type, by the configuration in force, lets objects be recreated.
///
/// # Errors
/// As the table says.
pub(super) async fn may_recreate(context: &Context, environment: &Environment) -> Result<bool, Refusal> {
    let (_, platform) = record::current_platform(context.state.as_ref()).await?;
    Ok(recreates(&platform, environment))
}

/// The kinds that manifests are of: guards stay for as long as the namespace.
fn pruned_kinds(part: &Part) -> impl Iterator<Item = &'static RenderedKind> {
    let guards: BTreeSet<_> =
        part.guards.iter().filter_map(|guard| guard["kind"].as_str().map(str::to_owned)).collect();
    KINDS.iter().filter(move |kind| kind.namespaced && !guards.contains(kind.kind))
}

/// Where a generation is applied.
struct Place<'a> {
    cluster: &'a dyn Cluster,
    namespace: &'a NamespaceItem,
    environment: &'a Environment,
}

impl Place<'_> {
    /// The namespace is ours and of this generation: a newer one has not taken over.
    async fn check_fence(&self) -> Result<(), Refusal> {
        let namespace = self.cluster.get(&objects::namespace(&self.namespace.name)).await?;
        match namespace.as_ref().and_then(mark::generation_of) {
            Some(there) if there == self.environment.carrying => Ok(()),
            _ => Err(Refusal::unavailable(sentence::newer_generation_there())),
        }
    }

    /// Deletes what carries our mark, is not in the plan and is older than it: found by its mark, whatever the inventory
    /// says. A deletion cannot be fenced by its generation, so it names the very version that was listed. What was there before
    /// us is given back.
    async fn prune(&self, part: &Part) -> Result<(), Refusal> {
        let Environment { mark, carrying, inventory, .. } = self.environment;
        let planned: BTreeSet<_> = part
            .manifests
            .iter()
            .map(|manifest| {
                (
                    manifest["kind"].as_str().unwrap_or_default(),
                    objects::name_of(manifest).unwrap_or_default(),
                )
            })
            .collect();
        let label = adoption::label_in(inventory, self.namespace);
        for rendered in pruned_kinds(part) {
            let kind = objects::kind_of(rendered);
            for found in self.cluster.list(&kind, Some(&self.namespace.name), &label).await? {
                let name = objects::name_of(&found).unwrap_or_default();
                let ours = mark::mark_of(&found) == Some(mark.as_str()) && !objects::is_ending(&found);
                let older = mark::generation_of(&found).is_some_and(|there| there < *carrying);
                if ours && older && !planned.contains(&(rendered.kind, name)) {
                    let reference = reference(kind.clone(), &self.namespace.name, name);
                    if adoption::is_given_back(inventory, self.namespace, rendered.kind, &found) {
                        adoption::release(self.cluster, &reference, mark, *carrying).await?;
                        continue;
                    }
                    self.cluster.delete(&reference, &objects::exactly(&found)).await?;
                }
            }
        }
        Ok(())
    }
}

fn reference(kind: Kind, namespace: &str, name: &str) -> Reference {
    Reference { kind, namespace: Some(namespace.to_owned()), name: name.to_owned() }
}

/// After the last write the inventory of objects is exactly the plan's, but for clusters that the type no longer has.
fn narrow(inventory: &mut Inventory, plan: &Plan) {
    inventory.objects.retain(|item| !plan.inventory.clusters.contains(&item.cluster));
    inventory.objects.extend(plan.inventory.objects.iter().cloned());
    let planned: BTreeSet<_> = plan.inventory.objects.iter().map(|item| (&item.kind, &item.name)).collect();
    inventory.adopted.retain(|item| {
        let stays = item.kind == "Namespace" || planned.contains(&(&item.kind, &item.name));
        stays || !plan.inventory.clusters.contains(&item.namespace.cluster)
    });
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
