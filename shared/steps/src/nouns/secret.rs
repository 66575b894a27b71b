//! Secrets: what a reference in the settings names.

use super::CallError;

/// Keeps secrets.
#[async_trait::async_trait]
pub trait Secrets: Send + Sync {
    /// The bytes of a secret as it is now.
    ///
    /// # Errors
    /// [`CallError::Missing`] when there is none of this name. No error holds any part of a secret.
    async fn read(&self, name: &str) -> Result<Vec<u8>, CallError>;
}
