//! How requests travel.

use http::{Request, Response};
use roadstead_steps::nouns::CallError;

/// Carries a request to its address once and answers what came back, whatever its status. It never follows a redirect.
#[async_trait::async_trait]
pub trait Transport: Send + Sync {
    /// Sends the request.
    ///
    /// # Errors
    /// [`CallError::Unavailable`] when no whole answer came; `maybe_done` says whether the request may have been sent.
    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError>;
}
