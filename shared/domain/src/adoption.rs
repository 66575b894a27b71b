//! Taking over what was there before us: what that changes, and the digest under which a person agrees to it.

mod fields;
mod marks;
mod object;
#[cfg(test)]
mod tests;

pub use fields::FieldChange;
pub use marks::{released, signed};

use crate::plan::mark::MANAGED_BY_LABEL;
use object::comparable;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// How many hexadecimal digits a person types to agree: 80 bits.
const AGREEMENT_DIGITS: usize = 20;

/// What becomes of one object when the environment is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub change: Change,
    /// Containers that stay in its pods, beside those that the environment has.
    pub beside: Vec<String>,
    /// Stands for exactly this difference of exactly this object. Nobody who cannot read the object can guess at its values
    /// by it, because the object's uid is in it.
    pub digest: String,
}

/// What becomes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// There is none yet: it is made.
    Made,
    /// These of its fields change.
    InPlace(Vec<FieldChange>),
    /// It is deleted and created again, because this field of it cannot change.
    Recreated {
        /// The field.
        field: String,
    },
}

impl Difference {
    /// An object that is not there yet.
    pub fn made(manifest: &Value) -> Self {
        Self::new(manifest, Change::Made, &json!(comparable(manifest)))
    }

    /// An object that is there, and how it would stand once it is taken over by a manifest.
    pub fn in_place(existing: &Value, then: &Value, manifest: &Value) -> Self {
        let before = comparable(existing);
        let mut after = comparable(then);
        if manager(&before).is_some() {
            after["metadata"]["labels"][MANAGED_BY_LABEL] = json!(manager(then));
        }
        let changes = fields::changes(&before, &after);
        let exact: Vec<_> = changes.iter().map(|change| (&change.path, &change.old, &change.new)).collect();
        let (ours, all) = (containers(manifest), containers(then));
        let beside = all.difference(&ours).map(|name| (*name).to_owned()).collect();
        let digested = json!([existing["metadata"]["uid"], exact, beside]);
        Self { beside, ..Self::new(existing, Change::InPlace(changes), &digested) }
    }

    /// An object that is there, and makes room for another.
    pub fn recreated(existing: &Value, manifest: &Value, field: &str) -> Self {
        let digested = json!([existing["metadata"]["uid"], comparable(existing), comparable(manifest)]);
        Self::new(existing, Change::Recreated { field: field.to_owned() }, &digested)
    }

    /// Whether it leaves everything as it is.
    pub fn changes_nothing(&self) -> bool {
        self.beside.is_empty() && matches!(&self.change, Change::InPlace(changes) if changes.is_empty())
    }

    fn new(object: &Value, change: Change, digested: &Value) -> Self {
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let digest = digest(&[kind.as_str(), name.as_str(), &digested.to_string()]);
        Self { kind, name, change, beside: vec![], digest }
    }
}

/// Who manages an object, by its label.
fn manager(object: &Value) -> Option<&str> {
    object.get("metadata")?.get("labels")?.get(MANAGED_BY_LABEL)?.as_str()
}

/// The names of the containers in an object's pods. Server-side apply leaves those that somebody else wrote.
fn containers(object: &Value) -> BTreeSet<&str> {
    let pod = &object["spec"]["template"]["spec"];
    let lists = ["initContainers", "containers"].map(|field| pod[field].as_array());
    lists.into_iter().flatten().flatten().filter_map(|container| container["name"].as_str()).collect()
}

/// What a person types to agree: it stands for exactly these differences, in exactly this namespace, in one incarnation of the
/// environment.
pub fn agreement(namespace: &Value, incarnation: u64, differences: &[Difference]) -> String {
    let mut parts: Vec<String> = differences.iter().map(|difference| difference.digest.clone()).collect();
    parts.sort();
    parts.push(namespace["metadata"]["uid"].to_string());
    parts.push(incarnation.to_string());
    digest(&parts)[..AGREEMENT_DIGITS].to_owned()
}

fn digest<T: Serialize + AsRef<str>>(parts: &[T]) -> String {
    let mut hasher = Sha256::new();
    for part in parts.iter().map(AsRef::as_ref) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
