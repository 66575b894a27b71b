//! accept-trigger: decides who is concerned, and raises what is wanted there, a few environments at a time.

mod again;
mod begin;
mod branch;
mod checks;
mod command;
mod concern;
mod configuration;
mod deliveries;
mod differences;
mod extend;
mod hold;
mod images;
mod missing;
mod notice;
mod pace;
mod passed_over;
mod raise;
mod reconfigure;
mod repository;
mod tags;
mod tell;
mod told;

pub(crate) use command::may_see;
pub use deliveries::AGAIN_LIMIT;
pub(crate) use deliveries::Heard;
pub(crate) use raise::{Raise, raise};
pub use reconfigure::TOLD_AT_ONCE;
#[cfg(test)]
pub(crate) use repository::Watched;
pub(crate) use told::Told;

use crate::{
    carry::{Changed, change_and_owe},
    context::{Context, Handled},
    nouns::{
        GitHost, Registry,
        state::{Change, Condition, DUE_AT, StateError, Write},
    },
    rows,
};
use concern::Concern;
use futures::future;
use jiff::SignedDuration;
use notice::notice;
use roadstead_domain::{
    actor::Actor,
    announcement::AnnouncementKey,
    fact::ToldImage,
    intent::{Cause, Occasion},
    name::EnvironmentId,
    platform::Platform,
    refusal::{Class, Refusal},
    sentence,
    trigger::{Closed, HowClosed, Outcome, Sighting, Trigger},
};
use std::{collections::BTreeMap, sync::Arc};

/// The most environments that one trigger tells: its row, of at most 400 KB, has room for what came of each.
pub const CONCERNS_LIMIT: usize = 500;

/// How long a trigger is tried again after something could not be read or written.
pub const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// The same of what was typed: it can be answered for a little longer, and whoever waits longer types it again.
pub const COMMAND_LIFE: SignedDuration = SignedDuration::from_mins(20);

/// How many environments are told at the same time. What became of each is written once for all of them.
const RAISED_AT_ONCE: usize = 8;

fn life(sighting: &Sighting) -> SignedDuration {
    match sighting {
        Sighting::Command { .. } => COMMAND_LIFE,
        _ => LIFE,
    }
}

/// Decides who is concerned.
pub struct AcceptTrigger {
    /// Where sources are read.
    pub host: Arc<dyn GitHost>,
    /// Where images are looked up.
    pub registry: Arc<dyn Registry>,
}

/// What a sighting comes to: the environments that it concerns, or why it concerns none. A configuration concerns
/// repositories, which have been told of it.
enum Concerned {
    These(Vec<Concern>),
    Nobody(String),
    Repositories(Closed),
}

impl AcceptTrigger {
    /// Brings one trigger to its end.
    ///
    /// # Errors
    /// When something could not be read or written: the message is to be delivered again.
    pub async fn accept(&self, context: &Context, key: &str) -> Handled {
        let stored: Option<Trigger> = rows::load(context.state.as_ref(), &rows::trigger(key)).await?;
        let Some(mut trigger) = stored else { return Ok(()) };
        if trigger.closed.is_some() {
            return Ok(());
        }
        let closed = match self.bring_to_its_end(context, &mut trigger).await {
            Err(refusal) if refusal.class == Class::Rejected => HowClosed::Refused.because(refusal.text),
            Err(refusal) if trigger.received_at + life(&trigger.sighting) <= context.now() => {
                given_up(&trigger, &refusal)
            }
            result => result?,
        };
        close(context, &trigger, closed).await
    }

    /// Tells everybody who is concerned; answers what came of it.
    async fn bring_to_its_end(&self, context: &Context, trigger: &mut Trigger) -> Result<Closed, Refusal> {
        let platform = platform(context, &trigger.sighting).await?;
        match self.concerned(context, trigger, &platform).await? {
            Concerned::Repositories(closed) => Ok(closed),
            Concerned::Nobody(reason) => Ok(HowClosed::Nothing.because(reason)),
            Concerned::These(concerns) => {
                let left = self.raise_all(context, trigger, concerns, &platform).await?;
                let told = trigger.outcomes.len();
                Ok(match left {
                    0 => HowClosed::Told.because(sentence::told(told)),
                    left => HowClosed::ToldSome.because(sentence::told_some(told, left)),
                })
            }
        }
    }

