//! What happens: every message that was carried out, turned into what it came to, by what the rows say then.

use roadstead_domain::{
    announcement::{Announcement, AnnouncementKey},
    environment::Environment,
    message::Message,
    name::EnvironmentId,
    refusal::Refusal,
    sentence,
    step::Stage,
    trigger::Trigger,
};
use roadstead_steps::{nouns::State, rows};
use serde::Serialize;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
};

/// How many triggers are remembered, so that one which is delivered twice is told once.
pub const TRIGGERS_REMEMBERED: usize = 1_000;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Happening {
    /// A trigger came in, and everybody who is concerned was told.
    Trigger {
        /// Its key.
        trigger: String,
        /// Who is behind it.
        actor: String,
        /// What it says.
        says: String,
        /// What came of it for each environment.
        outcomes: BTreeMap<EnvironmentId, String>,
        /// What came of it as a whole.
        closed: String,
    },
    /// A step was begun.
    StepBegun {
        /// The environment.
        environment: EnvironmentId,
        /// The generation that is carried out.
        generation: u64,
        /// The step.
        step: String,
    },
    /// A step came to its end.
    StepEnded {
        /// The environment.
        environment: EnvironmentId,
        /// The generation that is carried out.
        generation: u64,
        /// The step.
        step: String,
        /// How long it took, in milliseconds.
        milliseconds: u64,
    },
    /// People are told something else of an environment.
    Phase {
        /// The environment.
        environment: EnvironmentId,
        /// The generation that is carried out.
        generation: u64,
        /// What they are told.
        phase: String,
    },
    /// What was owed to people was shown to them.
    Announced {
        /// What says so where.
        announcement: String,
    },
}

/// Remembers what was told already.
#[derive(Default)]
pub struct Watch {
    environments: BTreeMap<EnvironmentId, Told>,
    announcements: BTreeMap<AnnouncementKey, u64>,
    triggers: VecDeque<String>,
}

/// What was told of an environment last.
#[derive(Default)]
struct Told {
    generation: u64,
    done: usize,
    stage: Option<Stage>,
    phase: String,
}

impl Watch {
    /// A watch that knows these environments, and tells what happens to them from now on.
    pub fn from(environments: impl IntoIterator<Item = Environment>) -> Self {
        let mut watch = Self::default();
        for environment in environments {
            watch.of_environment(&environment);
        }
        watch
    }

    /// What a message that was carried out has come to.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn after(&mut self, state: &dyn State, message: &Message) -> Result<Vec<Happening>, Refusal> {
        Ok(match message {
            Message::Trigger { key } => match rows::load::<Trigger>(state, &rows::trigger(key)).await? {
                Some(trigger) => self.after_trigger(state, &trigger).await?,
                None => vec![],
            },
            Message::Stage { environment, .. } => {
                let now = rows::load(state, &rows::environment(environment)).await?;
                now.map(|now| self.of_environment(&now)).unwrap_or_default()
            }
            Message::Announcement { announcement } => {
                let row = rows::load(state, &rows::announcement(announcement)).await?;
                row.and_then(|row| self.of_announcement(row)).into_iter().collect()
            }
            Message::Zone { .. } | Message::Repository { .. } | Message::Deliveries { .. } => vec![],
        })
    }

    /// What is new of a trigger, and of whom it told.
    async fn after_trigger(
        &mut self,
        state: &dyn State,
        trigger: &Trigger,
    ) -> Result<Vec<Happening>, Refusal> {
        let mut news: Vec<Happening> = self.of_trigger(trigger).into_iter().collect();
        for id in trigger.outcomes.keys() {
            let now = rows::load(state, &rows::environment(id)).await?;
            news.extend(now.map(|now| self.of_environment(&now)).unwrap_or_default());
        }
        Ok(news)
    }

    /// What is new of a trigger: that it was closed.
    fn of_trigger(&mut self, trigger: &Trigger) -> Option<Happening> {
        let closed = trigger.closed.clone().filter(|_| !self.triggers.contains(&trigger.key))?;
        self.triggers.push_back(trigger.key.clone());
        if self.triggers.len() > TRIGGERS_REMEMBERED {
            self.triggers.pop_front();
        }
        let outcomes = trigger.outcomes.iter();
        Some(Happening::Trigger {
            trigger: trigger.key.clone(),
            actor: trigger.actor.to_string(),
            says: sentence::sighting(&trigger.sighting),
            outcomes: outcomes.map(|(id, outcome)| (id.clone(), sentence::outcome(outcome))).collect(),
            closed: closed.text,
        })
    }

    /// What is new of an environment.
    pub fn of_environment(&mut self, now: &Environment) -> Vec<Happening> {
        let told = self.environments.entry(now.id.clone()).or_default();
        let mut news = vec![];
        if told.generation != now.carrying {
            news.extend(given_up(now).filter(|_| told.generation > 0 || !now.is_at_rest()));
            *told =
                Told { generation: now.carrying, phase: std::mem::take(&mut told.phase), ..Told::default() };
        }
        let (environment, generation) = (&now.id, now.carrying);
        let begun = |stage: Stage| Happening::StepBegun {
            environment: environment.clone(),
            generation,
            step: stage.to_string(),
        };
        for progress in now.progress.iter().skip(told.done) {
            news.extend((told.stage != Some(progress.stage)).then(|| begun(progress.stage)));
            news.push(Happening::StepEnded {
                environment: environment.clone(),
                generation,
                step: progress.stage.to_string(),
                milliseconds: progress.milliseconds,
            });
        }
        told.done = now.progress.len();
        let phase = sentence::one_line(&now.phase);
        if told.phase != phase {
            told.phase.clone_from(&phase);
            news.push(Happening::Phase { environment: environment.clone(), generation, phase });
        }
        news.extend(now.stage.filter(|stage| told.stage != Some(*stage)).map(begun));
        told.stage = now.stage;
        news
    }

    fn of_announcement(&mut self, row: Announcement) -> Option<Happening> {
        let announcement = sentence::announced(&row.key);
        let before = self.announcements.insert(row.key, row.shown);
        (before != Some(row.shown) && row.shown > 0).then_some(Happening::Announced { announcement })
    }
}

