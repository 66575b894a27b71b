//! Taking over what was there before us, once a person has agreed to what that changes; and giving it back.
//!
//! First the inventory notes that something is not ours to delete, then it gets our mark: whatever is lost between two calls,
//! teardown knows.

mod agreement;
mod release;

pub use agreement::{Agreed, of_namespace};
pub use release::{all_of, bring_right, empty_adopted, give_up, is_given_back, label_in, release};

use super::objects;
use crate::nouns::{
    CallError, Cluster,
    cluster::{Apply, Reference},
    denial::Denial,
};
use roadstead_domain::{
    adoption::{Change, Difference},
    environment::Environment,
    inventory::NamespaceItem,
    plan::mark,
    refusal::Refusal,
    sentence,
};
use serde_json::{Value, json};

/// A namespace that is taken over, or was.
pub struct Takeover<'a> {
    /// The cluster that it is in.
    pub cluster: &'a dyn Cluster,
    /// Which it is.
    pub namespace: &'a NamespaceItem,
    /// The environment that takes it over.
    pub environment: &'a Environment,
    /// Whether an object may be deleted and created anew where a change cannot be made in place.
    pub may_recreate: bool,
}

/// What stands where the plan has an object.
enum Found {
    /// Nothing.
    Nothing,
    /// An object of this environment.
    Ours,
    /// An object of somebody else.
    Foreign,
    /// An object that people let us take over.
    Adoptable { existing: Value, difference: Difference },
}

impl Takeover<'_> {
    fn mark(&self) -> &str {
        &self.environment.mark
    }

    async fn look(&self, manifest: &Value) -> Result<Found, Refusal> {
        let reference = objects::reference(manifest)?;
        let Some(existing) = self.cluster.get(&reference).await? else { return Ok(Found::Nothing) };
        match mark::mark_of(&existing) {
            Some(mark) if mark == self.mark() => return Ok(Found::Ours),
            None if mark::adopter_of(&existing) == Some(self.mark()) => {}
            _ => return Ok(Found::Foreign),
        }
        if objects::is_ending(&existing) {
            return Err(Refusal::unavailable(sentence::still_ending(&reference.kind.kind, &reference.name)));
        }
        let difference = self.difference(&reference, &existing, manifest).await?;
        Ok(Found::Adoptable { existing, difference })
    }

    /// What the API server says would become of an object. Nothing is changed.
    async fn difference(
        &self,
        reference: &Reference,
        existing: &Value,
        manifest: &Value,
    ) -> Result<Difference, Refusal> {
        let asked = objects::as_read(manifest.clone(), existing);
        match self.cluster.apply(reference, &asked, Apply { force: true, dry_run: true }).await {
            Ok(then) => Ok(Difference::in_place(existing, &then, manifest)),
            Err(CallError::Refused { reason }) if Denial::of(&reason).is_none() => {
                let field = objects::recreated_for(reference, &reason, self.may_recreate)?;
                Ok(Difference::recreated(existing, manifest, field))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes over what stands where the plan has an object, if people agreed to exactly that: of what was read, the very
    /// version. Answers whether it is as they agreed; what is ours or somebody else's is not judged here.
    ///
    /// # Errors
    /// As the cluster says.
    pub async fn take(&self, manifest: &Value) -> Result<bool, Refusal> {
        let Found::Adoptable { existing, difference } = self.look(manifest).await? else { return Ok(true) };
        if !self.is_agreed(&difference) {
            return Ok(false);
        }
        let mut taken = match difference.change {
            Change::Recreated { .. } => signed(release::all_of(&existing), manifest),
            Change::InPlace(_) | Change::Made => manifest.clone(),
        };
        mark::let_adopt(&mut taken, self.mark());
        let reference = objects::reference(manifest)?;
        let taken = objects::as_read(taken, &existing);
        self.cluster.apply(&reference, &taken, Apply { force: true, dry_run: false }).await?;
        Ok(true)
    }

    fn is_agreed(&self, difference: &Difference) -> bool {
        let noted = self.environment.inventory.adopted(self.namespace, &difference.kind, &difference.name);
        noted.is_some_and(|noted| noted.agreed.as_ref() == Some(&difference.digest))
    }
}

/// The labels and annotations that an object has, under the marks that a manifest has.
pub(super) fn signed(mut object: Value, manifest: &Value) -> Value {
    for field in ["labels", "annotations"] {
        let marks = manifest["metadata"][field].as_object().into_iter().flatten();
        for (name, value) in marks.filter(|(name, _)| mark::is_mark(name)) {
            if !object["metadata"][field].is_object() {
                object["metadata"][field] = json!({});
            }
            object["metadata"][field][name.as_str()] = value.clone();
        }
    }
    object
}