    async fn concerned(
        &self,
        context: &Context,
        trigger: &Trigger,
        platform: &Platform,
    ) -> Result<Concerned, Refusal> {
        match &trigger.sighting {
            Sighting::PullRequest { repository, number, head, closed: true, .. } => {
                Ok(these(concern::of_closed(platform, repository, *number, head), sentence::nobody_previews))
            }
            Sighting::PullRequest { repository, number, head, from_fork, .. } => {
                let concerns = concern::of_pull_request(platform, repository, *number, Some(head));
                if *from_fork && !concerns.is_empty() {
                    let key = AnnouncementKey::Comment { repository: repository.clone(), number: *number };
                    notice(context, &key, None, sentence::fork_gets_nothing()).await?;
                    return Ok(Concerned::Nobody(sentence::forks_get_nothing()));
                }
                Ok(these(concerns, sentence::nobody_previews))
            }
            Sighting::Push { repository, branch, head } => {
                let mut concerns = concern::of_push(platform, repository, branch, head.as_ref());
                concerns
                    .extend(branch::followers(context, platform, repository, branch, head.as_ref()).await?);
                Ok(these(concerns, sentence::nobody_follows))
            }
            Sighting::ImagePushed { place, tag, .. } => {
                self.image_pushed(context, platform, place, tag).await
            }
            Sighting::ImageBuilt { image, digest, commit, run, tag } => {
                let Actor::Pipeline { key } = &trigger.actor else {
                    return Err(Refusal::broken("somebody else than a pipeline tells what was built"));
                };
                let (digest, commit) = (digest.clone(), commit.clone());
                let told = ToldImage { digest, commit, run: *run, at: trigger.received_at };
                self.image_built(context, platform, key, (image, tag.as_ref()), &told).await
            }
            Sighting::Command { command } => self.commanded(context, platform, trigger, command).await,
            Sighting::ChecksAgain { repository, commit, environment } => {
                self.checks_again(context, platform, (repository, commit), environment.as_ref()).await
            }
            Sighting::Configuration { hash } => configuration::put_in_force(context, trigger, hash, platform)
                .await
                .map(Concerned::Repositories),
            Sighting::Retry { environment } => Ok(Concerned::These(vec![again::concern(environment)])),
            Sighting::Extend { environment, by } => {
                Ok(Concerned::These(vec![extend::concern(environment, *by)]))
            }
        }
    }

    /// Raises what is wanted, a few environments at a time; the row is the cursor. One that cannot be told now does not keep
    /// the others from being told. Answers how many are more than one trigger tells.
    async fn raise_all(
        &self,
        context: &Context,
        trigger: &mut Trigger,
        mut concerns: Vec<Concern>,
        platform: &Platform,
    ) -> Result<usize, Refusal> {
        let cause = Cause {
            occasion: Occasion::Trigger(trigger.key.clone()),
            actor: trigger.actor.clone(),
            at: trigger.received_at,
        };
        concerns.retain(|concern| !trigger.outcomes.contains_key(&concern.environment));
        let room = CONCERNS_LIMIT.saturating_sub(trigger.outcomes.len());
        let left = concerns.len().saturating_sub(room);
        concerns.truncate(room);
        let mut all_told = Ok(());
        while !concerns.is_empty() {
            let group = concerns.drain(..RAISED_AT_ONCE.min(concerns.len()));
            let raised = group.map(|concern| self.raised(context, platform, concern, &cause));
            for (environment, outcome) in future::join_all(raised).await {
                match outcome {
                    Ok(outcome) => drop(trigger.outcomes.insert(environment, outcome)),
                    Err(refusal) => all_told = Err(refusal),
                }
            }
            if !concerns.is_empty() {
                save(context, &trigger.key, &trigger.outcomes).await?;
            }
        }
        all_told.map(|()| left)
    }

    /// Tells one environment; that somebody may not is an outcome too.
    async fn raised(
        &self,
        context: &Context,
        platform: &Platform,
        concern: Concern,
        cause: &Cause,
    ) -> (EnvironmentId, Result<Outcome, Refusal>) {
        let environment = concern.environment.clone();
        let outcome = match self.tell(context, platform, concern, cause).await {
            Err(Refusal { class: Class::Rejected, text, .. }) => Ok(Outcome::Refused { reason: text }),
            outcome => outcome,
        };
        (environment, outcome)
    }
}

/// The platform file that a sighting is judged by: the one in force, or the one that it brings.
async fn platform(context: &Context, sighting: &Sighting) -> Result<Arc<Platform>, Refusal> {
    match sighting {
        Sighting::Configuration { hash } => context.platforms.by_hash(hash).await,
        _ => context.platforms.in_force().await,
    }
}

/// The end of a trigger that could not be brought to another one.
fn given_up(trigger: &Trigger, refusal: &Refusal) -> Closed {
    tracing::error!(trigger = trigger.key, %refusal, "a trigger is given up");
    HowClosed::GivenUp.because(sentence::trigger_given_up(refusal, life(&trigger.sighting)))
}

fn these(concerns: Vec<Concern>, otherwise: fn() -> String) -> Concerned {
    if concerns.is_empty() { Concerned::Nobody(otherwise()) } else { Concerned::These(concerns) }
}

async fn save(context: &Context, key: &str, outcomes: &BTreeMap<EnvironmentId, Outcome>) -> Handled {
    let changes = [Change::Set("outcomes".to_owned(), rows::attribute(outcomes)?)];
    context.state.update(&rows::trigger(key), &changes, &still_open()).await?;
    Ok(())
}

/// Closes the trigger. Whoever typed a command is owed an answer from then on.
async fn close(context: &Context, trigger: &Trigger, closed: Closed) -> Handled {
    let changes = vec![
        Change::Set("outcomes".to_owned(), rows::attribute(&trigger.outcomes)?),
        Change::Set("closed".to_owned(), rows::attribute(&closed)?),
        Change::Remove(DUE_AT.to_owned()),
        rows::kept_until(context.now()),
    ];
    let change = Write::Update(rows::trigger(&trigger.key), changes, still_open());
    let reply = trigger.reply.as_ref().map(|_| AnnouncementKey::Reply { trigger: trigger.key.clone() });
    match change_and_owe(context, change, reply.as_slice()).await? {
        Changed::Made | Changed::Outdated => Ok(()),
        Changed::Busy => Err(StateError::Busy.into()),
    }
}

/// Whoever closed a trigger has said what came of it.
fn still_open() -> Condition {
    Condition::All(vec![Condition::RowExists, Condition::Missing("closed".to_owned())])
}
