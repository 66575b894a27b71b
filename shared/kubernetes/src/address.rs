//! Addresses of objects and lists (Kubernetes API concepts, "Resource URIs").

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::cluster::{Kind, Reference};

/// What stands for itself in a segment of a path (RFC 3986, "unreserved").
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The address of one object.
///
/// # Errors
/// When the object's kind is in namespaces and the reference names none, or a name cannot stand in an address.
pub(crate) fn object(reference: &Reference) -> Result<String, CallError> {
    let Reference { kind, namespace, name } = reference;
    if kind.namespaced && namespace.is_none() {
        return Err(broken(format!("{} {name} needs a namespace", kind.kind)));
    }
    Ok(format!("{}/{}", list(kind, namespace.as_deref())?, segment(name)?))
}

/// The address of all objects of a kind, in one namespace or in all.
///
/// # Errors
/// When the namespace's name cannot stand in an address.
pub(crate) fn list(kind: &Kind, namespace: Option<&str>) -> Result<String, CallError> {
    let root = if kind.api_version.contains('/') { "/apis" } else { "/api" };
    let group = format!("{root}/{}", kind.api_version);
    match namespace.filter(|_| kind.namespaced) {
        Some(namespace) => Ok(format!("{group}/namespaces/{}/{}", segment(namespace)?, kind.plural)),
        None => Ok(format!("{group}/{}", kind.plural)),
    }
}

/// A name as one segment of a path. An empty one or a dot would be the address of something else.
fn segment(name: &str) -> Result<String, CallError> {
    if matches!(name, "" | "." | "..") {
        return Err(broken(format!("{name:?} is no name of an object")));
    }
    Ok(utf8_percent_encode(name, SEGMENT).to_string())
}

fn broken(reason: String) -> CallError {
    CallError::Broken { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(api_version: &str, plural: &str, namespaced: bool) -> Kind {
        Kind { api_version: api_version.into(), kind: "Kind".into(), plural: plural.into(), namespaced }
    }

    fn reference(kind: Kind, namespace: Option<&str>, name: &str) -> Reference {
        Reference { kind, namespace: namespace.map(str::to_owned), name: name.to_owned() }
    }

    #[test]
    fn objects_are_found_by_group_namespace_and_name() {
        let deployment = reference(kind("apps/v1", "deployments", true), Some("shop"), "web");
        assert_eq!(object(&deployment).unwrap(), "/apis/apps/v1/namespaces/shop/deployments/web");
        let namespace = reference(kind("v1", "namespaces", false), None, "shop");
        assert_eq!(object(&namespace).unwrap(), "/api/v1/namespaces/shop");
    }

    #[test]
    fn lists_are_of_one_namespace_or_of_all() {
        let pods = kind("v1", "pods", true);
        assert_eq!(list(&pods, Some("shop")).unwrap(), "/api/v1/namespaces/shop/pods");
        assert_eq!(list(&pods, None).unwrap(), "/api/v1/pods");
    }

    #[test]
    fn a_name_never_leads_elsewhere() {
        let pods = || kind("v1", "pods", true);
        assert_eq!(
            object(&reference(pods(), Some("shop"), "a/../b?x#y")).unwrap(),
            "/api/v1/namespaces/shop/pods/a%2F..%2Fb%3Fx%23y"
        );
        for (namespace, name) in [(Some("shop"), ""), (Some("shop"), ".."), (Some(".."), "a"), (None, "a")] {
            assert!(object(&reference(pods(), namespace, name)).is_err(), "{namespace:?} {name:?}");
        }
    }
}
