//! What a generation no longer has goes.

use crate::step::{objects, site::Site};
use roadstead_domain::{
    plan::{
        Part, mark,
        rules::{MANIFEST_KINDS, RenderedKind},
    },
    refusal::Refusal,
};
use serde_json::Value;

impl Site<'_> {
    /// Takes away what carries our mark, is not in the plan and is older than it: found by its mark, whatever the inventory
    /// says.
    ///
    /// # Errors
    /// As the cluster says.
    pub(super) async fn prune(&self, part: &Part) -> Result<(), Refusal> {
        let label = self.label();
        for rendered in MANIFEST_KINDS {
            let kind = objects::kind_of(rendered);
            for found in self.cluster.list(&kind, Some(&self.namespace.name), &label).await? {
                if self.is_older(&found) && !is_planned(part, rendered, &found) {
                    self.prune_one(rendered, &found).await?;
                }
            }
        }
        Ok(())
    }

    fn is_older(&self, found: &Value) -> bool {
        let older = mark::generation_of(found).is_some_and(|there| there < self.environment.carrying);
        self.owner_of(found).is_ours() && !objects::is_ending(found) && older
    }

    /// A deletion cannot be fenced by its generation, so it names the very version that was listed. What was there before us is
    /// given back.
    async fn prune_one(&self, rendered: &RenderedKind, found: &Value) -> Result<(), Refusal> {
        let reference = self.object(rendered, objects::name_of(found).unwrap_or_default());
        if self.is_given_back(rendered.kind, found) {
            return self.give_back(&reference).await;
        }
        Ok(self.cluster.delete(&reference, &objects::exactly(found)).await?)
    }
}

fn is_planned(part: &Part, rendered: &RenderedKind, found: &Value) -> bool {
    let mut planned = part.manifests.iter().filter(|manifest| manifest["kind"] == rendered.kind);
    planned.any(|manifest| objects::name_of(manifest) == objects::name_of(found))
}
