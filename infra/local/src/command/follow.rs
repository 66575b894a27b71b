//! Following a trigger: what came of it, then every environment concerned until it is at rest.

use super::{heard::Heard, running::RunningStack};
use crate::{
    problem::Problem,
    watch::{Happening, Watch},
};
use roadstead_domain::{
    environment::{Environment, Phase},
    name::EnvironmentId,
    sentence,
    trigger::{Outcome, Trigger},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long until rows are read again, should no message tell of them.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Who is told what happens.
pub type Tell<'a> = &'a (dyn Fn(&str) + Sync);

/// How what was followed has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every environment concerned is as it should be.
    Well,
    /// There was nothing to do.
    Nothing,
    /// Something was refused, or did not succeed.
    Badly,
}

/// A trigger that is followed.
pub struct Following<'a> {
    /// Where.
    pub stack: &'a RunningStack,
    /// What is heard of it, from before the trigger was sent.
    pub heard: Heard,
    /// Who is told.
    pub tell: Tell<'a>,
}

impl Following<'_> {
    /// Follows a trigger within a limit of time.
    ///
    /// # Errors
    /// When the stack ends meanwhile, or the time is over.
    pub async fn to_its_end(mut self, key: &str, limit: Duration) -> Result<Ended, Problem> {
        let begun = Instant::now();
        let followed = async {
            let trigger = self.closed(key).await?;
            self.tell_outcomes(&trigger);
            let concerned = concerned(&trigger);
            let mut ended = ended_at_once(&trigger);
            for environment in self.at_rest(&concerned).await? {
                ended = if is_well(&environment) { ended } else { Ended::Badly };
                (self.tell)(&self.summary(&environment, begun.elapsed()));
            }
            Ok(ended)
        };
        match tokio::time::timeout(limit, followed).await {
            Ok(ended) => ended,
            Err(_) => Err(Problem::new(
                format!("it was not over after {} s", limit.as_secs()),
                "see with `cargo run -- status` where it stands, or give a longer `--limit`",
            )),
        }
    }

    /// The trigger, once everybody who is concerned was told.
    async fn closed(&mut self, key: &str) -> Result<Trigger, Problem> {
        loop {
            let read = self.stack.trigger(key).await;
            match self.unless_ended(read).await? {
                Some(trigger) if trigger.closed.is_some() => return Ok(trigger),
                _ => self.wait().await?,
            }
        }
    }

    fn tell_outcomes(&self, trigger: &Trigger) {
        (self.tell)(&format!("{}: {}", trigger.actor, sentence::sighting(&trigger.sighting)));
        for (environment, outcome) in &trigger.outcomes {
            (self.tell)(&format!("{environment}: {}", sentence::outcome(outcome)));
        }
        if let Some(closed) = trigger.closed.as_ref().filter(|_| trigger.outcomes.is_empty()) {
            (self.tell)(&closed.text);
        }
    }

    /// Tells every move of these environments until all are at rest, at their generation or a newer one.
    async fn at_rest(
        &mut self,
        concerned: &BTreeMap<EnvironmentId, u64>,
    ) -> Result<Vec<Environment>, Problem> {
        let mut watch = Watch::default();
        loop {
            let mut rest = vec![];
            for (id, generation) in concerned {
                let read = self.stack.environment(id).await;
                let Some(now) = self.unless_ended(read).await? else { continue };
                if now.carrying >= *generation {
                    self.tell_moves(&watch.of_environment(&now));
                }
                let over = now.is_at_rest() && !now.is_behind() && now.carrying >= *generation;
                rest.extend(over.then_some(now));
            }
            if rest.len() == concerned.len() {
                return Ok(rest);
            }
            self.wait().await?;
        }
    }

    fn tell_moves(&self, news: &[Happening]) {
        let moves = news.iter().filter(|news| !matches!(news, Happening::StepBegun { .. }));
        moves.for_each(|happening| (self.tell)(&format!("  {happening}")));
    }

    /// Waits until something was carried out, or for a moment.
    async fn wait(&mut self) -> Result<(), Problem> {
        match tokio::time::timeout(LOOK_EVERY, self.heard.next()).await {
            Ok(None) => Err(stack_has_ended()),
            Ok(Some(_)) | Err(_) => Ok(()),
        }
    }

    /// What was read. A read that failed because the stack ends is not the table's fault.
    async fn unless_ended<T>(&mut self, read: Result<T, Problem>) -> Result<T, Problem> {
        match read {
            Err(_) if self.heard.ends_now().await => Err(stack_has_ended()),
            read => read,
        }
    }

    fn summary(&self, environment: &Environment, spent: Duration) -> String {
        let Environment { id, carrying, phase, url, .. } = environment;
        let url = url.as_ref().filter(|_| *phase == Phase::Ready).map(|url| self.stack.openable(url));
        let url = url.map_or(String::new(), |url| format!(" at {url}"));
        format!("{id} #{carrying}, after {} ms: {}{url}", spent.as_millis(), sentence::one_line(phase))
    }
}

fn stack_has_ended() -> Problem {
    Problem::new(
        "the stack has ended",
        "start it again with `cargo run -- up`: it goes on where it was; see `cargo run -- status`",
    )
}

/// The environments that were moved, and to which generation.
fn concerned(trigger: &Trigger) -> BTreeMap<EnvironmentId, u64> {
    let moved = |(id, outcome): (&EnvironmentId, &Outcome)| match outcome {
        Outcome::Raised { generation } | Outcome::Looked { generation } => Some((id.clone(), *generation)),
        Outcome::Extended { .. } | Outcome::Nothing { .. } | Outcome::Refused { .. } => None,
    };
    trigger.outcomes.iter().filter_map(moved).collect()
}

/// How a trigger ended, as far as its outcomes tell.
fn ended_at_once(trigger: &Trigger) -> Ended {
    let mut outcomes = trigger.outcomes.values();
    if outcomes.any(|outcome| matches!(outcome, Outcome::Refused { .. })) {
        Ended::Badly
    } else if !trigger.outcomes.values().any(is_something) {
        Ended::Nothing
    } else {
        Ended::Well
    }
}

fn is_something(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::Nothing { .. } | Outcome::Refused { .. })
}

fn is_well(environment: &Environment) -> bool {
    matches!(environment.phase, Phase::Ready | Phase::Gone)
}
