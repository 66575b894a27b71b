//! Secrets in AWS Secrets Manager.

use crate::configuration::Aws;
use crate::failure::{Effect, call_error};
use aws_sdk_secretsmanager::{Client, operation::get_secret_value::GetSecretValueOutput};
use roadstead_steps::nouns::{CallError, Secrets};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The secrets of one account and region, by name or ARN, in their current version.
pub struct SecretsManager {
    aws: Arc<Aws>,
    client: OnceCell<Client>,
}

impl SecretsManager {
    /// Secrets of our own account.
    pub fn new(aws: Arc<Aws>) -> Self {
        Self { aws, client: OnceCell::new() }
    }

    async fn client(&self) -> &Client {
        self.client.get_or_init(|| async { Client::new(self.aws.sdk().await) }).await
    }
}

#[async_trait::async_trait]
impl Secrets for SecretsManager {
    async fn read(&self, name: &str) -> Result<Vec<u8>, CallError> {
        let answer = self.client().await.get_secret_value().secret_id(name).send().await;
        let answer = answer.map_err(|error| call_error(error, Effect::Reads))?;
        bytes(answer).ok_or_else(|| CallError::Missing { reason: format!("the secret {name} is empty") })
    }
}

fn bytes(answer: GetSecretValueOutput) -> Option<Vec<u8>> {
    let binary = answer.secret_binary.map(|binary| binary.into_inner());
    binary.or_else(|| answer.secret_string.map(String::into_bytes)).filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::Blob;

    #[test]
    fn a_secret_is_text_or_bytes() {
        let answer = || GetSecretValueOutput::builder();
        assert_eq!(bytes(answer().secret_string("text").build()), Some(b"text".to_vec()));
        assert_eq!(bytes(answer().secret_binary(Blob::new([1, 2])).build()), Some(vec![1, 2]));
        assert_eq!(bytes(answer().secret_string("").build()), None);
        assert_eq!(bytes(answer().build()), None);
    }
}
