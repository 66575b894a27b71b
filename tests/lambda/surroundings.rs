//! What a function finds around it: DynamoDB on an embedded emulator, and queues that take everything.

use axum::{Router, body::Bytes, routing::post};
use roadstead_aws::state::DynamoDb;
use roadstead_aws::{Aws, Configuration, StandIn};
use roadstead_steps::nouns::State;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// The name of the table.
pub const TABLE: &str = "roadstead";
/// The secret of the only webhook and the only key.
pub const SECRET: &str = "a secret of these tests";

/// What a function finds around it.
pub struct Surroundings {
    /// The table, as the test reads it.
    pub table: Arc<dyn State>,
    /// Every message that was sent to a queue.
    pub sent: Arc<Mutex<Vec<Value>>>,
    dynamodb: String,
    sqs: String,
}

impl Surroundings {
    /// Starts everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dynamodb = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
        let stand_in = StandIn {
            endpoint: dynamodb.clone(),
            access_key_id: "id".into(),
            secret_access_key: "secret".into(),
        };
        let configuration = Configuration { region: Some("eu-west-1".into()), stand_in: Some(stand_in) };
        let table = DynamoDb::new(Arc::new(Aws::new(configuration)), TABLE);
        table.create_table().await.unwrap();
        let sent = Arc::new(Mutex::new(vec![]));
        let sqs = queues(sent.clone()).await;
        Self { table: Arc::new(table), sent, dynamodb, sqs }
    }

    /// The environment of a function's process.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let queues = format!(r#"{{"accept-trigger":"{}/123456789012/accept-trigger"}}"#, self.sqs);
        let app = r#"{"id":7,"installation":9,"private_key":"env:APP_KEY"}"#;
        let hooks = r#"{"app":{"secret":"env:SECRET","repositories":[1296269]}}"#;
        let keys = r#"{"ci":{"secret":"env:SECRET","images":["123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"]}}"#;
        let slack = r#"{"signing_secret":"env:SECRET","team":"T1","app":"A1"}"#;
        vec![
            ("AWS_REGION", "eu-west-1".to_owned()),
            // Lambda's own image has its certificates in one file, not in a folder of hundreds.
            ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt".to_owned()),
            ("AWS_ACCESS_KEY_ID", "id".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.clone()),
            ("AWS_ENDPOINT_URL_SQS", self.sqs.clone()),
            ("ROADSTEAD_TABLE", TABLE.to_owned()),
            ("ROADSTEAD_QUEUES", queues),
            ("ROADSTEAD_GITHUB_APP", app.to_owned()),
            ("ROADSTEAD_GITHUB_HOOKS", hooks.to_owned()),
            ("ROADSTEAD_IMAGE_KEYS", keys.to_owned()),
            ("ROADSTEAD_SLACK", slack.to_owned()),
            ("ROADSTEAD_SLACK_BOT", r#"{"token":"env:SECRET"}"#.to_owned()),
            ("SECRET", SECRET.to_owned()),
            ("APP_KEY", include_str!("../../infra/local/sample/app-key.pem").to_owned()),
        ]
    }
}

async fn queues(sent: Arc<Mutex<Vec<Value>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let take = move |body: Bytes| {
        sent.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
        async { json!({"MessageId": "1"}).to_string() }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(post(take))).await });
    address
}
