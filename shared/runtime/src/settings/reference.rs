//! Secrets by reference.

use super::Variables;
use roadstead_steps::nouns::Secrets;
use serde::Deserialize;

/// Where a secret is: `env:NAME`, `file:PATH` or `secretsmanager:NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Reference {
    Variable(String),
    File(String),
    Kept(String),
}

impl TryFrom<String> for Reference {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.split_once(':') {
            Some(("env", name)) => Ok(Reference::Variable(name.to_owned())),
            Some(("file", path)) => Ok(Reference::File(path.to_owned())),
            Some(("secretsmanager", name)) => Ok(Reference::Kept(name.to_owned())),
            _ => Err("a reference to a secret is `env:NAME`, `file:PATH` or `secretsmanager:NAME`"),
        }
    }
}

impl Reference {
    /// The secret's bytes, without the line end that editors leave in files.
    pub(super) async fn resolve(
        &self,
        variables: Variables<'_>,
        secrets: &dyn Secrets,
    ) -> Result<Vec<u8>, String> {
        let bytes = match self {
            Reference::Variable(name) => {
                variables(name).map(String::into_bytes).ok_or(format!("{name} is not set"))
            }
            Reference::File(path) => {
                std::fs::read(path).map_err(|error| format!("{path} cannot be read: {error}"))
            }
            Reference::Kept(name) => {
                secrets.read(name).await.map_err(|error| format!("the secret {name} cannot be read: {error}"))
            }
        }?;
        Ok(bytes.trim_ascii_end().to_vec())
    }
}

/// What a command presents, by its reference: it leaves this process in a request, and stays out of everything else.
///
/// # Errors
/// When the reference is none, or leads to nothing.
pub async fn presented(reference: &str, secrets: &dyn Secrets) -> Result<String, String> {
    let reference = Reference::try_from(reference.to_owned())?;
    let bytes = reference.resolve(&super::variable, secrets).await?;
    String::from_utf8(bytes).map_err(|_| "the secret is no text".to_owned())
}

/// A secret as it was given, for what signs with it or presents it. It cannot be printed, stored, copied or compared.
pub struct Given(Vec<u8>);

impl Given {
    /// Takes a secret.
    pub(super) fn new(secret: Vec<u8>) -> Self {
        Self(secret)
    }

    /// The secret's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}
