//! One round as it was measured, and many rounds as they are told.

use jiff::Timestamp;
use roadstead::stack::Stack;
use roadstead_domain::{
    environment::{Environment, Phase},
    message::Message,
    name::EnvironmentId,
    step::Stage,
};
use std::{collections::BTreeMap, time::Instant};
use tokio::sync::broadcast::Receiver;

/// What one round took. All spans are in milliseconds.
pub(crate) struct Measured {
    /// From the beginning to the row that says ready.
    pub(crate) total: f64,
    /// Every part, in its order.
    pub(crate) parts: Vec<Part>,
    /// What `kubectl` took to apply the same objects.
    pub(crate) kubectl: Option<f64>,
}

/// One part of a round.
pub(crate) struct Part {
    name: String,
    /// From the end of the part before to its own.
    span: f64,
    /// What it recorded as its own work; the rest of the span was spent between functions.
    own: f64,
}

/// Measures one round.
pub(crate) struct Timer {
    handled: Receiver<Message>,
    begun: Instant,
    begun_at: Timestamp,
}

impl Timer {
    /// Begins to measure.
    pub(crate) fn begin(stack: &Stack) -> Self {
        Self { handled: stack.handled(), begun: Instant::now(), begun_at: Timestamp::now() }
    }

    /// Measures until the row of an environment says ready.
    pub(crate) async fn until_ready(mut self, stack: &Stack, id: &EnvironmentId) -> Measured {
        let mut accepted = 0.0;
        let mut ended = BTreeMap::new();
        loop {
            let message = self.handled.recv().await.unwrap();
            let now = self.begun.elapsed().as_secs_f64() * 1_000.0;
            match message {
                Message::Trigger { .. } if accepted == 0.0 => accepted = now,
                Message::Stage { environment, stage, .. } if environment == *id => {
                    ended.insert(stage, now);
                }
                _ => continue,
            }
            let Some(row) = stack.environment(id).await.unwrap() else { continue };
            assert!(
                !matches!(row.phase, Phase::Failed { .. } | Phase::NeedsAttention { .. }),
                "{:?}",
                row.phase
            );
            if row.phase == Phase::Ready {
                assert_eq!(row.carrying, 1, "another generation came between");
                let total = self.begun.elapsed().as_secs_f64() * 1_000.0;
                return Measured { total, parts: self.parts(&row, accepted, &ended), kubectl: None };
            }
        }
    }

    fn parts(&self, row: &Environment, accepted: f64, ended: &BTreeMap<Stage, f64>) -> Vec<Part> {
        let mut parts = vec![Part { name: "door, accept-trigger".to_owned(), span: accepted, own: accepted }];
        let mut before = accepted;
        let waited = self.begun_at.duration_since(row.begun_at).as_secs_f64().max(0.0) * 1_000.0;
        for (index, progress) in row.progress.iter().enumerate() {
            let at = ended.get(&progress.stage).copied().unwrap_or(before).max(before);
            let recorded = f64::from(u32::try_from(progress.milliseconds).unwrap());
            // What resolve-config did before the last image came is not of this round.
            let own = if index == 0 { recorded - waited } else { recorded };
            let span = at - before;
            parts.push(Part { name: progress.stage.to_string(), span, own: own.clamp(0.0, span) });
            before = at;
        }
        parts
    }
}

/// What many rounds come to: medians, and where the time goes.
pub(crate) fn told(what: &str, target: f64, rounds: &[Measured]) -> String {
    let total = median(rounds.iter().map(|round| round.total));
    let verdict = if total < target { "met" } else { "missed" };
    let mut lines =
        vec![format!("{what}: {total:.1} ms, median of {}; target {target} ms {verdict}", rounds.len())];
    let names = rounds.first().map(|round| &round.parts).into_iter().flatten().map(|part| &part.name);
    for (index, name) in names.enumerate() {
        let of = |take: fn(&Part) -> f64| {
            median(rounds.iter().filter_map(|round| round.parts.get(index)).map(take))
        };
        lines.push(format!(
            "  {name:<28}{:>8.1} ms, of which own {:>6.1} ms",
            of(|part| part.span),
            of(|part| part.own)
        ));
    }
    let between = rounds.iter().map(|round| round.parts.iter().map(|part| part.span - part.own).sum());
    lines.push(format!("  {:<28}{:>8.1} ms", "in queues, between these", median(between)));
    let kubectl: Vec<f64> = rounds.iter().filter_map(|round| round.kubectl).collect();
    if !kubectl.is_empty() {
        let kubectl = median(kubectl.into_iter());
        lines.push(format!(
            "  kubectl apply of the same objects: {kubectl:.1} ms; ours takes {:.2} of it",
            total / kubectl
        ));
    }
    lines.join("\n")
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
