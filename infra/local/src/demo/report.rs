//! What a person, or a script, is told of a journey.

use super::{
    Which,
    journey::{Journey, Stage},
    words::counted,
};
use serde::Serialize;
use std::fmt::Write as _;

/// Who is told, and how.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// One line of JSON at the end on standard output; everything else goes to standard error.
    pub json: bool,
}

/// What came of a journey.
#[derive(Debug, Serialize)]
pub struct Outcome {
    journey: &'static str,
    /// Whether all ended as it should.
    pub ok: bool,
    environment: Option<String>,
    generation: u64,
    outcome: &'static str,
    url: Option<String>,
    milliseconds: u128,
    steps: Vec<StepTook>,
    /// What was not as it should be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<String>,
    #[serde(skip)]
    told: String,
}

/// What one step of one generation took, from its first claim to its success.
#[derive(Debug, Serialize)]
struct StepTook {
    step: String,
    milliseconds: u64,
}

impl Report {
    /// Tells something that happens.
    pub fn tell(&self, text: &str) {
        if self.json { eprintln!("{text}") } else { println!("{text}") }
    }

    /// Tells what came of it.
    pub(super) fn conclude(&self, outcome: &Outcome) {
        self.tell(&outcome.told);
        if self.json
            && let Ok(line) = serde_json::to_string(outcome)
        {
            println!("{line}");
        }
    }
}

impl Outcome {
    /// What came of a journey, with what its records say.
    pub(super) async fn of(which: Which, journey: &Journey<'_>) -> Self {
        let mut outcome = Self {
            journey: which.name(),
            ok: journey.differences.is_empty(),
            environment: None,
            generation: 0,
            outcome: "not begun",
            url: journey.url.as_ref().map(|url| journey.stack.openable(url)),
            milliseconds: journey.milliseconds,
            steps: vec![],
            why: journey.differences.clone(),
            told: String::new(),
        };
        outcome.read(journey).await;
        outcome.told = told(journey, &outcome);
        outcome
    }

    async fn read(&mut self, journey: &Journey<'_>) {
        let Some(id) = &journey.environment else { return };
        self.environment = Some(id.to_string());
        self.outcome = "under way";
        let Ok(Some(now)) = journey.stack.environment(id).await else { return };
        self.generation = now.carrying;
        self.outcome = phase_word(&now.phase);
        for generation in journey.first..=now.carrying {
            let Ok(Some(record)) = journey.stack.deployment(id, generation).await else { continue };
            self.steps.extend(record.progress.iter().map(|progress| StepTook {
                step: progress.stage.to_string(),
                milliseconds: progress.milliseconds,
            }));
        }
    }
}

fn phase_word(phase: &roadstead_domain::environment::Phase) -> &'static str {
    use roadstead_domain::environment::Phase;
    match phase {
        Phase::Resolving | Phase::AwaitingImages { .. } | Phase::Deploying | Phase::Waiting { .. } => {
            "under way"
        }
        Phase::Ready => "ready",
        Phase::Failed { .. } => "failed",
        Phase::NeedsAttention { .. } => "needs attention",
        Phase::Closing { .. } => "closing",
        Phase::Settling => "settling",
        Phase::Gone => "gone",
    }
}

fn told(journey: &Journey<'_>, outcome: &Outcome) -> String {
    let mut parts = vec![];
    if let Some((first, others)) = journey.differences.split_first() {
        parts.push(format!("{} failed: {first}", outcome.journey));
        parts.extend(others.iter().map(|difference| format!("differs: {difference}")));
    }
    let mut before = None;
    for stage in &journey.stages {
        parts.push(told_stage(stage, before != Some(&stage.objects)));
        before = Some(&stage.objects);
    }
    if let Some(url) = &outcome.url {
        let is = if outcome.outcome == "gone" { "was" } else { "is" };
        parts.push(format!("it {is} at {url}"));
    }
    if let Some(url) = &journey.staging_url {
        parts.push(format!("staging stays at {}", journey.stack.openable(url)));
    }
    if let Some(id) = &outcome.environment {
        let ended = if outcome.ok { "as it should" } else { "not as it should" };
        let (is, milliseconds) = (outcome.outcome, outcome.milliseconds);
        parts.push(format!("{id} is {is}; the journey ended {ended}, after {milliseconds} ms"));
    }
    format!("\n{}", parts.join("\n\n"))
}

/// What could be seen at a stage; what is in the clusters only where that has changed.
fn told_stage(stage: &Stage, objects_changed: bool) -> String {
    let mut told = format!("{}, after {} ms", stage.what, stage.milliseconds);
    if objects_changed {
        let _ = write!(told, "\n  in its clusters: {}", counted(&stage.objects));
    }
    for line in stage.comment.iter().flat_map(|comment| comment.lines().skip(1)) {
        let _ = write!(told, "\n  | {line}");
    }
    told
}
