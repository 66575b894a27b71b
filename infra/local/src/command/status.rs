//! `status`: the environments, and the story of one.

use super::{
    running::{RunningStack, unread},
    story::Story,
};
use crate::problem::Problem;
use jiff::Timestamp;
use roadstead_domain::{
    environment::{Environment, Phase},
    name::{EnvironmentId, TypeName},
    sentence,
};
use roadstead_steps::listing;
use serde::Serialize;

/// What is asked.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Status {
    /// One environment, such as `shop/pr-42`, whose story is told; all of them in a line each, if none is given.
    pub environment: Option<EnvironmentId>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// An environment in one line.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// `application/name`.
    pub environment: EnvironmentId,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: TypeName,
    /// What people are told of it.
    pub phase: String,
    /// The commit that it runs, or is to run.
    pub revision: Option<String>,
    /// Where it can be reached.
    pub url: Option<String>,
    /// When it goes away by itself.
    pub expires_at: Option<Timestamp>,
}

impl Status {
    /// What is to be printed.
    ///
    /// # Errors
    /// When there is no such environment, or the table does not answer.
    pub async fn run(&self, stack: &RunningStack) -> Result<String, Problem> {
        let now = Timestamp::now();
        match &self.environment {
            Some(id) => {
                let story = Story::of(stack, id).await?;
                if self.json { json(&story) } else { Ok(story.told(now)) }
            }
            None => {
                let lines = lines(stack).await?;
                if self.json { json(&lines) } else { Ok(table(&lines, now)) }
            }
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| Problem::unexpected(error.to_string()))
}

/// Every environment of the stack.
async fn lines(stack: &RunningStack) -> Result<Vec<Line>, Problem> {
    let environments = listing::environments(&stack.state).await.map_err(|refusal| unread(&refusal))?;
    Ok(environments.into_values().map(|environment| Line::of(&environment, stack)).collect())
}

impl Line {
    /// The line of an environment.
    pub fn of(environment: &Environment, stack: &RunningStack) -> Self {
        let there = !matches!(environment.phase, Phase::Gone);
        let bound = environment.bound.as_ref().map(|bound| &bound.commit);
        let commit = environment.revisions.as_ref().map(|revisions| &revisions.commit).or(bound);
        Self {
            environment: environment.id.clone(),
            kind: environment.kind.clone(),
            phase: sentence::one_line(&environment.phase),
            revision: commit.filter(|_| there).map(|commit| commit.as_str().to_owned()),
            url: environment.url.as_ref().map(|url| stack.openable(url)),
            expires_at: environment.expires_at,
        }
    }

    /// What is left of its lifetime.
    pub fn expires_in(&self, now: Timestamp) -> Option<String> {
        self.expires_at.map(|expires_at| sentence::time_left(expires_at.duration_since(now)))
    }

    /// The first digits of its commit.
    pub fn short_revision(&self) -> Option<&str> {
        self.revision.as_deref().and_then(|revision| revision.get(..7))
    }

    fn cells(&self, now: Timestamp) -> [String; 6] {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        [
            self.environment.to_string(),
            self.kind.to_string(),
            or_dash(self.short_revision().map(str::to_owned)),
            or_dash(self.expires_in(now)),
            or_dash(self.url.clone()),
            self.phase.clone(),
        ]
    }
}

const HEADINGS: [&str; 6] = ["ENVIRONMENT", "TYPE", "REVISION", "EXPIRES IN", "URL", "PHASE"];

/// All lines below each other; what is longest comes last.
fn table(lines: &[Line], now: Timestamp) -> String {
    if lines.is_empty() {
        return sentence::no_environments();
    }
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(lines.iter().map(|line| line.cells(now)));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let padded = |row: &[String; 6]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(padded).collect::<Vec<_>>().join("\n")
}
