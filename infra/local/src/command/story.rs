//! The story of an environment: every deployment, who wanted it and why, what each step took, and how it ended.

use super::{
    running::{RunningStack, unread},
    status::Line,
};
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    deployment::{Bound, Deployment},
    environment::{Environment, InsteadOf, Progress},
    image::Digest,
    intent::{Cause, Revisions},
    name::{EnvironmentId, WorkloadName},
    sentence,
};
use roadstead_steps::listing;
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write as _};

/// How many deployments are told, the newest ones.
pub const DEPLOYMENTS_TOLD: u64 = 50;

/// The story.
#[derive(Debug, Serialize)]
pub struct Story {
    #[serde(flatten)]
    now: Line,
    follows: String,
    repository: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instead_of: Option<InsteadOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_behind: Option<String>,
    /// How many older deployments are not told.
    left_out: u64,
    deployments: Vec<Chapter>,
    /// A newer generation that is wanted and not begun.
    waits: Option<u64>,
}

/// One deployment.
#[derive(Debug, Serialize)]
struct Chapter {
    generation: u64,
    who: String,
    why: String,
    wanted_at: Timestamp,
    bound: String,
    images: BTreeMap<WorkloadName, ImageTold>,
    steps: Vec<StepTold>,
    result: String,
    ended_at: Option<Timestamp>,
}

/// What a workload runs, and why that.
#[derive(Debug, Serialize)]
struct ImageTold {
    digest: Digest,
    origin: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct StepTold {
    step: String,
    begun_at: Timestamp,
    milliseconds: u64,
    attempts: u32,
}

impl Story {
    /// Reads the story of an environment.
    ///
    /// # Errors
    /// When there is no such environment, or the table does not answer.
    pub async fn of(stack: &RunningStack, id: &EnvironmentId) -> Result<Self, Problem> {
        let environment = stack.environment(id).await?.ok_or_else(|| {
            Problem::new(sentence::not_there(id), "see with `cargo run -- status` which there are")
        })?;
        let records = listing::deployments(&stack.state, &environment, DEPLOYMENTS_TOLD).await;
        let mut deployments = vec![];
        for record in records.map_err(|refusal| unread(&refusal))?.into_values() {
            deployments.push(Chapter::of_record(stack, &environment, record).await?);
        }
        if deployments.last().is_none_or(|last| last.generation != environment.carrying) {
            deployments.push(Chapter::of_unbound(stack, &environment).await?);
        }
        Ok(Self {
            now: Line::of(&environment, stack),
            follows: sentence::source(&environment.source),
            repository: environment.repository.full_name.clone(),
            instead_of: environment.instead_of.clone(),
            left_behind: environment.left_behind.clone(),
            left_out: environment.carrying.saturating_sub(DEPLOYMENTS_TOLD),
            deployments,
            waits: environment.is_behind().then_some(environment.wanted.generation),
        })
    }

