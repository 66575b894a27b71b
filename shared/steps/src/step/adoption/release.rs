//! Giving back what was there before us: our marks go, and what it says stays, so that what runs goes on running.

use crate::{
    nouns::{
        CallError, Cluster,
        cluster::{Apply, Reference},
    },
    step::objects,
};
use roadstead_domain::{
    environment::Environment,
    inventory::{Inventory, NamespaceItem},
    plan::{
        mark, own_binding,
        rules::{CLAIM, KINDS, ROLE_BINDING, RenderedKind, SERVICE_ACCOUNT},
    },
    refusal::Refusal,
    sentence,
};
use serde_json::Value;

/// What the API server refuses in an apply, or writes itself.
const SYSTEM_FIELDS: [&str; 5] =
    ["managedFields", "generation", "creationTimestamp", "resourceVersion", "selfLink"];

/// A list of whatever there is.
const ALL: &str = "";

/// By which label to list what may be ours. In a namespace that was there before us others may have taken our label back (Helm
/// writes it, too), so there it is all.
pub fn label_in(inventory: &Inventory, namespace: &NamespaceItem) -> String {
    match inventory.adopted_namespace(namespace) {
        Some(_) => ALL.to_owned(),
        None => format!("{}={}", mark::MANAGED_BY_LABEL, mark::MANAGER),
    }
}

/// What of an object can be applied again: all but what the server writes. A namespace is its labels and annotations.
pub fn all_of(existing: &Value) -> Value {
    let mut object = existing.clone();
    let fields = object.as_object_mut().into_iter();
    for fields in fields {
        fields.remove("status");
        if existing["kind"] == "Namespace" {
            fields.remove("spec");
        }
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|field, _| !SYSTEM_FIELDS.contains(&field.as_str()));
        }
    }
    without_nulls(&mut object);
    object
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// Takes our marks off an object, of the very version that was read. Server-side apply removes what only we own and do not
/// apply any more: so all the rest is applied once more, and then only the marks are gone. A person's word that we may take it
/// over is put back first where it was lost, because the fence lets nothing else go; that is a write of a generation. It goes
/// with the marks where nobody else wrote it, but for what may be of our making and is found here the next time.
///
/// # Errors
/// As the cluster says.
pub async fn release(
    cluster: &dyn Cluster,
    reference: &Reference,
    mark: &str,
    generation: u64,
) -> Result<(), Refusal> {
    let Some(mut existing) = cluster.get(reference).await? else { return Ok(()) };
    if mark::mark_of(&existing) != Some(mark) || objects::is_ending(&existing) {
        return Ok(());
    }
    let force = Apply { force: true, dry_run: false };
    if mark::adopter_of(&existing) != Some(mark) {
        let mut allowed = all_of(&existing);
        mark::let_adopt(&mut allowed, mark);
        mark::raise(&mut allowed, generation);
        existing = cluster.apply(reference, &objects::as_read(allowed, &existing), force).await?;
    }
    let mut rest = all_of(&existing);
    mark::wipe(&mut rest);
    if !is_needed(&reference.kind.kind) {
        mark::leave_adoption(&mut rest);
    }
    let released = cluster.apply(reference, &objects::as_read(rest, &existing), force).await?;
    match mark::mark_of(&released) {
        None => Ok(()),
        Some(_) => Err(Refusal::unavailable(sentence::mark_stays(&reference.kind.kind, &reference.name))),
    }
}

/// Takes one object of ours away, or gives it back where it was there before us. Answers whether nothing of ours is left.
///
/// # Errors
/// As the cluster says.
pub async fn give_up(
    cluster: &dyn Cluster,
    reference: &Reference,
    environment: &Environment,
    namespace: &NamespaceItem,
) -> Result<bool, Refusal> {
    let Environment { mark, carrying, inventory, .. } = environment;
    if inventory.adopted_namespace(namespace).is_some() && is_forbidden(cluster, reference).await {
        return match is_ours(cluster, namespace, mark).await? {
            true => Err(Refusal::unavailable(sentence::right_gone(&namespace.name))),
            false => Ok(true),
        };
    }
    if !is_noted(inventory, namespace, &reference.kind.kind, &reference.name) {
        return objects::remove(cluster, reference, mark).await;
    }
    release(cluster, reference, mark, *carrying).await.map(|()| true)
}

