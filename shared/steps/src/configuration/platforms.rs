//! The platform configurations that were read. What is stored by its hash never changes: it is read and parsed once for many
//! messages, and only which one is in force is asked each time.

use crate::nouns::State;
use roadstead_domain::{platform::Platform, refusal::Refusal};
use std::sync::{Arc, Mutex, PoisonError};

/// How many are kept: the one in force, and the one before, which environments leave one by one.
pub const KEPT_LIMIT: usize = 2;

/// Reads platform configurations, and keeps the last ones.
pub struct Platforms {
    state: Arc<dyn State>,
    kept: Mutex<Vec<(String, Arc<Platform>)>>,
}

impl Platforms {
    /// Reads from a table.
    pub fn new(state: Arc<dyn State>) -> Self {
        Self { state, kept: Mutex::new(vec![]) }
    }

    /// The configuration in force.
    ///
    /// # Errors
    /// When there is none yet, it is missing or damaged, or the table does not answer.
    pub async fn in_force(&self) -> Result<Arc<Platform>, Refusal> {
        let hash = super::hash_in_force(self.state.as_ref()).await?;
        self.by_hash(&hash).await
    }

    /// A configuration, by its hash.
    ///
    /// # Errors
    /// When it is missing or damaged, or the table does not answer.
    pub async fn by_hash(&self, hash: &str) -> Result<Arc<Platform>, Refusal> {
        if let Some(known) = self.known(hash) {
            return Ok(known);
        }
        let platform = Arc::new(super::by_hash(self.state.as_ref(), hash).await?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, _)| other != hash);
        kept.insert(0, (hash.to_owned(), platform.clone()));
        kept.truncate(KEPT_LIMIT);
        Ok(platform)
    }

    fn known(&self, hash: &str) -> Option<Arc<Platform>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(other, _)| other == hash).map(|(_, platform)| platform.clone())
    }
}
