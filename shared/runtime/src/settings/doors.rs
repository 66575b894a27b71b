//! What the doors verify with.

use super::{SettingsError, Variables, json, malformed, reference::Reference};
use roadstead_senders::{
    Secret,
    github::{Binding, Hook},
    images::{Key, image_repository},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const HOOKS: &str = "ROADSTEAD_GITHUB_HOOKS";
const KEYS: &str = "ROADSTEAD_IMAGE_KEYS";
/// The longest name of a hook or a key, in bytes.
const NAME_LIMIT: usize = 63;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HookText {
    secret: Reference,
    repositories: Option<BTreeSet<u64>>,
    installation: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyText {
    secret: Reference,
    images: Vec<String>,
}

pub(super) fn github_hooks(
    variables: Variables,
    own_account: Option<u64>,
) -> Result<BTreeMap<String, Hook>, SettingsError> {
    let texts: BTreeMap<String, HookText> = json(variables, HOOKS)?.unwrap_or_default();
    let hook = |(name, text): (String, HookText)| {
        let hook = hook(&name, text, variables, own_account);
        hook.map(|hook| (name.clone(), hook))
            .map_err(|problem| malformed(HOOKS, format!("{name}: {problem}")))
    };
    texts.into_iter().map(hook).collect()
}

fn hook(name: &str, text: HookText, variables: Variables, own_account: Option<u64>) -> Result<Hook, String> {
    check_name(name)?;
    let bound_to = match (text.repositories, text.installation) {
        (Some(repositories), None) => Binding::Repositories(repositories),
        (None, Some(installation)) => Binding::Installation(installation),
        _ => return Err("give either `repositories` or `installation`".to_owned()),
    };
    Ok(Hook { secret: secret(&text.secret, variables)?, bound_to, own_account })
}

pub(super) fn image_keys(variables: Variables) -> Result<Vec<Key>, SettingsError> {
    let texts: BTreeMap<String, KeyText> = json(variables, KEYS)?.unwrap_or_default();
    let key = |(name, text): (String, KeyText)| {
        key(&name, &text, variables).map_err(|problem| malformed(KEYS, format!("{name}: {problem}")))
    };
    texts.into_iter().map(key).collect()
}

fn key(name: &str, text: &KeyText, variables: Variables) -> Result<Key, String> {
    check_name(name)?;
    let image =
        |image: &String| image_repository(image).ok_or(format!("{image} is not `registry/repository`"));
    let images = text.images.iter().map(image).collect::<Result<_, _>>()?;
    Ok(Key { name: name.to_owned(), secret: secret(&text.secret, variables)?, images })
}

fn secret(reference: &Reference, variables: Variables) -> Result<Secret, String> {
    Secret::new(reference.resolve(variables)?).map_err(|error| error.to_string())
}

/// A name is part of an address and of a trigger's key.
fn check_name(name: &str) -> Result<(), String> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=NAME_LIMIT).contains(&name.len()) && name.bytes().all(inner) {
        Ok(())
    } else {
        Err("a name has between 1 and 63 lower-case letters, digits and hyphens".to_owned())
    }
}
