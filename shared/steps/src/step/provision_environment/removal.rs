//! A namespace is taken away, or given back.

use crate::{
    carry::Work,
    context::Context,
    nouns::{Cluster as _, Clusters},
    step::{objects, site::Site},
};
use jiff::SignedDuration;
use roadstead_domain::{
    inventory::NamespaceItem,
    plan::mark::{self, Owner},
    refusal::Refusal,
};
use serde_json::{Value, json};

/// How often teardown looks whether the namespace is gone before it hands over to a message.
const GONE_LOOKS: u32 = 10;
/// How long between two of these looks.
const GONE_PAUSE: SignedDuration = SignedDuration::from_millis(50);

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
    let cluster = work.cluster(context, clusters, &item.cluster).await?;
    let site = Site { cluster: &cluster, environment: &work.environment, namespace: item };
    for _ in 0..GONE_LOOKS {
        let Some(existing) = cluster.get(&site.reference()).await? else { return Ok(None) };
        if !site.owner_of(&existing).is_ours() {
            return Ok(None);
        }
        match objects::is_ending(&existing) {
            true => context.time.sleep(GONE_PAUSE).await,
            false if site.noted().is_some() => return site.give_back_namespace().await,
            false => site.doom(existing).await?,
        }
    }
    let existing = cluster.get(&site.reference()).await?;
    Ok(existing.map(|namespace| held_by(&namespace)))
}

impl Site<'_> {
    /// Deletes a namespace of our own, of the very version that was read. It was never there before us, and the fence lets none
    /// go that a person's word says was: that is taken back first.
    async fn doom(&self, mut existing: Value) -> Result<(), Refusal> {
        let reference = self.reference();
        if self.owner_of(&existing) == Owner::Lent {
            let mut overruled = json!({});
            mark::let_adopt(&mut overruled, "");
            existing = self.cluster.patch(&reference, &objects::as_read(overruled, &existing)).await?;
        }
        Ok(self.cluster.delete(&reference, &objects::exactly(&existing)).await?)
    }

    /// Takes away what is ours in a namespace that was there before us, and then our marks from it. Answers what holds it.
    async fn give_back_namespace(&self) -> Result<Option<String>, Refusal> {
        if !self.empty_adopted().await? {
            return Ok(Some(String::new()));
        }
        self.give_back(&self.reference()).await.map(|()| None)
    }
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
