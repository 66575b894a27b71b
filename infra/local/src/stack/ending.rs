//! The end of the stack: told once, heard by all its parts.

use std::sync::Arc;
use tokio::sync::watch;

/// Hears of the end.
#[derive(Clone)]
pub struct Ending(watch::Receiver<bool>);

/// Tells of the end, at the latest when it is dropped.
#[derive(Clone)]
pub struct End(Arc<watch::Sender<bool>>);

impl End {
    /// An end that has not come yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Tells everybody.
    pub fn come(&self) {
        self.0.send_replace(true);
    }

    /// Somebody who hears of it.
    pub fn ending(&self) -> Ending {
        Ending(self.0.subscribe())
    }
}

impl Default for End {
    fn default() -> Self {
        Self::new()
    }
}

impl Ending {
    /// Returns when the end has come.
    pub async fn wait(&self) {
        let mut told = self.0.clone();
        let _ = told.wait_for(|ended| *ended).await;
    }
}
