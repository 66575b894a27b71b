use super::*;
use crate::configuration::{Aws, Configuration, StandIn};
use aws_sdk_sqs::operation::send_message::SendMessageError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

type Failed = SdkError<SendMessageError, HttpResponse>;

async fn send_to(endpoint: String) -> Failed {
    let stand_in = StandIn { endpoint, access_key_id: "id".into(), secret_access_key: "secret".into() };
    let aws = Aws::new(Configuration { region: Some("eu-west-1".into()), stand_in: Some(stand_in) });
    let client = aws_sdk_sqs::Client::new(aws.sdk().await);
    client.send_message().queue_url("http://127.0.0.1/queue").message_body("x").send().await.unwrap_err()
}

/// Sends to a server that answers with these bytes, and then hangs up.
async fn answered_with(answer: &'static str) -> Failed {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    send_to(endpoint).await
}

async fn answered_as(status: u16, code: &str) -> CallError {
    let code = format!(r#"{{"__type":"com.amazonaws.sqs#{code}","message":"said"}}"#);
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\n");
    let answer = format!("{head}content-length: {}\r\n\r\n{code}", code.len());
    call_error(answered_with(answer.leak()).await, Effect::Writes)
}

#[tokio::test]
async fn without_a_connection_nothing_was_done() {
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = format!("http://{}", taken.local_addr().unwrap());
    let error = call_error(send_to(endpoint).await, Effect::Writes);
    assert!(matches!(error, CallError::Unavailable { maybe_done: false, .. }), "{error:?}");
}

#[tokio::test]
async fn without_an_answer_a_write_may_have_been_done() {
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "nonsense\r\n\r\n"] {
        let error = call_error(answered_with(answer).await, Effect::Writes);
        assert!(error.maybe_done(), "{answer:?}: {error:?}");
        let error = call_error(answered_with(answer).await, Effect::Reads);
        assert!(matches!(error, CallError::Unavailable { maybe_done: false, .. }), "{answer:?}: {error:?}");
    }
}

#[tokio::test]
async fn an_attempt_that_took_too_long_may_have_been_done() {
    assert!(call_error(Failed::timeout_error("8 s"), Effect::Writes).maybe_done());
    assert!(!call_error(Failed::timeout_error("8 s"), Effect::Reads).maybe_done());
}

#[tokio::test]
async fn an_error_of_the_service_itself_may_have_been_done() {
    assert!(answered_as(500, "InternalServerError").await.maybe_done());
    assert!(answered_as(503, "ServiceUnavailable").await.maybe_done());
}

#[tokio::test]
async fn what_was_throttled_or_refused_was_not_done() {
    let reason = |code: &str| format!("{code}: said");
    let throttled = CallError::Throttled { reason: reason("ThrottlingException"), after: None };
    assert_eq!(answered_as(400, "ThrottlingException").await, throttled);
    let forbidden = CallError::Broken { reason: reason("AccessDeniedException") };
    assert_eq!(answered_as(400, "AccessDeniedException").await, forbidden);
    let refused = CallError::Refused { reason: reason("InvalidMessageContents") };
    assert_eq!(answered_as(400, "InvalidMessageContents").await, refused);
    let missing = answered_as(400, "QueueDoesNotExist").await;
    assert!(matches!(missing, CallError::Missing { .. }), "{missing:?}");
}

#[tokio::test]
async fn without_an_identity_nothing_was_sent() {
    let aws = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .region(aws_sdk_sqs::config::Region::new("eu-west-1"))
        .endpoint_url("http://127.0.0.1:1")
        .http_client(Aws::new(Configuration::default()).http().await)
        .credentials_provider(aws_sdk_sqs::config::SharedCredentialsProvider::new(Nobody))
        .build();
    let client = aws_sdk_sqs::Client::from_conf(aws);
    let sent = client.send_message().queue_url("http://127.0.0.1/queue").message_body("x").send().await;
    let error = call_error(sent.unwrap_err(), Effect::Writes);
    assert!(matches!(error, CallError::Unavailable { maybe_done: false, .. }), "{error:?}");
}

#[derive(Debug)]
struct Nobody;

impl aws_credential_types::provider::ProvideCredentials for Nobody {
    fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let error = CredentialsError::not_loaded("nobody is known");
        aws_credential_types::provider::future::ProvideCredentials::ready(Err(error))
    }
}
