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

    /// Whether the namespace is there and of this generation. It may have been deleted meanwhile: then it is to be made again.
    ///
    /// # Errors
    /// Unavailable, where a newer generation has taken it over; others as the cluster says.
    pub(in crate::step) async fn stands(&self) -> Result<bool, Refusal> {
        let Some(namespace) = self.cluster.get(&self.reference()).await? else { return Ok(false) };
        match mark::generation_of(&namespace) {
            Some(there) if there > self.environment.carrying => {
                Err(Refusal::unavailable(sentence::newer_generation_there()))
            }
            there => Ok(there == Some(self.environment.carrying) && !objects::is_ending(&namespace)),
        }
    }
}
