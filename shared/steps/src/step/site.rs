//! Where an environment is carried out: its namespace in one cluster.

use super::objects;
use crate::nouns::{Cluster, cluster::Reference};
use roadstead_domain::{
    environment::Environment,
    inventory::{AdoptedItem, NamespaceItem},
    plan::{
        mark::{self, Owner},
        rules::RenderedKind,
    },
};
use serde_json::Value;

/// One environment's namespace in one cluster. What is done there is told where it belongs: with the steps, and with adoption.
pub(crate) struct Site<'a> {
    /// The cluster.
    pub(crate) cluster: &'a dyn Cluster,
    /// The environment, as the stage changes it.
    pub(crate) environment: &'a Environment,
    /// The namespace.
    pub(crate) namespace: &'a NamespaceItem,
}

impl Site<'_> {
    pub(super) fn mark(&self) -> &str {
        &self.environment.mark
    }

    /// Whose an object is, for this environment.
    pub(super) fn owner_of(&self, object: &Value) -> Owner {
        mark::owner(object, self.mark())
    }

    /// What the inventory notes of the namespace, if that was there before us.
    pub(super) fn noted(&self) -> Option<&AdoptedItem> {
        self.environment.inventory.adopted_namespace(self.namespace)
    }

    /// The namespace itself.
    pub(super) fn reference(&self) -> Reference {
        objects::namespace(&self.namespace.name)
    }

    /// An object in it.
    pub(super) fn object(&self, rendered: &RenderedKind, name: &str) -> Reference {
        Reference {
            kind: objects::kind_of(rendered),
            namespace: Some(self.namespace.name.clone()),
            name: name.to_owned(),
        }
    }
}
