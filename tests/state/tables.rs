//! The tables that the suite runs on.

use super::Table;
use crate::outside::memory_state::MemoryState;
use roadstead_aws::state::DynamoDb;
use roadstead_aws::{Aws, Configuration, StandIn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpListener;

pub(super) fn in_memory() -> Table {
    Arc::new(MemoryState::default())
}

/// An emulator of DynamoDB within this process, behind its own HTTP server.
pub(super) async fn on_dynoxide() -> Table {
    served(dynoxide::Database::memory().unwrap()).await
}

/// A table in a database that is served.
pub(super) async fn served(database: dynoxide::Database) -> Table {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    at(endpoint).await
}

#[expect(clippy::disallowed_methods, reason = "a setting of the tests alone")]
pub(super) async fn on_the_given_endpoint() -> Option<Table> {
    Some(at(std::env::var("ROADSTEAD_TEST_DYNAMODB").ok()?).await)
}

/// A table of its own.
async fn at(endpoint: String) -> Table {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let name = format!("roadstead-{}-{}", std::process::id(), TABLES.fetch_add(1, Ordering::Relaxed));
    let stand_in = StandIn { endpoint, access_key_id: "test".into(), secret_access_key: "test".into() };
    let configuration = Configuration { region: Some("eu-west-1".into()), stand_in: Some(stand_in) };
    let table = DynamoDb::new(Arc::new(Aws::new(configuration)), name);
    table.create_table().await.unwrap();
    table.create_table().await.expect("a table that exists is left alone");
    Arc::new(table)
}
