//! What the doors verify with.

use super::{Settings, SettingsError, json, malformed, reference::Reference};
use roadstead_senders::{
    Secret, configuration,
    github::{Binding, Hook},
    images::{Key, image_repository},
};
use roadstead_steps::nouns::Secrets;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const HOOKS: &str = "ROADSTEAD_GITHUB_HOOKS";
const KEYS: &str = "ROADSTEAD_IMAGE_KEYS";
const CONFIGURATION_KEYS: &str = "ROADSTEAD_CONFIGURATION_KEYS";
/// The longest name of a hook or a key, in bytes.
pub(super) const NAME_LIMIT: usize = 63;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HookText {
    secret: Reference,
    repositories: Option<BTreeSet<u64>>,
    installation: Option<u64>,
    account: Option<u64>,
    app: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyText {
    secret: Reference,
    images: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigurationKeyText {
    secret: Reference,
}

impl Settings {
    /// GitHub's webhooks, by name.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub async fn github_hooks(&self, secrets: &dyn Secrets) -> Result<BTreeMap<String, Hook>, SettingsError> {
        let texts: BTreeMap<String, HookText> = json(self.variables.as_ref(), HOOKS)?.unwrap_or_default();
        let mut hooks = BTreeMap::new();
        for (name, text) in texts {
            let hook = self.hook(&name, text, secrets).await;
            let hook = hook.map_err(|problem| malformed(HOOKS, format!("{name}: {problem}")))?;
            hooks.insert(name, hook);
        }
        Ok(hooks)
    }

    async fn hook(&self, name: &str, text: HookText, secrets: &dyn Secrets) -> Result<Hook, String> {
        check_name(name)?;
        let bound_to = match (text.repositories, text.installation) {
            (Some(repositories), None) => Binding::Repositories(repositories),
            (None, Some(installation)) => Binding::Installation(installation),
            _ => return Err("give either `repositories` or `installation`".to_owned()),
        };
        let secret = self.secret(&text.secret, secrets).await?;
        Ok(Hook { secret, bound_to, own_account: text.account, own_app: text.app })
    }

    /// The keys of the images door.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub async fn image_keys(&self, secrets: &dyn Secrets) -> Result<Vec<Key>, SettingsError> {
        let texts: BTreeMap<String, KeyText> = json(self.variables.as_ref(), KEYS)?.unwrap_or_default();
        let mut keys = vec![];
        for (name, text) in texts {
            let key = self.key(&name, &text, secrets).await;
            keys.push(key.map_err(|problem| malformed(KEYS, format!("{name}: {problem}")))?);
        }
        Ok(keys)
    }

    async fn key(&self, name: &str, text: &KeyText, secrets: &dyn Secrets) -> Result<Key, String> {
        check_name(name)?;
        let image =
            |image: &String| image_repository(image).ok_or(format!("{image} is not `registry/repository`"));
        let images = text.images.iter().map(image).collect::<Result<_, _>>()?;
        Ok(Key { name: name.to_owned(), secret: self.secret(&text.secret, secrets).await?, images })
    }

    /// The keys of the configurations door.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub async fn configuration_keys(
        &self,
        secrets: &dyn Secrets,
    ) -> Result<Vec<configuration::Key>, SettingsError> {
        let texts: BTreeMap<String, ConfigurationKeyText> =
            json(self.variables.as_ref(), CONFIGURATION_KEYS)?.unwrap_or_default();
        let mut keys = vec![];
        for (name, text) in texts {
            let secret = async {
                check_name(&name)?;
                self.secret(&text.secret, secrets).await
            };
            let secret = secret.await;
            let secret =
                secret.map_err(|problem| malformed(CONFIGURATION_KEYS, format!("{name}: {problem}")))?;
            keys.push(configuration::Key { name, secret });
        }
        Ok(keys)
    }

    pub(super) async fn secret(
        &self,
        reference: &Reference,
        secrets: &dyn Secrets,
    ) -> Result<Secret, String> {
        let bytes = reference.resolve(self.variables.as_ref(), secrets).await?;
        Secret::new(bytes).map_err(|error| error.to_string())
    }
}

/// A name is part of an address and of a trigger's key.
fn check_name(name: &str) -> Result<(), String> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=NAME_LIMIT).contains(&name.len()) && name.bytes().all(inner) {
        Ok(())
    } else {
        Err(format!("a name has between 1 and {NAME_LIMIT} lower-case letters, digits and hyphens"))
    }
}
