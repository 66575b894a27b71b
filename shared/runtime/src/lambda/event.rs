//! The door that EventBridge invokes with an event.

use super::Invoked;
use crate::door::{RegistryDoor, eventbridge::registry_push};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;

impl Invoked for RegistryDoor {
    async fn serve(self) -> Result<(), Error> {
        let door = &self;
        let take = |event: LambdaEvent<Box<RawValue>>| async move {
            registry_push(door, event.payload.get().as_bytes()).await?;
            Ok::<(), Error>(())
        };
        lambda_runtime::run(service_fn(take)).await
    }
}
