//! Clusters that the type no longer has: what is left there goes, once all that took its place is ready.
//!
//! First create-dns takes the names away that lead there, and their changes arrive. Resolvers may remember them a while
//! longer, and a call that was given up may still come; then the objects go, then the namespace. What cannot be taken away is
//! told, and is no failure of what is ready.

use super::VerifyRollout;
use crate::{
    carry::{Next, Work},
    context::Context,
    step::{
        LATE_MARGIN,
        apply_to_eks::{Emptied, empty},
        create_dns::RECORD_LIFE,
        provision_environment::remove,
        site::Site,
    },
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    inventory::NamespaceItem,
    name::ClusterName,
    plan::Plan,
    refusal::{Class, Refusal},
    sentence,
    step::{Direction, Stage, Step},
};
use std::collections::BTreeSet;

/// How long it may take until a cluster is left.
const RETIRE_WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// How long until what ends is looked at again.
const ENDING_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Where the names are taken away.
const NAMES: Stage = Stage { step: Step::CreateDns, direction: Direction::Forward };

impl VerifyRollout {
    /// Leaves clusters that the plan does not have, within a limit of time.
    pub(super) async fn leave(
        &self,
        context: &Context,
        work: &mut Work,
        plan: &Plan,
    ) -> Result<Next, Refusal> {
        let inventory = &work.environment.inventory;
        let left: BTreeSet<ClusterName> =
            inventory.clusters.difference(&plan.inventory.clusters).cloned().collect();
        if left.is_empty() {
            work.environment.left_behind = None;
            return Ok(Next::On);
        }
        if !work.environment.retiring {
            work.environment.retiring = true;
            work.environment.deadline = work.environment.deadline.max(context.now() + RETIRE_WITHIN);
            return Ok(Next::Turn(NAMES));
        }
        let late = context.now() + ENDING_PAUSE >= work.environment.deadline;
        match self.retire(context, work, &left).await {
            Err(refusal) if late || refusal.class != Class::Unavailable => {
                Ok(leave_behind(work, sentence::left_behind(&left, &refusal)))
            }
            Ok(Next::Wait { .. }) if late => {
                let ends = Refusal::unavailable(sentence::too_long(NAMES));
                Ok(leave_behind(work, sentence::left_behind(&left, &ends)))
            }
            result => result,
        }
    }

    /// Takes down what is in these clusters.
    async fn retire(
        &self,
        context: &Context,
        work: &mut Work,
        left: &BTreeSet<ClusterName>,
    ) -> Result<Next, Refusal> {
        let inventory = &work.environment.inventory;
        let namespaces: Vec<NamespaceItem> =
            inventory.namespaces.iter().filter(|item| left.contains(&item.cluster)).cloned().collect();
        for namespace in &namespaces {
            self.fence_off(context, work, namespace).await?;
        }
        if let Some(until) = until_forgotten(context, work) {
            return Ok(Next::Wait { until, phase: None });
        }
        for namespace in namespaces {
            if empty(context, work, self.clusters.as_ref(), &namespace).await? == Emptied::Ending {
                return Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: None });
            }
            if let Some(held_by) = remove(context, work, self.clusters.as_ref(), &namespace).await? {
                return Err(Refusal::unavailable(sentence::held(&namespace.name, &held_by)));
            }
            work.environment.inventory.forget_namespace(&namespace);
        }
        work.environment.inventory.clusters.retain(|cluster| !left.contains(cluster));
        work.environment.left_behind = None;
        Ok(Next::On)
    }

    /// Nothing older can write there any more.
    pub(super) async fn fence_off(
        &self,
        context: &Context,
        work: &Work,
        namespace: &NamespaceItem,
    ) -> Result<(), Refusal> {
        let cluster = work.cluster(context, self.clusters.as_ref(), &namespace.cluster).await?;
        Site { cluster: &cluster, environment: &work.environment, namespace }.fence().await
    }
}

/// What is ready stays ready; what could not be left is told, and is still in the inventory.
fn leave_behind(work: &mut Work, told: String) -> Next {
    tracing::error!(environment = %work.environment.id, told, "something was left behind");
    work.environment.left_behind = Some(told);
    Next::On
}

/// Until when somebody may still be led there, or something may still be made there.
fn until_forgotten(context: &Context, work: &mut Work) -> Option<Timestamp> {
    let (now, environment) = (context.now(), &mut work.environment);
    let forgotten = *environment.retires_at.get_or_insert(now + RECORD_LIFE);
    let late = environment.late_until.map(|late| late + LATE_MARGIN);
    Some(late.map_or(forgotten, |late| late.max(forgotten))).filter(|until| *until > now)
}