/// The generation that failed, where this one brings back what was ready: both were written at once.
fn given_up(now: &Environment) -> Option<Happening> {
    let failed = now.instead_of.as_ref().filter(|_| now.returning)?;
    Some(Happening::Phase {
        environment: now.id.clone(),
        generation: now.carrying.checked_sub(1)?,
        phase: sentence::failed_and_returns(failed, now.ready.as_ref().map(|ready| &ready.revisions.commit)),
    })
}

impl Happening {
    /// The environment that it happened to, if it is one alone.
    pub fn environment(&self) -> Option<&EnvironmentId> {
        match self {
            Happening::StepBegun { environment, .. }
            | Happening::StepEnded { environment, .. }
            | Happening::Phase { environment, .. } => Some(environment),
            Happening::Trigger { .. } | Happening::Announced { .. } => None,
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Happening::Trigger { actor, says, outcomes, closed, .. } => {
                write!(formatter, "{actor}: {says}")?;
                for (environment, outcome) in outcomes {
                    write!(formatter, "; {environment}: {outcome}")?;
                }
                if outcomes.is_empty() { write!(formatter, "; {closed}") } else { Ok(()) }
            }
            Happening::StepBegun { environment, generation, step } => {
                write!(formatter, "{environment} #{generation}  {step:<28}  begins")
            }
            Happening::StepEnded { environment, generation, step, milliseconds } => {
                write!(formatter, "{environment} #{generation}  {step:<28} {milliseconds:>6} ms")
            }
            Happening::Phase { environment, generation, phase } => {
                write!(formatter, "{environment} #{generation}  {phase}")
            }
            Happening::Announced { announcement } => formatter.write_str(announcement),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use roadstead_domain::{
        actor::Actor,
        trigger::{HowClosed, Sighting},
    };

    fn trigger(number: usize, closed: Option<&str>) -> Trigger {
        Trigger {
            key: number.to_string(),
            actor: Actor::Roadstead,
            received_at: Timestamp::UNIX_EPOCH,
            sighting: Sighting::Retry { environment: "shop/pr-2".parse().unwrap() },
            reply: None,
            outcomes: BTreeMap::new(),
            closed: closed.map(|text| HowClosed::Told.because(text)),
        }
    }

    #[test]
    fn a_trigger_is_told_once_when_it_is_closed() {
        let mut watch = Watch::default();
        assert_eq!(watch.of_trigger(&trigger(0, None)), None);
        let told = watch.of_trigger(&trigger(0, Some("done"))).unwrap().to_string();
        assert_eq!(told, "Roadstead: try `shop/pr-2` again; done");
        assert_eq!(watch.of_trigger(&trigger(0, Some("done"))), None);
    }

    #[test]
    fn of_many_triggers_the_newest_are_remembered() {
        let mut watch = Watch::default();
        for number in 0..TRIGGERS_REMEMBERED {
            assert!(watch.of_trigger(&trigger(number, Some("done"))).is_some());
        }
        assert!(watch.of_trigger(&trigger(0, Some("done"))).is_none());
        assert!(watch.of_trigger(&trigger(TRIGGERS_REMEMBERED, Some("done"))).is_some());
        assert!(watch.of_trigger(&trigger(0, Some("done"))).is_some());
        assert!(watch.of_trigger(&trigger(2, Some("done"))).is_none());
    }
}
