//! Giving back what was there before us: our marks go, and what it says stays, so that what runs goes on running.

use crate::{
    nouns::{CallError, Cluster, cluster::Reference},
    step::{objects, site::Site},
};
use roadstead_domain::{
    adoption::released,
    plan::{
        ENVIRONMENT_ROLE,
        mark::{self, Owner},
        own_binding,
        rules::{CLAIM, KINDS, ROLE_BINDING, RenderedKind, SERVICE_ACCOUNT},
    },
    refusal::Refusal,
    sentence,
};
use serde_json::{Value, json};

/// A list of whatever there is.
const ALL: &str = "";

/// Takes our marks off an object of ours, of the very version that was read, and us out of who manages its fields; nothing else of
/// it is written. A person's word that we may take it over is put back first where it was lost, because the fence lets nothing
/// else go; that is a write of a generation. It goes with the marks where nobody else wrote it, but for what may be of our making
/// and is found here the next time.
///
/// # Errors
/// As the cluster says.
pub async fn release(
    cluster: &dyn Cluster,
    reference: &Reference,
    mut existing: Value,
    mark: &str,
    generation: u64,
) -> Result<(), Refusal> {
    let owner = mark::owner(&existing, mark);
    if !owner.is_ours() || objects::is_ending(&existing) {
        return Ok(());
    }
    if owner == Owner::Ours {
        let mut allowed = json!({});
        mark::let_adopt(&mut allowed, mark);
        mark::raise(&mut allowed, generation);
        existing = cluster.patch(reference, &objects::as_read(allowed, &existing)).await?;
    }
    let released = released(&existing, is_needed(&reference.kind.kind));
    let released = cluster.patch(reference, &objects::as_read(released, &existing)).await?;
    match mark::mark_of(&released) {
        None => Ok(()),
        Some(_) => Err(Refusal::unavailable(sentence::mark_stays(&reference.kind.kind, &reference.name))),
    }
}

impl Site<'_> {
    /// By which label to list what may be ours. In a namespace that was there before us others may have taken our label back
    /// (Helm writes it, too), so there it is all.
    pub(in crate::step) fn label(&self) -> String {
        match self.noted() {
            Some(_) => ALL.to_owned(),
            None => format!("{}={}", mark::MANAGED_BY_LABEL, mark::MANAGER),
        }
    }

    /// Gives back what is there, if it is ours.
    ///
    /// # Errors
    /// As the cluster says.
    pub(in crate::step) async fn give_back(&self, reference: &Reference) -> Result<(), Refusal> {
        match self.cluster.get(reference).await? {
            Some(existing) => self.release(reference, existing).await,
            None => Ok(()),
        }
    }

    async fn release(&self, reference: &Reference, existing: Value) -> Result<(), Refusal> {
        release(self.cluster, reference, existing, self.mark(), self.environment.carrying).await
    }

    /// Takes one object of ours away, or gives it back where it was there before us. Answers whether nothing of ours is left.
    ///
    /// # Errors
    /// As the cluster says.
    pub(in crate::step) async fn give_up(&self, reference: &Reference) -> Result<bool, Refusal> {
        let existing = match self.cluster.get(reference).await {
            Ok(Some(existing)) => existing,
            Ok(None) => return Ok(true),
            Err(CallError::Forbidden { .. }) => return self.may_not_look().await,
            Err(error) => return Err(error.into()),
        };
        if self.is_given_back(&reference.kind.kind, &existing) {
            self.release(reference, existing).await.map(|()| true)
        } else {
            objects::remove(self.cluster, reference, &existing, self.mark()).await
        }
    }

    /// Where we may not even look, our binding was never made, so nothing of ours can be there; and a namespace of our own goes
    /// next with all that it holds. In one that was there before us somebody may have taken the binding away.
    async fn may_not_look(&self) -> Result<bool, Refusal> {
        if self.noted().is_some() && self.is_ours().await? {
            Err(Refusal::unavailable(sentence::right_gone(&self.namespace.name)))
        } else {
            Ok(true)
        }
    }

    /// Whether the namespace still carries our mark.
    async fn is_ours(&self) -> Result<bool, Refusal> {
        let existing = self.cluster.get(&self.reference()).await?;
        Ok(existing.is_some_and(|there| self.owner_of(&there).is_ours() && !objects::is_ending(&there)))
    }

    /// Binds our right in an adopted namespace again, if it is still ours and somebody took the right away: without it, what is
    /// ours there could not be given back. The API server takes a moment to see it; until then what is asked is unavailable.
    ///
    /// # Errors
    /// As the cluster says.
    pub(in crate::step) async fn bring_right(&self) -> Result<(), Refusal> {
        if self.noted().is_none() || !self.is_ours().await? {
            return Ok(());
        }
        let mut binding = own_binding(&self.namespace.name);
        let environment = self.environment;
        mark::stamp(&mut binding, &environment.mark, &environment.outside_name, environment.carrying);
        objects::bring(self.cluster, &binding, false).await
    }

    /// Whether an object of ours, of a kind, is given back: what was there before us, by what the inventory or people say. In a
    /// namespace that was there before us storage and the account are, too: what runs on depends on them.
    pub(in crate::step) fn is_given_back(&self, kind: &str, object: &Value) -> bool {
        let name = objects::name_of(object).unwrap_or_default();
        self.owner_of(object) == Owner::Lent
            || self.environment.inventory.adopted(self.namespace, kind, name).is_some()
            || is_needed(kind) && self.noted().is_some()
    }

    /// Takes what guards an adopted namespace away, and whatever else is marked there, our own right last. Answers whether
    /// nothing of ours is left in it.
    ///
    /// # Errors
    /// As the cluster says.
    pub(in crate::step) async fn empty_adopted(&self) -> Result<bool, Refusal> {
        self.bring_right().await?;
        let mut empty = true;
        for rendered in KINDS.iter().filter(|kind| kind.namespaced && **kind != ROLE_BINDING) {
            for reference in self.marked(rendered).await? {
                empty &= self.give_up(&reference).await?;
            }
        }
        Ok(empty && self.give_up(&self.object(&ROLE_BINDING, ENVIRONMENT_ROLE)).await?)
    }

    /// The objects of a kind that carry the mark. Of policies for the network the one that denies goes first.
    async fn marked(&self, rendered: &RenderedKind) -> Result<Vec<Reference>, Refusal> {
        let found = self.cluster.list(&objects::kind_of(rendered), Some(&self.namespace.name), ALL).await?;
        let ours = found.iter().filter(|object| self.owner_of(object).is_ours());
        let names = ours.filter_map(objects::name_of);
        Ok(names.map(|name| self.object(rendered, name)).rev().collect())
    }
}

/// What is needed by what runs on.
fn is_needed(kind: &str) -> bool {
    kind == SERVICE_ACCOUNT.kind || kind == CLAIM.kind
}
