//! DynamoDB on this machine: dynoxide on disk, reached by the real SDK over HTTP.

use super::{ending::Ending, http::Place};
use crate::problem::Problem;
use dynoxide::{Database, server};
use roadstead_aws::{Aws, Configuration, StandIn, state::DynamoDb};
use std::{path::Path, sync::Arc};
use tokio::task::JoinSet;

/// The name of the table.
pub const TABLE: &str = "roadstead";

/// Serves the database of a data directory and makes the table in it, unless it is there.
///
/// # Errors
/// When the database cannot be opened, or does not answer.
pub async fn start(
    data_dir: &Path,
    place: Place,
    ending: Ending,
    tasks: &mut JoinSet<()>,
) -> Result<Arc<DynamoDb>, Problem> {
    let path = data_dir.join("dynamodb.sqlite");
    let database = Database::new(&path.to_string_lossy()).map_err(|error| {
        Problem::new(
            format!("{} cannot be opened: {error}", path.display()),
            "choose another `--data-dir`, or remove this one to begin anew",
        )
    })?;
    let aws = stand_in(&place.url);
    let listener = place.into_listener();
    tasks.spawn(async move {
        let until = async move { ending.wait().await };
        if let Err(error) = server::serve_with_shutdown(listener, database, until).await {
            tracing::error!(%error, "the database ended");
        }
    });
    let state = DynamoDb::new(aws, TABLE);
    let made = state.create_table().await;
    made.map_err(|error| Problem::unexpected(format!("the table was not made: {error}")))?;
    Ok(Arc::new(state))
}

/// AWS as something of this machine answers for it. The identity is known to everybody, and means nothing.
pub fn stand_in(endpoint: &str) -> Arc<Aws> {
    Arc::new(Aws::new(Configuration {
        region: Some("eu-west-1".to_owned()),
        stand_in: Some(StandIn {
            endpoint: endpoint.to_owned(),
            access_key_id: "local".to_owned(),
            secret_access_key: "local".to_owned(),
        }),
    }))
}
