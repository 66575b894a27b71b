//! What we made outside our table, or may have made.

use crate::name::ClusterName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything outside that belongs to one environment. It is widened before the first write and narrowed after the last,
/// so that it always covers what exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// The clusters that were written to.
    #[serde(default)]
    pub clusters: BTreeSet<ClusterName>,
    /// Namespaces.
    pub namespaces: BTreeSet<NamespaceItem>,
    /// Objects within the namespaces.
    pub objects: BTreeSet<ObjectItem>,
    /// Names in DNS.
    pub records: BTreeSet<RecordItem>,
    /// What was there before us, and is given back and not deleted. It is noted before the first of our marks is on it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub adopted: BTreeSet<AdoptedItem>,
}

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamespaceItem {
    /// The cluster, as the platform file calls it.
    pub cluster: ClusterName,
    /// The namespace's name.
    pub name: String,
}

/// An object in a namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectItem {
    /// The cluster, as the platform file calls it.
    pub cluster: ClusterName,
    /// `v1`, `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// The namespace that it is in.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A name in DNS, with the mark beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordItem {
    /// The hosted zone's id.
    pub zone: String,
    /// The full name, lower-case, without the final dot.
    pub name: String,
}

/// A namespace, or an object in one, that people let us take over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AdoptedItem {
    /// The namespace; for an object, the one that it is in.
    pub namespace: NamespaceItem,
    /// `Deployment`; also `Namespace`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The digest of the difference that people agreed to; none while they were not shown it, or did not agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<String>,
}

impl AdoptedItem {
    /// A namespace that was there before us, before people agreed to anything.
    pub fn namespace(namespace: NamespaceItem) -> Self {
        let (kind, name) = ("Namespace".to_owned(), namespace.name.clone());
        Self { namespace, kind, name, agreed: None }
    }
}

impl Inventory {
    /// Whether nothing is outside.
    pub fn is_empty(&self) -> bool {
        self.namespaces.is_empty() && self.objects.is_empty() && self.records.is_empty()
    }

    /// Forgets a namespace that is gone, or is not ours any more, and all that was in it. That it was there before us stays
    /// noted, because a late call may still mark it; what people agreed to does not.
    pub fn forget_namespace(&mut self, gone: &NamespaceItem) {
        self.namespaces.remove(gone);
        let was_there = self.adopted_namespace(gone).is_some();
        self.adopted.retain(|item| item.namespace != *gone);
        self.adopted.extend(was_there.then(|| AdoptedItem::namespace(gone.clone())));
        self.objects.retain(|object| object.cluster != gone.cluster || object.namespace != gone.name);
    }

    /// The hosted zones that hold names.
    pub fn zones(&self) -> BTreeSet<String> {
        self.records.iter().map(|record| record.zone.clone()).collect()
    }

    /// Widens by all that another holds. What was there before us no plan knows: it is noted by [`Inventory::adopt`].
    pub fn widen(&mut self, other: &Inventory) {
        self.clusters.extend(other.clusters.iter().cloned());
        self.namespaces.extend(other.namespaces.iter().cloned());
        self.objects.extend(other.objects.iter().cloned());
        self.records.extend(other.records.iter().cloned());
    }

    /// What was noted of something that was there before us.
    pub fn adopted(&self, namespace: &NamespaceItem, kind: &str, name: &str) -> Option<&AdoptedItem> {
        let same =
            |item: &&AdoptedItem| item.namespace == *namespace && item.kind == kind && item.name == name;
        self.adopted.iter().find(same)
    }

    /// What was noted of the namespace itself, if that was there before us.
    pub fn adopted_namespace(&self, namespace: &NamespaceItem) -> Option<&AdoptedItem> {
        self.adopted(namespace, "Namespace", &namespace.name)
    }

    /// Notes something that was there before us, in the place of what was noted of it.
    pub fn adopt(&mut self, item: AdoptedItem) {
        self.adopted.retain(|known| {
            known.namespace != item.namespace || known.kind != item.kind || known.name != item.name
        });
        self.adopted.insert(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_before_us_stays_noted_and_an_agreement_does_not() {
        let namespace = NamespaceItem { cluster: "main".parse().unwrap(), name: "live".to_owned() };
        let noted = AdoptedItem::namespace(namespace.clone());
        let mut inventory = Inventory::default();
        inventory.forget_namespace(&namespace);
        assert_eq!(inventory, Inventory::default(), "one of ours is forgotten whole");

        inventory.namespaces.insert(namespace.clone());
        inventory.adopt(AdoptedItem { agreed: Some("a".to_owned()), ..noted.clone() });
        let (kind, name) = ("Service".to_owned(), "web".to_owned());
        inventory.adopt(AdoptedItem { kind, name, ..noted.clone() });
        inventory.forget_namespace(&namespace);
        assert_eq!(inventory, Inventory { adopted: [noted].into(), ..Inventory::default() });
    }

    #[test]
    fn a_cluster_that_has_no_name_is_not_passed_over() {
        let stored = r#"{"clusters":["main"],"namespaces":[{"cluster":"main","name":"live"}],"objects":[],"records":[]}"#;
        let inventory: Inventory = serde_json::from_str(stored).unwrap();
        assert_eq!(serde_json::to_string(&inventory).unwrap(), stored);
        assert!(serde_json::from_str::<Inventory>(&stored.replace("main", "Main!")).is_err());
    }
}
