//! `events`: one line for each thing that happens, as it happens.

use super::{
    follow::Tell,
    running::{RunningStack, unread},
};
use crate::{
    problem::Problem,
    watch::{Happening, Watch},
};
use jiff::Timestamp;
use roadstead_steps::listing;
use serde::Serialize;

/// How what happens is told.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(skip)]
pub struct Events {
    /// One line of JSON for each.
    #[arg(long)]
    pub json: bool,
}

/// What happened, and when it was heard of.
#[derive(Serialize)]
struct Line {
    at: Timestamp,
    #[serde(flatten)]
    happening: Happening,
}

impl Events {
    /// Tells of everything until the stack ends.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn run(&self, stack: &RunningStack, tell: Tell<'_>) -> Result<(), Problem> {
        let mut heard = stack.hear().await?;
        let known = listing::environments(&stack.state).await.map_err(|refusal| unread(&refusal))?;
        let mut watch = Watch::from(known.into_values());
        while let Some(message) = heard.next().await {
            let news = watch.after(&stack.state, &message).await.map_err(|refusal| unread(&refusal))?;
            for happening in news {
                tell(&self.line(Line { at: Timestamp::now(), happening })?);
            }
        }
        Ok(())
    }

    fn line(&self, line: Line) -> Result<String, Problem> {
        match self.json {
            true => serde_json::to_string(&line).map_err(|error| Problem::unexpected(error.to_string())),
            false => Ok(format!("{}  {}", line.at.strftime("%H:%M:%S%.3f"), line.happening)),
        }
    }
}
