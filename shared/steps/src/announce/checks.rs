//! The check run of each generation that was bound to a commit, beside that commit.

use super::{Announce, record};
use crate::{
    context::{Context, Handled},
    nouns::{
        CallError,
        git_host::{Check, CheckState},
    },
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    announcement::{Announcement, ShownCheck},
    deployment::{Deployment, EndResult},
    environment::{Binding, Environment, Phase},
    plan::mark::shown_mark,
    refusal::Refusal,
    repository::Repository,
    sentence,
    step::Direction,
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// How long an App that had no right to checks is believed to have none.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// Until when this process believes that the App has no right to checks in a repository.
#[derive(Default)]
pub(super) struct NoRight(Mutex<BTreeMap<Repository, Timestamp>>);

impl NoRight {
    fn lasts(&self, repository: &Repository, now: Timestamp) -> bool {
        let believed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        believed.get(repository).is_some_and(|until| now < *until)
    }

    fn remember(&self, repository: &Repository, now: Timestamp, reason: &str) {
        let name = &repository.full_name;
        tracing::warn!(name, reason, "the App may not write checks: environments are shown without them");
        let mut believed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        believed.insert(repository.clone(), now + BELIEVED_FOR);
    }
}

/// Why check runs were not shown.
enum Unshown {
    /// The App has no right to them.
    NoRight(String),
    /// Anything else.
    Refused(Refusal),
}

impl From<CallError> for Unshown {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Forbidden { reason } => Unshown::NoRight(reason),
            other => Unshown::Refused(other.into()),
        }
    }
}

impl From<Refusal> for Unshown {
    fn from(refusal: Refusal) -> Self {
        Unshown::Refused(refusal)
    }
}

impl Announce {
    /// Gives the carrying generation's check run its state, and ends all others. An App without the right is no reason to
    /// show anything else later.
    pub(super) async fn show_checks(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        environment: &Environment,
    ) -> Handled {
        let never_shown = announcement.checks.values().all(|check| check.id.is_none());
        if never_shown && self.no_checks.lasts(&environment.repository, context.now()) {
            return Ok(());
        }
        match self.show_all_checks(context, announcement, environment).await {
            Err(Unshown::NoRight(reason)) if never_shown => {
                self.no_checks.remember(&environment.repository, context.now(), &reason);
                announcement.checks.clear();
                Ok(())
            }
            Err(Unshown::NoRight(reason)) => Err(Refusal::unavailable(reason)),
            Err(Unshown::Refused(refusal)) => Err(refusal),
            Ok(()) => Ok(()),
        }
    }

    async fn show_all_checks(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        environment: &Environment,
    ) -> Result<(), Unshown> {
        let current = state(environment);
        if let Some(state) = current {
            self.show_carrying(context, announcement, environment, state).await?;
        }
        let over = |generation: &u64| current.is_none() || *generation != environment.carrying;
        let others: Vec<u64> = announcement.checks.keys().copied().filter(over).collect();
        for generation in others {
            self.end_check(context, announcement, environment, generation).await?;
        }
        Ok(())
    }

    async fn show_carrying(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        environment: &Environment,
        state: CheckState,
    ) -> Result<(), Unshown> {
        let Some(bound) = &environment.bound else { return Ok(()) };
        let generation = environment.carrying;
        let check = Check {
            summary: sentence::check_summary(environment, context.now()),
            url: environment.url.clone().filter(|_| state == CheckState::Success),
            ..check(environment, state, sentence::check_title(environment))
        };
        let known = announcement.checks.get(&generation).cloned();
        let id = match &known {
            Some(known) if says(known, &check) => return Ok(()),
            Some(known) => self.find_check(environment, generation, known).await?,
            None => {
                announcement.checks.insert(generation, nothing_yet(bound));
                record(context, announcement).await?;
                None
            }
        };
        let (repository, mark) = (&environment.repository, shown_mark(&environment.mark, generation));
        let id = match id {
            Some(id) => self.host.update_check(repository, id, &check).await.map(|()| id)?,
            None => self.host.create_check(repository, &bound.commit, &mark, &check).await?,
        };
        let state = check.state.name().to_owned();
        let shown = ShownCheck { commit: bound.commit.clone(), id: Some(id), state, title: check.title };
        announcement.checks.insert(generation, shown);
        Ok(())
    }

