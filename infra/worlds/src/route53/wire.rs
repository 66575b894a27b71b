//! Requests in, responses out: the XML of API version 2013-04-01, as the SDKs write and read it.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::batch::Change;
use super::refusal::Refusal;

pub(super) const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeRequest {
    change_batch: ChangeBatch,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeBatch {
    #[serde(default)]
    comment: Option<String>,
    changes: Changes,
}

#[derive(Deserialize)]
struct Changes {
    #[serde(rename = "Change", default)]
    changes: Vec<Change>,
}

/// The comment and the changes of a ChangeResourceRecordSets request.
pub(super) fn read_changes(body: &[u8]) -> Result<(Option<String>, Vec<Change>), Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::invalid_input("Invalid XML ; not UTF-8"))?;
    let request: ChangeRequest = quick_xml::de::from_str(text)
        .map_err(|error| Refusal::invalid_input(format!("Invalid XML ; {error}")))?;
    Ok((request.change_batch.comment, request.change_batch.changes.changes))
}

/// A reply as an XML document with this root.
pub(super) fn write<T: Serialize>(root: &str, reply: &T) -> Result<String, Refusal> {
    let body = quick_xml::se::to_string_with_root(root, reply)
        .map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}"))
}

/// The HTTP response for a reply or a refusal to the request with this number.
pub(super) fn respond(reply: Result<String, Refusal>, number: u64) -> Response<Vec<u8>> {
    let request_id = format!("00000000-0000-4000-8000-{number:012x}");
    let (status, body) = match reply {
        Ok(body) => (StatusCode::OK, body),
        Err(refusal) => (
            StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            write("ErrorResponse", &ErrorResponse::new(&refusal, request_id.clone())).unwrap_or_default(),
        ),
    };
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-amzn-requestid", value);
    }
    response
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorResponse<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    error: ErrorBody<'a>,
    request_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'a> {
    r#type: &'static str,
    code: &'a str,
    message: &'a str,
}

impl<'a> ErrorResponse<'a> {
    fn new(refusal: &'a Refusal, request_id: String) -> Self {
        let r#type = if refusal.status < 500 { "Sender" } else { "Receiver" };
        let error = ErrorBody { r#type, code: refusal.code, message: &refusal.message };
        Self { namespace: NAMESPACE, error, request_id }
    }
}
