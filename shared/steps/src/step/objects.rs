//! Bringing objects to what the plan says, and taking them away: ours only.

use crate::nouns::{
    CallError, Cluster,
    cluster::{Apply, Delete, Kind, Reference},
    denial::Denial,
};
use roadstead_domain::{
    plan::{
        mark::{self, Owner},
        rules::{self, ChangeRule, RenderedKind},
    },
    refusal::Refusal,
    sentence,
};
use serde_json::{Value, json};

/// The kind of namespaces.
pub fn namespaces() -> Kind {
    Kind {
        api_version: "v1".to_owned(),
        kind: "Namespace".to_owned(),
        plural: "namespaces".to_owned(),
        namespaced: false,
    }
}

/// A namespace by its name.
pub fn namespace(name: &str) -> Reference {
    Reference { kind: namespaces(), namespace: None, name: name.to_owned() }
}

/// A rendered kind as the cluster noun names it.
pub fn kind_of(rendered: &RenderedKind) -> Kind {
    Kind {
        api_version: rendered.api_version.to_owned(),
        kind: rendered.kind.to_owned(),
        plural: rendered.plural.to_owned(),
        namespaced: rendered.namespaced,
    }
}

/// An object's name.
pub fn name_of(object: &Value) -> Option<&str> {
    object["metadata"]["name"].as_str()
}

/// An object's uid.
pub fn uid_of(object: &Value) -> Option<String> {
    object["metadata"]["uid"].as_str().map(str::to_owned)
}

/// A deletion of exactly the version that was read.
pub fn exactly(object: &Value) -> Delete {
    let resource_version = object["metadata"]["resourceVersion"].as_str().map(str::to_owned);
    Delete { uid: uid_of(object), resource_version }
}

/// A manifest or a patch, for exactly the version of the object that was read.
pub fn as_read(mut manifest: Value, existing: &Value) -> Value {
    manifest["metadata"]["uid"] = existing["metadata"]["uid"].clone();
    manifest["metadata"]["resourceVersion"] = existing["metadata"]["resourceVersion"].clone();
    manifest
}

/// Whether an object is on its way out.
pub fn is_ending(object: &Value) -> bool {
    object["metadata"]["deletionTimestamp"].is_string()
}

/// Which object a manifest is about.
///
/// # Errors
/// Rejected, when its kind is not one that is rendered.
pub fn reference(manifest: &Value) -> Result<Reference, Refusal> {
    let (version, kind) = (manifest["apiVersion"].as_str(), manifest["kind"].as_str());
    let (version, kind) = (version.unwrap_or_default(), kind.unwrap_or_default());
    let rendered = rules::rendered_kind(version, kind);
    let rendered = rendered.ok_or_else(|| Refusal::rejected(sentence::kind_unknown(version, kind)))?;
    let namespace = manifest["metadata"]["namespace"].as_str().map(str::to_owned);
    let name = name_of(manifest).unwrap_or_default().to_owned();
    Ok(Reference { kind: kind_of(rendered), namespace, name })
}

/// Brings one object to what its manifest says.
///
/// What exists is changed only if it carries our mark, and only the very object whose mark was read. What does not exist is
/// created without force, so that somebody else's object of the same name is never taken over.
///
/// # Errors
/// Rejected for foreign objects and for changes that its kind does not allow; others as the cluster says.
pub async fn bring(cluster: &dyn Cluster, manifest: &Value, may_recreate: bool) -> Result<(), Refusal> {
    let existing = cluster.get(&reference(manifest)?).await?;
    bring_as_read(cluster, manifest, existing, may_recreate).await
}

/// As [`bring`], of what was read just now.
///
/// # Errors
/// As [`bring`].
pub async fn bring_as_read(
    cluster: &dyn Cluster,
    manifest: &Value,
    existing: Option<Value>,
    may_recreate: bool,
) -> Result<(), Refusal> {
    let reference = reference(manifest)?;
    let Some(existing) = existing else {
        cluster.apply(&reference, manifest, Apply::default()).await?;
        return Ok(());
    };
    let mark = mark::mark_of(manifest).unwrap_or_default();
    let owner = mark::owner(&existing, mark);
    if !owner.is_ours() {
        return Err(Refusal::rejected(sentence::foreign_object(&reference.kind.kind, &reference.name)));
    }
    if is_ending(&existing) {
        return Err(Refusal::unavailable(sentence::still_ending(&reference.kind.kind, &reference.name)));
    }
    let mut manifest = manifest.clone();
    if owner == Owner::Lent {
        mark::let_adopt(&mut manifest, mark);
    }
    let mut conditional = manifest.clone();
    conditional["metadata"]["uid"] = json!(uid_of(&existing));
    match cluster.apply(&reference, &conditional, Apply { force: true, dry_run: false }).await {
        Ok(_) => Ok(()),
        Err(CallError::Refused { reason }) if Denial::of(&reason).is_none() => {
            recreated_for(&reference, &reason, may_recreate)?;
            let delete = match owner {
                Owner::Lent => exactly(&existing),
                _ => Delete { uid: uid_of(&existing), resource_version: None },
            };
            recreate(cluster, &reference, &delete, &manifest).await
        }
        Err(error) => Err(error.into()),
    }
}

/// A change that cannot be made in place: the object is deleted and created.
async fn recreate(
    cluster: &dyn Cluster,
    reference: &Reference,
    delete: &Delete,
    manifest: &Value,
) -> Result<(), Refusal> {
    cluster.delete(reference, delete).await?;
    if cluster.get(reference).await?.is_some() {
        return Err(Refusal::unavailable(sentence::still_ending(&reference.kind.kind, &reference.name)));
    }
    cluster.apply(reference, manifest, Apply::default()).await?;
    Ok(())
}

/// The field for which an object is deleted and created.
///
/// # Errors
/// Rejected, where the kind or the type do not allow it.
pub(super) fn recreated_for<'a>(
    reference: &Reference,
    reason: &'a str,
    may_recreate: bool,
) -> Result<&'a str, Refusal> {
    let field = field_of(reason, reference);
    if rules::rule_of(&reference.kind.kind, field) == ChangeRule::Recreate && may_recreate {
        return Ok(field);
    }
    let told = sentence::change_rejected(&reference.kind.kind, &reference.name, reason);
    Err(Refusal::rejected(told))
}

/// The field in a refusal, which names the object first: `Deployment web: spec.selector: field is immutable`.
fn field_of<'a>(reason: &'a str, reference: &Reference) -> &'a str {
    let subject = format!("{} {}: ", reference.kind.kind, reference.name);
    let causes = reason.strip_prefix(&subject).unwrap_or(reason);
    causes.split(':').next().unwrap_or_default().trim()
}

/// Deletes one object, as it was read, if it is of the environment of a mark. Answers whether nothing of that is left.
///
/// # Errors
/// As the cluster says.
pub async fn remove(
    cluster: &dyn Cluster,
    reference: &Reference,
    existing: &Value,
    mark: &str,
) -> Result<bool, Refusal> {
    if !mark::owner(existing, mark).is_ours() {
        return Ok(true);
    }
    if !is_ending(existing) {
        cluster.delete(reference, &Delete { uid: uid_of(existing), resource_version: None }).await?;
    }
    Ok(cluster.get(reference).await?.is_none())
}
