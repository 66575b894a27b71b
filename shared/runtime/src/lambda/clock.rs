//! The clock, which a schedule invokes once a minute.

use super::Invoked;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use roadstead_steps::{clock, context::Context};
use serde::de::IgnoredAny;

/// The clock.
pub struct Clock(pub Context);

impl Invoked for Clock {
    async fn serve(self) -> Result<(), Error> {
        let context = &self.0;
        let tick = |_: LambdaEvent<IgnoredAny>| async move {
            clock::tick(context).await?;
            Ok::<(), Error>(())
        };
        lambda_runtime::run(service_fn(tick)).await
    }
}