/// Whether the namespace still carries our mark.
async fn is_ours(cluster: &dyn Cluster, namespace: &NamespaceItem, mark: &str) -> Result<bool, Refusal> {
    let existing = cluster.get(&objects::namespace(&namespace.name)).await?;
    Ok(existing
        .is_some_and(|existing| mark::mark_of(&existing) == Some(mark) && !objects::is_ending(&existing)))
}

/// Binds our right in an adopted namespace again, if it is still ours and somebody took the right away: without it, what is
/// ours there could not be given back. The API server takes a moment to see it; until then what is asked is unavailable.
///
/// # Errors
/// As the cluster says.
pub async fn bring_right(
    cluster: &dyn Cluster,
    environment: &Environment,
    namespace: &NamespaceItem,
) -> Result<(), Refusal> {
    let adopted = environment.inventory.adopted_namespace(namespace).is_some();
    if !adopted || !is_ours(cluster, namespace, &environment.mark).await? {
        return Ok(());
    }
    let mut binding = own_binding(&namespace.name);
    mark::stamp(&mut binding, &environment.mark, &environment.outside_name, environment.carrying);
    objects::bring(cluster, &binding, false).await.map(drop)
}

async fn is_forbidden(cluster: &dyn Cluster, reference: &Reference) -> bool {
    matches!(cluster.get(reference).await, Err(CallError::Forbidden { .. }))
}

/// Whether an object of ours, of a kind, is given back: what was there before us, by what the inventory or people say.
pub fn is_given_back(inventory: &Inventory, namespace: &NamespaceItem, kind: &str, object: &Value) -> bool {
    is_noted(inventory, namespace, kind, objects::name_of(object).unwrap_or_default())
        || mark::adopter_of(object).is_some_and(|adopter| mark::mark_of(object) == Some(adopter))
}

/// In a namespace that was there before us, storage and the account are given back, too: what runs on depends on them.
fn is_noted(inventory: &Inventory, namespace: &NamespaceItem, kind: &str, name: &str) -> bool {
    inventory.adopted(namespace, kind, name).is_some()
        || is_needed(kind) && inventory.adopted_namespace(namespace).is_some()
}

fn is_needed(kind: &str) -> bool {
    kind == SERVICE_ACCOUNT.kind || kind == CLAIM.kind
}

/// Takes what guards an adopted namespace away, and whatever else is marked there, our own right last. Answers whether nothing
/// of ours is left in it.
///
/// # Errors
/// As the cluster says.
pub async fn empty_adopted(
    cluster: &dyn Cluster,
    environment: &Environment,
    namespace: &NamespaceItem,
) -> Result<bool, Refusal> {
    bring_right(cluster, environment, namespace).await?;
    let (mark, mut empty) = (environment.mark.as_str(), true);
    for rendered in KINDS.iter().filter(|kind| kind.namespaced && **kind != ROLE_BINDING) {
        for reference in marked(cluster, rendered, mark, namespace).await? {
            empty &= give_up(cluster, &reference, environment, namespace).await?;
        }
    }
    let binding = reference(&ROLE_BINDING, namespace, roadstead_domain::plan::ENVIRONMENT_ROLE);
    Ok(empty && objects::remove(cluster, &binding, mark).await?)
}

/// The objects of a kind that carry the mark. Of policies for the network the one that denies goes first.
async fn marked(
    cluster: &dyn Cluster,
    rendered: &RenderedKind,
    mark: &str,
    namespace: &NamespaceItem,
) -> Result<Vec<Reference>, Refusal> {
    let found = cluster.list(&objects::kind_of(rendered), Some(&namespace.name), ALL).await?;
    let ours = found.iter().filter(|object| mark::mark_of(object) == Some(mark));
    let names = ours.filter_map(objects::name_of);
    Ok(names.map(|name| reference(rendered, namespace, name)).rev().collect())
}

fn reference(rendered: &RenderedKind, namespace: &NamespaceItem, name: &str) -> Reference {
    Reference {
        kind: objects::kind_of(rendered),
        namespace: Some(namespace.name.clone()),
        name: name.to_owned(),
    }
}