    /// The story in words.
    pub fn told(&self, now: Timestamp) -> String {
        let Self { now: line, follows, repository, instead_of, left_behind, left_out, deployments, waits } =
            self;
        let mut text = format!("{}: {}\n", line.environment, line.phase);
        let _ = writeln!(text, "  type       {}", line.kind);
        let _ = writeln!(text, "  follows    {follows} of {repository}");
        for (name, value) in [
            ("revision", line.revision.clone()),
            ("url", line.url.clone()),
            ("expires in", line.expires_in(now)),
        ] {
            let _ = value.map(|value| writeln!(text, "  {name:<10} {value}"));
        }
        if let Some(instead_of) = instead_of {
            let _ = writeln!(text, "\n{}\n  {}", sentence::runs_instead(instead_of), instead_of.why);
        }
        if let Some(left_behind) = left_behind {
            let _ = writeln!(text, "\n{left_behind}");
        }
        if *left_out > 0 {
            let _ = writeln!(text, "\n{left_out} older deployments are not told");
        }
        deployments.iter().for_each(|chapter| chapter.tell(&mut text));
        if let Some(generation) = waits {
            let _ = writeln!(text, "\n{}", sentence::waits(*generation));
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl Chapter {
    async fn of_record(
        stack: &RunningStack,
        environment: &Environment,
        record: Deployment,
    ) -> Result<Self, Problem> {
        let carried = record.ended.is_none() && record.generation == environment.carrying;
        let (progress, until) = match &record.ended {
            Some(ended) => (&record.progress, ended.at),
            None => (&environment.progress, environment.stage_since),
        };
        let steps = if carried || record.ended.is_some() { steps(progress, until) } else { vec![] };
        let result = record.ended.as_ref();
        let (who, why) = who_and_why(stack, &record.cause).await?;
        Ok(Self {
            generation: record.generation,
            who,
            why,
            wanted_at: record.cause.at,
            bound: sentence::bound(&record.bound),
            images: images(&record.bound),
            steps,
            result: match result {
                Some(ended) => sentence::ended(&ended.result),
                None if carried => under_way(environment),
                None => sentence::superseded(environment.carrying),
            },
            ended_at: result.map(|ended| ended.at),
        })
    }

    /// The generation that is being bound just now.
    async fn of_unbound(stack: &RunningStack, environment: &Environment) -> Result<Self, Problem> {
        let (who, why) = who_and_why(stack, &environment.cause).await?;
        Ok(Self {
            generation: environment.carrying,
            who,
            why,
            wanted_at: environment.cause.at,
            bound: sentence::bound(&Bound::Nothing),
            images: BTreeMap::new(),
            steps: steps(&environment.progress, environment.stage_since),
            result: under_way(environment),
            ended_at: None,
        })
    }

    fn tell(&self, text: &mut String) {
        let Self { generation, who, why, wanted_at, bound, images, steps, result, ended_at } = self;
        let _ =
            writeln!(text, "\n#{generation}  {}  {who}: {why}", wanted_at.strftime("%Y-%m-%d %H:%M:%S UTC"));
        let _ = writeln!(text, "    {bound}");
        for (workload, image) in images {
            let _ = writeln!(text, "    {workload}: {}, {}", image.digest.short(), image.origin);
        }
        for StepTold { step, begun_at, milliseconds, attempts } in steps {
            let again = if *attempts > 1 { format!("  begun {attempts} times") } else { String::new() };
            let begun_at = begun_at.strftime("%H:%M:%S%.3f");
            let _ = writeln!(text, "    {begun_at}  {step:<28} {milliseconds:>6} ms{again}");
        }
        let at = ended_at.map_or(String::new(), |at| format!("{}  ", at.strftime("%H:%M:%S%.3f")));
        let _ = writeln!(text, "    {at}{}", result.replace('\n', "\n      "));
    }
}

fn under_way(environment: &Environment) -> String {
    sentence::under_way(&environment.phase, environment.stage, environment.attempts)
}

/// Who is behind it, and why: what the trigger says, or what stands for one.
async fn who_and_why(stack: &RunningStack, cause: &Cause) -> Result<(String, String), Problem> {
    let trigger = match cause.trigger() {
        Some(key) => stack.trigger(key).await?,
        None => None,
    };
    let why = trigger
        .map_or_else(|| sentence::occasion(&cause.occasion), |trigger| sentence::sighting(&trigger.sighting));
    Ok((cause.actor.to_string(), why))
}

fn images(bound: &Bound) -> BTreeMap<WorkloadName, ImageTold> {
    let Bound::Present { revisions: Revisions { commit, images } } = bound else { return BTreeMap::new() };
    let told = images.iter().map(|(workload, chosen)| {
        let origin = sentence::origin(&chosen.origin, commit);
        (workload.clone(), ImageTold { digest: chosen.digest.clone(), origin })
    });
    told.collect()
}

/// Steps follow each other without a pause, so that each began where the one after it began, less what it took. Of a step that
/// was gone through again, all of it is told where it was the first time.
fn steps(progress: &[Progress], until: Timestamp) -> Vec<StepTold> {
    let mut next = until;
    let mut steps: Vec<StepTold> = vec![];
    for progress in progress.iter().rev() {
        next -= SignedDuration::from_millis(i64::try_from(progress.milliseconds).unwrap_or_default());
        steps.push(StepTold {
            step: progress.stage.to_string(),
            begun_at: next,
            milliseconds: progress.milliseconds,
            attempts: progress.attempts,
        });
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadstead_domain::step::Stage;

    #[test]
    fn a_step_began_where_the_one_before_it_ended() {
        let took = |milliseconds| Progress { stage: Stage::FIRST, milliseconds, attempts: 1 };
        let told = steps(&[took(100), took(30)], Timestamp::from_millisecond(1_000).unwrap());
        let begun: Vec<i64> = told.iter().map(|step| step.begun_at.as_millisecond()).collect();
        assert_eq!(begun, [870, 970]);
    }
}
