//! What taking over would change is shown, and a person agrees to exactly that.

use super::Found;
use crate::step::site::Site;
use roadstead_domain::{
    adoption::{Change, Difference, agreement},
    inventory::AdoptedItem,
    plan::{Part, mark},
    refusal::Refusal,
    sentence,
};
use serde_json::Value;

/// How an agreement stands.
pub(in crate::step) enum Agreed {
    /// Nothing is left to agree to.
    Before,
    /// A person agreed just now, to these: to be noted before anything is changed.
    Now(Vec<AdoptedItem>),
}

/// What the plan meets in the namespace.
#[derive(Default)]
struct Met {
    foreign: Vec<(String, String)>,
    differences: Vec<Difference>,
}

impl Site<'_> {
    /// Whether people have agreed to all that taking over would still change.
    ///
    /// # Errors
    /// Rejected with the difference, where they have not; others as the cluster says.
    pub(in crate::step) async fn agreed(&self, part: &Part, may_recreate: bool) -> Result<Agreed, Refusal> {
        let name = self.namespace.name.as_str();
        let Some(namespace) = self.cluster.get(&self.reference()).await? else {
            return Err(Refusal::unavailable(sentence::namespace_gone(name)));
        };
        let Met { foreign, differences } = self.meet(part, &namespace, may_recreate).await?;
        if !foreign.is_empty() {
            return Err(Refusal::rejected(sentence::foreign_objects(name, &foreign, self.mark())));
        }
        let agreement = agreement(&namespace, self.environment.incarnation, &differences);
        let agrees = mark::adopter_of(&namespace) == Some(self.mark())
            && mark::agreed_of(&namespace) == Some(agreement.as_str());
        match differences.is_empty() {
            true => Ok(Agreed::Before),
            false if agrees || differences.iter().all(Difference::changes_nothing) => {
                Ok(Agreed::Now(differences.into_iter().filter_map(|one| self.to_note(one)).collect()))
            }
            false => {
                let id = &self.environment.id;
                Err(Refusal::rejected(sentence::difference(name, &agreement, id, &differences)))
            }
        }
    }

    /// Goes through the plan. What is not there yet, and the namespace itself, are told only before the first agreement:
    /// afterwards writing them is nothing out of the ordinary.
    async fn meet(&self, part: &Part, namespace: &Value, may_recreate: bool) -> Result<Met, Refusal> {
        let first = self.noted().is_none_or(|noted| noted.agreed.is_none());
        let mut met = Met::default();
        for manifest in part.other_guards().chain(&part.manifests) {
            match self.look(manifest, may_recreate).await? {
                Found::Nothing if first => met.differences.push(Difference::made(manifest)),
                Found::Nothing | Found::Ours(_) => {}
                Found::Foreign(_) => {
                    met.foreign.push((text(&manifest["kind"]), text(&manifest["metadata"]["name"])))
                }
                Found::Adoptable { difference, .. } if self.is_agreed(&difference) => {}
                Found::Adoptable { difference, .. } => met.differences.push(difference),
            }
        }
        if first {
            met.differences.push(self.difference_of_namespace(namespace, part.namespace()?).await?);
        }
        Ok(met)
    }

    /// What writing the namespace whole would change. Nothing is changed.
    ///
    /// # Errors
    /// As the cluster says.
    pub(in crate::step) async fn difference_of_namespace(
        &self,
        existing: &Value,
        manifest: &Value,
    ) -> Result<Difference, Refusal> {
        self.difference(&self.reference(), existing, manifest, false).await
    }

    /// What the inventory notes of a difference: an object that is not there yet is simply ours.
    fn to_note(&self, difference: Difference) -> Option<AdoptedItem> {
        let Difference { kind, name, change, digest, .. } = difference;
        let namespace = self.namespace.clone();
        (change != Change::Made).then_some(AdoptedItem { namespace, kind, name, agreed: Some(digest) })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
