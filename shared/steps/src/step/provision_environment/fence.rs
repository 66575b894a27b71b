//! The fence: the generation on a namespace, below which the API server refuses every write of ours.

use crate::step::{objects, site::Site};
use roadstead_domain::{plan::mark, refusal::Refusal, sentence};
use serde_json::json;

impl Site<'_> {
    /// Raises the generation of what is there, so that nothing older can write any more while it is taken down.
    ///
    /// # Errors
    /// As the cluster says.
    pub(crate) async fn fence(&self) -> Result<(), Refusal> {
        let (reference, generation) = (self.reference(), self.environment.carrying);
        let Some(existing) = self.cluster.get(&reference).await? else { return Ok(()) };
        let older = mark::generation_of(&existing).is_none_or(|there| there < generation);
        if !self.owner_of(&existing).is_ours() || objects::is_ending(&existing) || !older {
            return Ok(());
        }
        let mut raised = json!({});
        mark::raise(&mut raised, generation);
        self.cluster.patch(&reference, &objects::as_read(raised, &existing)).await?;
        Ok(())
    }

    /// The namespace is ours and of this generation: a newer one has not taken over.
    ///
    /// # Errors
    /// Unavailable, where it is not; others as the cluster says.
    pub(in crate::step) async fn check_fence(&self) -> Result<(), Refusal> {
        let namespace = self.cluster.get(&self.reference()).await?;
        match namespace.as_ref().and_then(mark::generation_of) {
            Some(there) if there == self.environment.carrying => Ok(()),
            _ => Err(Refusal::unavailable(sentence::newer_generation_there())),
        }
    }
}
