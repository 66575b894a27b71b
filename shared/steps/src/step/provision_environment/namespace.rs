//! A namespace: made or taken over, raised to a generation, and taken away or given back.

use crate::{
    carry::Work,
    context::Context,
    nouns::{
        Cluster, Clusters,
        cluster::{Apply, Reference},
    },
    step::{adoption, objects},
};
use jiff::SignedDuration;
use roadstead_domain::{
    environment::Environment,
    inventory::NamespaceItem,
    name::ClusterName,
    plan::{Part, mark},
    refusal::Refusal,
    sentence,
};
use serde_json::{Value, json};

/// How often teardown looks whether the namespace is gone before it hands over to a message.
const GONE_LOOKS: u32 = 10;
/// How long between two of these looks.
const GONE_PAUSE: SignedDuration = SignedDuration::from_millis(50);

/// How the namespace stands.
pub(super) enum Raised {
    /// It is ours, and of this generation.
    Ready,
    /// It is on its way out.
    Ending,
    /// It was there before us, and people have not agreed to what taking it over changes now: it is new to the inventory, or lost
    /// our mark, or is not as they agreed any more. Nothing was done.
    Unagreed,
    /// It was there before us, as the inventory knows, and is not any more: the next one is ours. Nothing was done.
    Vanished,
}

/// A namespace that is to be of the generation that is carried out.
pub(super) struct Raising<'a> {
    pub(super) cluster: &'a dyn Cluster,
    pub(super) environment: &'a Environment,
    pub(super) namespace: &'a NamespaceItem,
}

impl Raising<'_> {
    /// Raises the generation of the namespace, which fences out everything older; makes the namespace if there is none.
    pub(super) async fn raise(&self, part: &Part) -> Result<Raised, Refusal> {
        let Some(manifest) = part.guards.iter().find(|guard| guard["kind"] == "Namespace") else {
            return Err(Refusal::broken("the plan has no namespace"));
        };
        let reference = objects::namespace(&self.namespace.name);
        let noted = self.environment.inventory.adopted_namespace(self.namespace);
        let Some(existing) = self.cluster.get(&reference).await? else {
            if noted.is_some() {
                return Ok(Raised::Vanished);
            }
            self.cluster.apply(&reference, manifest, Apply::default()).await?;
            return Ok(Raised::Ready);
        };
        self.check_owner(&existing)?;
        if objects::is_ending(&existing) {
            return Ok(Raised::Ending);
        }
        let agreed = noted.is_none_or(|noted| noted.agreed.is_some());
        if agreed && !self.is_agreed(manifest, &existing).await? {
            return Ok(Raised::Unagreed);
        }
        self.write(&reference, manifest, &existing, agreed).await.map(|()| Raised::Ready)
    }

    /// Whether a namespace may be written whole: it is ours already, or writing it changes exactly what people agreed to.
    async fn is_agreed(&self, manifest: &Value, existing: &Value) -> Result<bool, Refusal> {
        if mark::mark_of(existing).is_none() {
            return Ok(false);
        }
        let noted = self.environment.inventory.adopted_namespace(self.namespace);
        let Some(noted) = noted.filter(|_| !is_whole(manifest, existing)) else { return Ok(true) };
        let difference = adoption::of_namespace(self.cluster, existing, manifest).await?;
        Ok(noted.agreed.as_ref() == Some(&difference.digest))
    }

    /// A namespace is ours, or one that people let us take over.
    fn check_owner(&self, existing: &Value) -> Result<(), Refusal> {
        let (mark, name) = (self.environment.mark.as_str(), self.namespace.name.as_str());
        let adopter = mark::adopter_of(existing);
        match mark::mark_of(existing) {
            Some(owner) if owner == mark => {}
            None if adopter == Some(mark) => {}
            None if *name != self.environment.outside_name => {
                return Err(Refusal::rejected(sentence::foreign_namespace(name, adopter, mark)));
            }
            _ => return Err(Refusal::rejected(sentence::foreign_object("Namespace", name))),
        }
        match mark::generation_of(existing).is_some_and(|there| there > self.environment.carrying) {
            true => Err(Refusal::unavailable(sentence::newer_generation_there())),
            false => Ok(()),
        }
    }

    /// Writes the manifest; before people agreed to it, our marks alone.
    async fn write(
        &self,
        reference: &Reference,
        manifest: &Value,
        existing: &Value,
        agreed: bool,
    ) -> Result<(), Refusal> {
        let mut wanted = match agreed {
            true => manifest.clone(),
            false => {
                let mut marked = adoption::signed(adoption::all_of(existing), manifest);
                mark::leave_incarnation(&mut marked);
                marked
            }
        };
        if mark::adopter_of(existing) == Some(self.environment.mark.as_str()) {
            mark::let_adopt(&mut wanted, &self.environment.mark);
        }
        let wanted = objects::as_read(wanted, existing);
        self.cluster.apply(reference, &wanted, Apply { force: true, dry_run: false }).await?;
        Ok(())
    }
}

/// Whether a namespace was written whole in this incarnation of its environment: what becomes of it then needs no agreement.
fn is_whole(manifest: &Value, existing: &Value) -> bool {
    mark::incarnation_of(existing) == mark::incarnation_of(manifest)
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
    let raised = objects::as_read(raised, &existing);
    cluster.apply(&reference, &raised, Apply { force: true, dry_run: false }).await?;
    Ok(())
}

/// Deletes a namespace of ours, or gives it back if it was there before us. Answers what holds it while anything of ours is
/// still there.
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
        let adopted = work.environment.inventory.adopted_namespace(item).is_some();
        if adopted && !objects::is_ending(&existing) {
            return give_back(&cluster, work, item).await;
        }
        if !objects::is_ending(&existing) {
            let doomed = overrule(&cluster, &reference, existing, mark).await?;
            cluster.delete(&reference, &objects::exactly(&doomed)).await?;
            continue;
        }
        context.time.sleep(GONE_PAUSE).await;
    }
    let existing = cluster.get(&reference).await?;
    Ok(existing.map(|namespace| held_by(&namespace)))
}

/// Takes a person's word back from a namespace that we made ourselves: it was never there before us, and the fence lets none
/// go that says so.
async fn overrule(
    cluster: &dyn Cluster,
    reference: &Reference,
    existing: Value,
    mark: &str,
) -> Result<Value, Refusal> {
    if mark::adopter_of(&existing) != Some(mark) {
        return Ok(existing);
    }
    let mut overruled = adoption::all_of(&existing);
    mark::let_adopt(&mut overruled, "");
    let overruled = objects::as_read(overruled, &existing);
    Ok(cluster.apply(reference, &overruled, Apply { force: true, dry_run: false }).await?)
}

/// Takes away what is ours in a namespace that was there before us, and then our marks from it. Answers what holds it.
async fn give_back(
    cluster: &dyn Cluster,
    work: &Work,
    item: &NamespaceItem,
) -> Result<Option<String>, Refusal> {
    let environment = &work.environment;
    if !adoption::empty_adopted(cluster, environment, item).await? {
        return Ok(Some(String::new()));
    }
    let reference = objects::namespace(&item.name);
    adoption::release(cluster, &reference, &environment.mark, environment.carrying).await?;
    Ok(None)
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
