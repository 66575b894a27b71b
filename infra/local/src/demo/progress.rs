//! Live progress: what each message that was carried out came to.

use super::report::Report;
use crate::{
    stack::Stack,
    watch::{Happening, Watch},
};
use std::convert::Infallible;
use tokio::sync::broadcast::error::RecvError;

/// Tells of every move of every environment, for as long as it is awaited.
pub(super) async fn tell(stack: &Stack, report: &Report) -> Infallible {
    let mut handled = stack.handled();
    let mut watch = Watch::default();
    loop {
        let message = match handled.recv().await {
            Ok(message) => message,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => std::future::pending().await,
        };
        let happened = watch.after(stack.context.state.as_ref(), &message).await.unwrap_or_default();
        for happening in happened.iter().filter(|happening| is_a_move(happening)) {
            report.tell(&format!("  {happening}"));
        }
    }
}

fn is_a_move(happening: &Happening) -> bool {
    matches!(happening, Happening::StepEnded { .. } | Happening::Phase { .. })
}
