//! `events`: one line for each thing that happens, as it happens.

use super::{
    follow::Tell,
    heard::Heard,
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

/// Who hears of everything from a moment on.
pub struct Listener<'a> {
    stack: &'a RunningStack,
    heard: Heard,
    watch: Watch,
}

impl<'a> Listener<'a> {
    /// Listens: what happens after this returned is told.
    ///
    /// # Errors
    /// When the stack or its table does not answer.
    pub async fn at(stack: &'a RunningStack) -> Result<Self, Problem> {
        let heard = stack.hear().await?;
        let known = listing::environments(&stack.state).await.map_err(|refusal| unread(&refusal))?;
        Ok(Self { stack, heard, watch: Watch::from(known.into_values()) })
    }
}

impl Events {
    /// Tells of everything until the stack ends.
    ///
    /// # Errors
    /// When the table does not answer, although the stack goes on.
    pub async fn run(&self, listener: Listener<'_>, tell: Tell<'_>) -> Result<(), Problem> {
        let Listener { stack, mut heard, mut watch } = listener;
        while let Some(message) = heard.next().await {
            match watch.after(&stack.state, &message).await {
                Ok(news) => {
                    for happening in news {
                        tell(&self.line(Line { at: Timestamp::now(), happening })?);
                    }
                }
                Err(_) if heard.ends_now().await => return Ok(()),
                Err(refusal) => return Err(unread(&refusal)),
            }
        }
        Ok(())
    }

    fn line(&self, line: Line) -> Result<String, Problem> {
        if self.json {
            serde_json::to_string(&line).map_err(|error| Problem::unexpected(error.to_string()))
        } else {
            Ok(format!("{}  {}", line.at.strftime("%H:%M:%S%.3f"), line.happening))
        }
    }
}