    /// The host's id of a check run that we created, or may have created.
    async fn find_check(
        &self,
        environment: &Environment,
        generation: u64,
        known: &ShownCheck,
    ) -> Result<Option<u64>, CallError> {
        if known.id.is_some() {
            return Ok(known.id);
        }
        let (name, mark) = (sentence::check_name(&environment.id), shown_mark(&environment.mark, generation));
        self.host.find_check(&environment.repository, &known.commit, &name, &mark).await
    }

    /// Ends the check run of a generation that is carried out no more. One that succeeded is remembered until a newer one is
    /// bound to a commit, so that it does not promise what was removed.
    async fn end_check(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        environment: &Environment,
        generation: u64,
    ) -> Result<(), Unshown> {
        let Some(known) = announcement.checks.get(&generation).cloned() else { return Ok(()) };
        let going = is_going(environment);
        let succeeded = known.state == CheckState::Success.name();
        if succeeded && !going && environment.bound.is_none() {
            return Ok(());
        }
        let over = [CheckState::Failure, CheckState::Neutral, CheckState::Cancelled].map(CheckState::name);
        if !over.contains(&known.state.as_str()) && (!succeeded || going) {
            let check = last_words(context, environment, generation, going).await?;
            let id = self.find_check(environment, generation, &known).await?;
            if let Some(id) = id {
                match self.host.update_check(&environment.repository, id, &check).await {
                    Ok(()) | Err(CallError::Missing { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if check.state == CheckState::Success && environment.bound.is_none() {
                let state = check.state.name().to_owned();
                let shown = ShownCheck { commit: known.commit, id, state, title: check.title };
                announcement.checks.insert(generation, shown);
                return Ok(());
            }
        }
        announcement.checks.remove(&generation);
        Ok(())
    }
}

/// A check run of which it is only known that it is to be created.
fn nothing_yet(bound: &Binding) -> ShownCheck {
    ShownCheck { commit: bound.commit.clone(), id: None, state: String::new(), title: String::new() }
}

fn says(known: &ShownCheck, check: &Check) -> bool {
    known.id.is_some() && known.state == check.state.name() && known.title == check.title
}

/// A check run of the environment that says one line.
fn check(environment: &Environment, state: CheckState, title: String) -> Check {
    Check { name: sentence::check_name(&environment.id), state, summary: title.clone(), title, url: None }
}

/// What the check run of a generation that is over is to say: what its record says, else that something newer came.
async fn last_words(
    context: &Context,
    environment: &Environment,
    generation: u64,
    going: bool,
) -> Result<Check, Refusal> {
    if going {
        return Ok(check(environment, CheckState::Neutral, sentence::check_removed()));
    }
    let key = rows::deployment(&environment.id, generation);
    let record: Option<Deployment> = rows::load(context.state.as_ref(), &key).await?;
    Ok(match record.and_then(|record| record.ended).map(|ended| ended.result) {
        Some(EndResult::Failed { refusal }) => {
            let summary = sentence::check_failure(&environment.id, &refusal.text);
            let title = sentence::one_line(&Phase::Failed { refusal });
            Check { summary, ..check(environment, CheckState::Failure, title) }
        }
        Some(EndResult::Ready) => check(environment, CheckState::Success, sentence::one_line(&Phase::Ready)),
        _ => check(environment, CheckState::Cancelled, sentence::check_superseded()),
    })
}

/// Whether the environment is being taken down, or was.
fn is_going(environment: &Environment) -> bool {
    let undoes = environment.stage.is_some_and(|stage| stage.direction == Direction::Undo);
    undoes || matches!(environment.phase, Phase::Closing { .. } | Phase::Settling | Phase::Gone)
}

/// The state of the carrying generation's check run; none before it is bound, and none once it is being taken down.
fn state(environment: &Environment) -> Option<CheckState> {
    if is_going(environment) || environment.bound.is_none() {
        return None;
    }
    match environment.phase {
        Phase::Resolving | Phase::AwaitingImages { .. } => Some(CheckState::Queued),
        Phase::Deploying | Phase::Waiting { .. } => Some(CheckState::InProgress),
        Phase::Ready => Some(CheckState::Success),
        Phase::Failed { .. } | Phase::NeedsAttention { .. } => Some(CheckState::Failure),
        Phase::Closing { .. } | Phase::Settling | Phase::Gone => None,
    }
}
