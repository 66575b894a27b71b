//! provision-environment: the namespace, and what guards it.

use super::{Refused, StepWork, objects, whose};
use crate::{
    carry::{Next, Work},
    context::{Context, Invocation},
    nouns::{CallError, Cluster, Clusters, cluster::Apply},
    record,
};
use jiff::SignedDuration;
use roadstead_domain::{
    environment::Phase,
    inventory::NamespaceItem,
    name::ClusterName,
    plan::{Part, mark},
    refusal::Refusal,
    sentence,
    step::Step,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// How often a guard is tried while the cluster has not seen our new right yet.
const RIGHT_TRIES: u32 = 20;
/// How long between two of these tries.
const RIGHT_PAUSE: SignedDuration = SignedDuration::from_millis(50);
/// How long until a namespace that ends is looked at again.
const ENDING_PAUSE: SignedDuration = SignedDuration::from_secs(2);
/// How often teardown looks whether the namespace is gone before it hands over to a message.
const GONE_LOOKS: u32 = 10;
/// How long between two of these looks.
const GONE_PAUSE: SignedDuration = SignedDuration::from_millis(50);

/// Makes the namespace and what guards it.
pub struct ProvisionEnvironment {
    /// Where.
    pub clusters: Arc<dyn Clusters>,
}

#[async_trait::async_trait]
impl StepWork for ProvisionEnvironment {
    fn step(&self) -> Step {
        Step::ProvisionEnvironment
    }

    async fn carry_out(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
        let environment = &work.environment;
        let plan = record::plan(context.state.as_ref(), &environment.id, environment.carrying).await?;
        let mut ending = false;
        for part in &plan.parts {
            let provided = self.provide(context, work, &plan.namespace, part).await;
            ending |= provided.map_err(|refusal| whose(&plan, part, refusal))? == Raised::Ending;
        }
        match ending {
            true => Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: None }),
            false => Ok(Next::On),
        }
    }

    async fn undo(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
        let (mut refused, mut held) = (Refused::default(), None);
        for item in work.environment.inventory.namespaces.clone() {
            match refused.pass(remove(context, work, self.clusters.as_ref(), &item).await) {
                Some(None) => work.environment.inventory.forget_namespace(&item),
                Some(Some(held_by)) => drop(held.get_or_insert((item.name, held_by))),
                None => {}
            }
        }
        refused.end()?;
        match held {
            None => Ok(Next::On),
            Some((name, held_by)) if context.now() >= work.environment.deadline => {
                Err(Refusal::unavailable(sentence::held(&name, &held_by)))
            }
            Some((name, held_by)) => {
                let told = (!held_by.is_empty()).then(|| sentence::held(&name, &held_by));
                let phase = Phase::Closing { held_by: told };
                Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: Some(phase) })
            }
        }
    }
}

impl ProvisionEnvironment {
    /// Makes the namespace and its guards in one cluster.
    async fn provide(
        &self,
        context: &Context,
        work: &Work,
        namespace: &str,
        part: &Part,
    ) -> Result<Raised, Refusal> {
        let cluster = work.cluster(context, self.clusters.as_ref(), &part.cluster).await?;
        if raise(&cluster, namespace, part, work.environment.carrying).await? == Raised::Ending {
            return Ok(Raised::Ending);
        }
        for guard in part.guards.iter().filter(|guard| guard["kind"] != "Namespace") {
            guard_it(context, &cluster, guard).await?;
        }
        Ok(Raised::Ready)
    }
}

/// How the namespace stands.
#[derive(PartialEq)]
enum Raised {
    Ready,
    Ending,
}

