//! A namespace is made, or taken over, and raised to a generation.

use crate::{
    nouns::cluster::Apply,
    step::{objects, site::Site},
};
use roadstead_domain::{
    adoption::signed,
    plan::{
        Part,
        mark::{self, Owner},
    },
    refusal::Refusal,
    sentence,
};
use serde_json::Value;

/// How the namespace stands.
pub(super) enum Raised {
    /// It is ours, and of this generation.
    Ready,
    /// It is on its way out.
    Ending,
    /// It was there before us, and people have not agreed to what taking it over changes now: it is new to the inventory, or lost
    /// our mark, or is not as they agreed any more. Nothing was done.
    Unagreed,
    /// It was there before us, as the inventory knows, and is not any more: the next one is ours. Nothing was done.
    Vanished,
}

impl Site<'_> {
    /// Raises the generation of the namespace, which fences out everything older; makes the namespace if there is none.
    pub(super) async fn raise(&self, part: &Part) -> Result<Raised, Refusal> {
        let (manifest, noted) = (part.namespace()?, self.noted());
        let Some(existing) = self.cluster.get(&self.reference()).await? else {
            if noted.is_some() {
                return Ok(Raised::Vanished);
            }
            self.cluster.apply(&self.reference(), manifest, Apply::default()).await?;
            return Ok(Raised::Ready);
        };
        self.check_owner(&existing)?;
        if objects::is_ending(&existing) {
            return Ok(Raised::Ending);
        }
        let agreed = noted.is_none_or(|noted| noted.agreed.is_some());
        if agreed && !self.is_still_agreed(manifest, &existing).await? {
            return Ok(Raised::Unagreed);
        }
        self.write(manifest, &existing, agreed).await.map(|()| Raised::Ready)
    }

    /// A namespace is ours, or one that people let us take over.
    fn check_owner(&self, existing: &Value) -> Result<(), Refusal> {
        let (name, environment) = (self.namespace.name.as_str(), self.environment);
        match self.owner_of(existing) {
            Owner::Foreign if mark::mark_of(existing).is_none() && *name != environment.outside_name => {
                let adopter = mark::adopter_of(existing);
                return Err(Refusal::rejected(sentence::foreign_namespace(name, adopter, self.mark())));
            }
            Owner::Foreign => return Err(Refusal::rejected(sentence::foreign_object("Namespace", name))),
            Owner::Ours | Owner::Lent | Owner::Adoptable => {}
        }
        if mark::generation_of(existing).is_some_and(|there| there > environment.carrying) {
            Err(Refusal::unavailable(sentence::newer_generation_there()))
        } else {
            Ok(())
        }
    }

    /// Whether a namespace may be written whole: it was already, or writing it changes exactly what people agreed to.
    async fn is_still_agreed(&self, manifest: &Value, existing: &Value) -> Result<bool, Refusal> {
        if !self.owner_of(existing).is_ours() {
            return Ok(false);
        }
        if self.noted().is_none() || is_whole(manifest, existing) {
            return Ok(true);
        }
        Ok(self.is_agreed(&self.difference_of_namespace(existing, manifest).await?))
    }

    /// Writes the manifest; before people agreed to it, our marks alone.
    async fn write(&self, manifest: &Value, existing: &Value, agreed: bool) -> Result<(), Refusal> {
        let mut wanted = if agreed { manifest.clone() } else { signed(manifest) };
        if !agreed {
            mark::leave_incarnation(&mut wanted);
        }
        if mark::adopter_of(existing) == Some(self.mark()) {
            mark::let_adopt(&mut wanted, self.mark());
        }
        let wanted = objects::as_read(wanted, existing);
        if agreed {
            self.cluster.apply(&self.reference(), &wanted, Apply { force: true, dry_run: false }).await?
        } else {
            self.cluster.patch(&self.reference(), &wanted).await?
        };
        Ok(())
    }
}

/// Whether a namespace was written whole in this incarnation of its environment: what becomes of it then needs no agreement.
fn is_whole(manifest: &Value, existing: &Value) -> bool {
    mark::incarnation_of(existing) == mark::incarnation_of(manifest)
}
