//! What taking over would change is shown, and a person agrees to exactly that.

use super::{Found, Takeover};
use crate::{
    nouns::{Cluster, cluster::Apply},
    step::objects,
};
use roadstead_domain::{
    adoption::{Change, Difference, agreement},
    inventory::AdoptedItem,
    plan::{Part, mark},
    refusal::Refusal,
    sentence,
};
use serde_json::Value;

/// How an agreement stands.
pub enum Agreed {
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

impl Takeover<'_> {
    /// Whether people have agreed to all that taking over would still change.
    ///
    /// # Errors
    /// Rejected with the difference, where they have not; others as the cluster says.
    pub async fn agreed(&self, part: &Part) -> Result<Agreed, Refusal> {
        let noted = self.environment.inventory.adopted_namespace(self.namespace);
        let first = noted.is_none_or(|noted| noted.agreed.is_none());
        let name = self.namespace.name.as_str();
        let Some(namespace) = self.cluster.get(&objects::namespace(name)).await? else {
            return Err(Refusal::unavailable(sentence::namespace_gone(name)));
        };
        let mut met = self.meet(part, first).await?;
        if !met.foreign.is_empty() {
            return Err(Refusal::rejected(sentence::foreign_objects(name, &met.foreign, self.mark())));
        }
        if first {
            let Some(manifest) = part.guards.iter().find(|guard| guard["kind"] == "Namespace") else {
                return Err(Refusal::broken("the plan has no namespace"));
            };
            met.differences.push(of_namespace(self.cluster, &namespace, manifest).await?);
        }
        let nothing = |one: &Difference| one.change == Change::InPlace(vec![]) && one.beside.is_empty();
        let agreement = agreement(&namespace, self.environment.incarnation, &met.differences);
        let agrees = mark::adopter_of(&namespace) == Some(self.mark())
            && mark::agreed_of(&namespace) == Some(agreement.as_str());
        match met.differences.is_empty() {
            true => Ok(Agreed::Before),
            false if agrees || met.differences.iter().all(nothing) => {
                Ok(Agreed::Now(met.differences.into_iter().filter_map(|one| self.noted(one)).collect()))
            }
            false => {
                let id = &self.environment.id;
                Err(Refusal::rejected(sentence::difference(name, &agreement, id, &met.differences)))
            }
        }
    }

    /// Goes through the plan. What is not there yet is told only before the first agreement: afterwards making it is nothing
    /// out of the ordinary.
    async fn meet(&self, part: &Part, first: bool) -> Result<Met, Refusal> {
        let mut met = Met::default();
        let own = ["Namespace", "RoleBinding"];
        let guards = part.guards.iter().filter(|guard| !own.iter().any(|kind| guard["kind"] == *kind));
        for manifest in guards.chain(&part.manifests) {
            match self.look(manifest).await? {
                Found::Nothing if first => met.differences.push(Difference::made(manifest)),
                Found::Nothing | Found::Ours => {}
                Found::Foreign => {
                    met.foreign.push((text(&manifest["kind"]), text(&manifest["metadata"]["name"])))
                }
                Found::Adoptable { difference, .. } if self.is_agreed(&difference) => {}
                Found::Adoptable { difference, .. } => met.differences.push(difference),
            }
        }
        Ok(met)
    }

    /// What the inventory notes of a difference: an object that is not there yet is simply ours.
    fn noted(&self, difference: Difference) -> Option<AdoptedItem> {
        let Difference { kind, name, change, digest, .. } = difference;
        let namespace = self.namespace.clone();
        (change != Change::Made).then_some(AdoptedItem { namespace, kind, name, agreed: Some(digest) })
    }
}

/// What writing a namespace whole would change. Nothing is changed.
///
/// # Errors
/// As the cluster says.
pub async fn of_namespace(
    cluster: &dyn Cluster,
    existing: &Value,
    manifest: &Value,
) -> Result<Difference, Refusal> {
    let (reference, asked) = (objects::reference(manifest)?, objects::as_read(manifest.clone(), existing));
    let then = cluster.apply(&reference, &asked, Apply { force: true, dry_run: true }).await?;
    Ok(Difference::in_place(existing, &then, manifest))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