/// Raises the generation of the namespace, which fences out everything older; makes the namespace if there is none.
async fn raise(
    cluster: &dyn Cluster,
    namespace: &str,
    part: &Part,
    generation: u64,
) -> Result<Raised, Refusal> {
    let Some(manifest) = part.guards.iter().find(|guard| guard["kind"] == "Namespace") else {
        return Err(Refusal::broken("the plan has no namespace"));
    };
    let reference = objects::namespace(namespace);
    let Some(existing) = cluster.get(&reference).await? else {
        cluster.apply(&reference, manifest, Apply::default()).await?;
        return Ok(Raised::Ready);
    };
    if mark::mark_of(&existing) != mark::mark_of(manifest) {
        return Err(Refusal::rejected(sentence::foreign_object("Namespace", namespace)));
    }
    if objects::is_ending(&existing) {
        return Ok(Raised::Ending);
    }
    if mark::generation_of(&existing).is_some_and(|there| there > generation) {
        return Err(Refusal::unavailable(sentence::newer_generation_there()));
    }
    let conditional = conditional(manifest.clone(), &existing);
    cluster.apply(&reference, &conditional, Apply { force: true, dry_run: false }).await?;
    Ok(Raised::Ready)
}

/// The manifest, for exactly the object that was read.
fn conditional(mut manifest: Value, existing: &Value) -> Value {
    manifest["metadata"]["uid"] = existing["metadata"]["uid"].clone();
    manifest["metadata"]["resourceVersion"] = existing["metadata"]["resourceVersion"].clone();
    manifest
}

/// Applies one guard. Our right in a new namespace takes the API server a moment to see.
async fn guard_it(context: &Context, cluster: &dyn Cluster, guard: &Value) -> Result<(), Refusal> {
    for _ in 0..RIGHT_TRIES {
        let reference = objects::reference(guard)?;
        match cluster.get(&reference).await {
            Err(CallError::Forbidden { .. }) => context.time.sleep(RIGHT_PAUSE).await,
            _ => break,
        }
    }
    objects::bring(cluster, guard, false).await.map(|_| ())
}

/// Raises the generation of what is there, so that nothing older can write any more while it is taken down.
///
/// # Errors
/// As the cluster says.
pub async fn fence(
    cluster: &dyn Cluster,
    namespace: &str,
    mark: &str,
    generation: u64,
) -> Result<(), Refusal> {
    let reference = objects::namespace(namespace);
    let Some(existing) = cluster.get(&reference).await? else { return Ok(()) };
    let older = mark::generation_of(&existing).is_none_or(|there| there < generation);
    if mark::mark_of(&existing) != Some(mark) || objects::is_ending(&existing) || !older {
        return Ok(());
    }
    let metadata = &existing["metadata"];
    let mut raised = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": { "name": namespace, "labels": metadata["labels"], "annotations": metadata["annotations"] },
    });
    raised["metadata"]["annotations"][mark::GENERATION_ANNOTATION] = json!(generation.to_string());
    let raised = conditional(raised, &existing);
    cluster.apply(&reference, &raised, Apply { force: true, dry_run: false }).await?;
    Ok(())
}

/// Deletes a namespace of ours. Answers what holds it while it is still there.
///
/// # Errors
/// As the cluster says.
pub async fn remove(
    context: &Context,
    work: &Work,
    clusters: &dyn Clusters,
    item: &NamespaceItem,
) -> Result<Option<String>, Refusal> {
    let Ok(name) = item.cluster.parse::<ClusterName>() else { return Ok(None) };
    let cluster = work.cluster(context, clusters, &name).await?;
    let reference = objects::namespace(&item.name);
    let mark = work.environment.mark.as_str();
    for _ in 0..GONE_LOOKS {
        let Some(existing) = cluster.get(&reference).await? else { return Ok(None) };
        if mark::mark_of(&existing) != Some(mark) {
            return Ok(None);
        }
        if !objects::is_ending(&existing) {
            cluster.delete(&reference, &objects::exactly(&existing)).await?;
            continue;
        }
        context.time.sleep(GONE_PAUSE).await;
    }
    let existing = cluster.get(&reference).await?;
    Ok(existing.map(|namespace| held_by(&namespace)))
}

/// What holds a namespace that ends, in the words of its own conditions.
fn held_by(namespace: &Value) -> String {
    let conditions = namespace["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let holding = conditions.iter().filter(|condition| {
        condition["status"] == "True"
            && matches!(
                condition["type"].as_str(),
                Some(
                    "NamespaceContentRemaining"
                        | "NamespaceFinalizersRemaining"
                        | "NamespaceDeletionContentFailure"
                )
            )
    });
    holding.filter_map(|condition| condition["message"].as_str()).collect::<Vec<_>>().join("; ")
}
