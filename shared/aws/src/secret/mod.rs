//! Secrets on AWS.

mod secrets_manager;

pub use secrets_manager::SecretsManager;
