//! What runs in a namespace is deleted, or given back.

use crate::{
    carry::Work,
    context::Context,
    nouns::{Clusters, cluster::Reference},
    step::site::Site,
};
use roadstead_domain::{
    inventory::{NamespaceItem, ObjectItem},
    plan::rules::MANIFEST_KINDS,
    refusal::Refusal,
};

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
    let cluster = work.cluster(context, clusters, &namespace.cluster).await?;
    let site = Site { cluster: &cluster, environment: &work.environment, namespace };
    site.fence().await?;
    site.bring_right().await?;
    for item in work.environment.inventory.objects.clone() {
        let site = Site { cluster: &cluster, environment: &work.environment, namespace };
        let Some(reference) = site.removable(&item) else { continue };
        if site.give_up(&reference).await? {
            work.environment.inventory.objects.remove(&item);
        } else {
            emptied = Emptied::Ending;
        }
    }
    Ok(emptied)
}

impl Site<'_> {
    /// What undo takes away one by one here. The binding of our right goes with the namespace, and so do the other guards.
    fn removable(&self, item: &ObjectItem) -> Option<Reference> {
        let rendered = MANIFEST_KINDS
            .iter()
            .find(|kind| kind.kind == item.kind && kind.api_version == item.api_version)?;
        let here = item.cluster == self.namespace.cluster && item.namespace == self.namespace.name;
        here.then(|| self.object(rendered, &item.name))
    }
}
