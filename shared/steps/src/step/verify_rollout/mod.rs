//! verify-rollout: waits until every object was seen ready, and DNS has arrived.

mod container;
mod pods;
mod readiness;
mod retired;

use super::{Refused, StepWork, create_dns, objects, site::Site, whose};
use crate::{
    carry::{Next, Work},
    context::Context,
    nouns::{Cluster as _, Clusters},
    record,
};
use jiff::SignedDuration;
use pods::Applied;
use readiness::{Finding, Moment, Readiness};
use roadstead_domain::{
    environment::{Environment, Phase},
    inventory::NamespaceItem,
    plan::{Part, Plan, mark},
    refusal::{Class, Refusal},
    sentence,
    step::{Direction, Stage, Step},
};
use std::sync::Arc;

/// How long one invocation watches before it hands over to a delayed message: a pace, because the next one goes on.
const WATCHED_FOR: SignedDuration = SignedDuration::from_secs(4);
/// How long between two looks, at first; it doubles.
const PAUSE: SignedDuration = SignedDuration::from_millis(25);
/// The longest pause between two looks within one invocation: a pace too.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_millis(800);
/// How long until the next invocation looks.
const HAND_OVER: SignedDuration = SignedDuration::from_secs(3);

/// Where what was lost is made again.
const APPLY: Stage = Stage { step: Step::ApplyToEks, direction: Direction::Forward };

/// Waits for readiness.
pub struct VerifyRollout {
    /// Where objects become ready.
    pub clusters: Arc<dyn Clusters>,
}

#[async_trait::async_trait]
impl StepWork for VerifyRollout {
    fn step(&self) -> Step {
        Step::VerifyRollout
    }

    async fn carry_out(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let environment = &work.environment;
        let plan = record::plan(context.state.as_ref(), &environment.id, environment.carrying).await?;
        let begun = context.now();
        let mut pause = PAUSE;
        loop {
            let Readiness { finding, why } = self.look_everywhere(context, work, &plan).await?;
            let late = sentence::not_ready_in_time(&why);
            let late = match finding {
                Finding::Ready => return self.leave(context, work, &plan).await,
                Finding::Failed | Finding::GivenUp => {
                    return Err(failed(&mut work.environment, Refusal::rejected(why)));
                }
                Finding::Broken => return Err(Refusal::broken(why)),
                Finding::RollsOut | Finding::BlockedByItself | Finding::Missing => Refusal::rejected(late),
                Finding::BlockedByCluster | Finding::AwaitsDns => Refusal::unavailable(late),
            };
            if context.now() > work.environment.deadline {
                return Err(failed(&mut work.environment, late));
            }
            let elsewhere = late.class == Class::Unavailable;
            if elsewhere || context.now().duration_since(begun) > WATCHED_FOR {
                if finding == Finding::Missing {
                    return Ok(Next::Turn(APPLY));
                }
                let phase = finding.is_blocked().then_some(Phase::Waiting { why });
                return Ok(Next::Wait { until: context.now() + HAND_OVER, phase });
            }
            context.time.sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Nothing was made here. The fence goes up, so that nothing older can write while the rest is taken down.
    async fn undo(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let namespaces: Vec<_> = work.environment.inventory.namespaces.iter().cloned().collect();
        let mut refused = Refused::default();
        for namespace in &namespaces {
            refused.pass(self.fence_off(context, work, namespace).await);
        }
        refused.end().map(|()| Next::On)
    }
}

/// Remembers what failed: nothing automatic deploys it here again.
fn failed(environment: &mut Environment, refusal: Refusal) -> Refusal {
    if refusal.class != Class::Rejected {
        return refusal;
    }
    environment.remember_tried();
    refusal
}

impl VerifyRollout {
    /// One look at everything, in every cluster.
    async fn look_everywhere(
        &self,
        context: &Context,
        work: &mut Work,
        plan: &Plan,
    ) -> Result<Readiness, Refusal> {
        let mut worst = Readiness::ready();
        for part in &plan.parts {
            let seen = self.look_or_lose(context, work, &plan.namespace, part).await;
            let seen = seen.map_err(|refusal| whose(plan, part, refusal))?;
            worst = worst.worse(match plan.parts.len() {
                1 => seen,
                _ => seen.in_cluster(&part.cluster),
            });
        }
        if worst.finding == Finding::Ready { arrival(context, work).await } else { Ok(worst) }
    }

    /// One look at everything in one cluster. Our right there goes with the namespace.
    async fn look_or_lose(
        &self,
        context: &Context,
        work: &Work,
        namespace: &str,
        part: &Part,
    ) -> Result<Readiness, Refusal> {
        let refusal = match self.look(context, work, namespace, part).await {
            Err(refusal) if refusal.class == Class::Broken => refusal,
            seen => return seen,
        };
        let cluster = work.cluster(context, self.clusters.as_ref(), &part.cluster).await?;
        let item = NamespaceItem { cluster: part.cluster.clone(), name: namespace.to_owned() };
        let site = Site { cluster: &cluster, environment: &work.environment, namespace: &item };
        if site.stands().await? {
            Err(refusal)
        } else {
            Ok(Finding::Missing.because(sentence::object_missing("Namespace", namespace)))
        }
    }

    /// One look at everything in one cluster.
    async fn look(
        &self,
        context: &Context,
        work: &Work,
        namespace: &str,
        part: &Part,
    ) -> Result<Readiness, Refusal> {
        let environment = &work.environment;
        let cluster = work.cluster(context, self.clusters.as_ref(), &part.cluster).await?;
        let age = context.now().duration_since(environment.stage_since);
        let (mut worst, mut applied) = (Readiness::ready(), vec![]);
        for manifest in &part.manifests {
            let reference = objects::reference(manifest)?;
            let object = cluster.get(&reference).await?;
            let ours = object.filter(|object| mark::generation_of(object) == Some(environment.carrying));
            let readiness = match &ours {
                Some(object) => readiness::of(object, age),
                None => {
                    Finding::Missing.because(sentence::object_missing(&reference.kind.kind, &reference.name))
                }
            };
            worst = worst.worse(readiness);
            applied.extend(ours.map(|object| Applied { manifest, object }));
        }
        let moment = Moment { since: environment.stage_since, age };
        if let Finding::RollsOut | Finding::GivenUp = worst.finding {
            worst = match (pods::look(&cluster, namespace, &applied, moment).await?, worst.finding) {
                (Some(Readiness { finding: Finding::BlockedByItself, why }), Finding::GivenUp) => {
                    Finding::Failed.because(sentence::not_ready_in_time(&why))
                }
                (told, _) => told.unwrap_or(worst),
            };
        }
        Ok(worst)
    }
}

/// Whether DNS answers everywhere.
async fn arrival(context: &Context, work: &mut Work) -> Result<Readiness, Refusal> {
    Ok(if create_dns::has_arrived(context, work).await? {
        Readiness::ready()
    } else {
        Finding::AwaitsDns.because(sentence::dns_pending())
    })
}
