//! Taking over what was there before us, once a person has agreed to what that changes; and giving it back.
//!
//! First the inventory notes that something is not ours to delete, then it gets our mark: whatever is lost between two calls,
//! teardown knows.

mod agreement;
mod release;

pub(super) use agreement::Agreed;
pub use release::release;

use super::{objects, site::Site};
use crate::nouns::{
    CallError,
    cluster::{Apply, Reference},
    denial::Denial,
};
use roadstead_domain::{
    adoption::{Change, Difference, signed},
    plan::mark::{self, Owner},
    refusal::Refusal,
    sentence,
};
use serde_json::Value;

/// What stands where the plan has an object.
enum Found {
    /// Nothing.
    Nothing,
    /// An object of this environment.
    Ours(Value),
    /// An object of somebody else.
    Foreign(Value),
    /// An object that people let us take over.
    Adoptable { existing: Value, difference: Difference },
}

/// What became of an object that was to be taken over.
enum Taken {
    /// It is as its manifest says.
    Whole,
    /// It is yet to be brought to what its manifest says; so it stands now.
    Standing(Option<Value>),
    /// People did not agree to what that would change now. It stays as it is.
    Unagreed,
}

impl Site<'_> {
    async fn look(&self, manifest: &Value, may_recreate: bool) -> Result<Found, Refusal> {
        let reference = objects::reference(manifest)?;
        let Some(existing) = self.cluster.get(&reference).await? else { return Ok(Found::Nothing) };
        match self.owner_of(&existing) {
            Owner::Ours | Owner::Lent => return Ok(Found::Ours(existing)),
            Owner::Foreign => return Ok(Found::Foreign(existing)),
            Owner::Adoptable => {}
        }
        if objects::is_ending(&existing) {
            return Err(Refusal::unavailable(sentence::still_ending(&reference.kind.kind, &reference.name)));
        }
        let difference = self.difference(&reference, &existing, manifest, may_recreate).await?;
        Ok(Found::Adoptable { existing, difference })
    }

    /// What the API server says would become of an object. Nothing is changed.
    pub(super) async fn difference(
        &self,
        reference: &Reference,
        existing: &Value,
        manifest: &Value,
        may_recreate: bool,
    ) -> Result<Difference, Refusal> {
        let asked = objects::as_read(manifest.clone(), existing);
        match self.cluster.apply(reference, &asked, Apply { force: true, dry_run: true }).await {
            Ok(then) => Ok(Difference::in_place(existing, &then, manifest)),
            Err(CallError::Refused { reason }) if Denial::of(&reason).is_none() => {
                let field = objects::recreated_for(reference, &reason, may_recreate)?;
                Ok(Difference::recreated(existing, manifest, field))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Brings one object to what its manifest says, and first takes it over, if people agreed to exactly that. Answers whether
    /// it is as they agreed.
    ///
    /// # Errors
    /// As the cluster says.
    pub(super) async fn take(&self, manifest: &Value, may_recreate: bool) -> Result<bool, Refusal> {
        match self.take_over(manifest, may_recreate).await? {
            Taken::Unagreed => Ok(false),
            Taken::Whole => Ok(true),
            Taken::Standing(existing) => {
                objects::bring_as_read(self.cluster, manifest, existing, may_recreate).await.map(|()| true)
            }
        }
    }

    /// Takes over what stands where the plan has an object: of what was read, the very version. What cannot be changed in place
    /// gets our marks alone, so that it can be deleted and created.
    async fn take_over(&self, manifest: &Value, may_recreate: bool) -> Result<Taken, Refusal> {
        let (existing, difference) = match self.look(manifest, may_recreate).await? {
            Found::Nothing => return Ok(Taken::Standing(None)),
            Found::Ours(existing) | Found::Foreign(existing) => return Ok(Taken::Standing(Some(existing))),
            Found::Adoptable { existing, difference } => (existing, difference),
        };
        if !self.is_agreed(&difference) {
            return Ok(Taken::Unagreed);
        }
        let in_place = !matches!(difference.change, Change::Recreated { .. });
        let mut taken = if in_place { manifest.clone() } else { signed(manifest) };
        mark::let_adopt(&mut taken, self.mark());
        let (reference, taken) = (objects::reference(manifest)?, objects::as_read(taken, &existing));
        if !in_place {
            return Ok(Taken::Standing(Some(self.cluster.patch(&reference, &taken).await?)));
        }
        self.cluster.apply(&reference, &taken, Apply { force: true, dry_run: false }).await?;
        Ok(Taken::Whole)
    }

    /// Whether people agreed to exactly this.
    pub(super) fn is_agreed(&self, difference: &Difference) -> bool {
        let noted = self.environment.inventory.adopted(self.namespace, &difference.kind, &difference.name);
        noted.is_some_and(|noted| noted.agreed.as_ref() == Some(&difference.digest))
    }
}
