//! Live progress: what each message that was carried out came to.

use super::report::Report;
use crate::stack::Stack;
use roadstead_domain::{environment::Environment, message::Message, name::EnvironmentId, sentence};
use std::{collections::BTreeMap, convert::Infallible};
use tokio::sync::broadcast::error::RecvError;

/// Tells of every move of every environment, for as long as it is awaited.
pub(super) async fn tell(stack: &Stack, report: &Report) -> Infallible {
    let mut handled = stack.handled();
    let mut told = BTreeMap::new();
    loop {
        let message = match handled.recv().await {
            Ok(message) => message,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => std::future::pending().await,
        };
        if let Message::Stage { environment, .. } = message
            && let Ok(Some(now)) = stack.environment(&environment).await
        {
            tell_moves(&now, &mut told, report);
        }
    }
}

/// What was told of an environment last: its generation, how many stages were done, and in what words it was.
type Told = (u64, usize, String);

fn tell_moves(now: &Environment, told: &mut BTreeMap<EnvironmentId, Told>, report: &Report) {
    let (generation, done, words) = told.entry(now.id.clone()).or_default();
    if *generation != now.carrying {
        (*generation, *done) = (now.carrying, 0);
    }
    for progress in now.progress.iter().skip(*done) {
        let stage = progress.stage.to_string();
        report.tell(&format!("  {} #{}  {stage:<28} {:>6} ms", now.id, now.carrying, progress.milliseconds));
    }
    *done = now.progress.len();
    let phase = sentence::one_line(&now.phase);
    if *words != phase {
        report.tell(&format!("  {} #{}  {phase}", now.id, now.carrying));
        *words = phase;
    }
}
