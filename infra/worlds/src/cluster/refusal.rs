//! Refusals, as the `Status` objects (`meta.k8s.io/v1`) that an API server answers with.

use http::Response;
use serde_json::{Value, json};

use super::kinds::Kind;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    code: u16,
    reason: &'static str,
    pub(super) message: String,
    details: Option<Value>,
}

/// One field that makes an object invalid.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cause {
    reason: &'static str,
    message: String,
    field: String,
}

impl Cause {
    pub(super) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Cause {
        Cause { reason: "FieldValueInvalid", message: message.into(), field: field.into() }
    }

    pub(super) fn required(field: impl Into<String>) -> Cause {
        Cause { reason: "FieldValueRequired", message: "Required value".to_owned(), field: field.into() }
    }

    pub(super) fn forbidden(field: impl Into<String>, message: impl Into<String>) -> Cause {
        Cause { reason: "FieldValueForbidden", message: message.into(), field: field.into() }
    }

    pub(super) fn conflict(manager: &str, field: String) -> Cause {
        Cause { reason: "FieldManagerConflict", message: format!("conflict with {manager:?}"), field }
    }

    fn to_value(&self) -> Value {
        json!({ "reason": self.reason, "message": self.message, "field": self.field })
    }
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { code, reason, message: message.into(), details: None }
    }

    fn about(mut self, kind: &Kind, named: &str, name: &str) -> Refusal {
        let mut details = json!({ "kind": named });
        if !name.is_empty() {
            details["name"] = json!(name);
        }
        if !kind.group.is_empty() {
            details["group"] = json!(kind.group);
        }
        self.details = Some(details);
        self
    }

    fn because(mut self, causes: &[Cause]) -> Refusal {
        let details = self.details.get_or_insert_with(|| json!({}));
        details["causes"] = causes.iter().map(Cause::to_value).collect();
        self
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Refusal {
        Refusal::new(400, "BadRequest", message)
    }

    pub(super) fn unauthorized() -> Refusal {
        Refusal::new(401, "Unauthorized", "Unauthorized")
    }

    pub(super) fn forbidden(kind: &Kind, name: &str, why: &str) -> Refusal {
        let subject =
            if name.is_empty() { kind.resource() } else { format!("{} \"{name}\"", kind.resource()) };
        Refusal::new(403, "Forbidden", format!("{subject} is forbidden: {why}")).about(
            kind,
            kind.plural,
            name,
        )
    }

    pub(super) fn namespace_terminating(kind: &Kind, name: &str, namespace: &str) -> Refusal {
        let why =
            format!("unable to create new content in namespace {namespace} because it is being terminated");
        let cause = Cause {
            reason: "NamespaceTerminating",
            message: format!("namespace {namespace} is being terminated"),
            field: "metadata.namespace".to_owned(),
        };
        Refusal::forbidden(kind, name, &why).because(&[cause])
    }

    /// A refusal by an admission policy, whose own rule says with which reason.
    pub(super) fn by_policy(kind: &Kind, name: &str, reason: &str, why: &str) -> Refusal {
        let mut refusal = Refusal::forbidden(kind, name, why);
        if reason != "Forbidden" {
            (refusal.code, refusal.reason) = (422, "Invalid");
        }
        refusal
    }

    pub(super) fn not_found(kind: &Kind, name: &str) -> Refusal {
        let message = format!("{} \"{name}\" not found", kind.resource());
        Refusal::new(404, "NotFound", message).about(kind, kind.plural, name)
    }

    /// What a real server does and this one does not.
    pub(super) fn not_implemented(what: &str) -> Refusal {
        Refusal::new(501, "NotImplemented", format!("{what} is not implemented in the sandbox cluster"))
    }

    /// A resource that is not in the closed list.
    pub(super) fn unknown_resource() -> Refusal {
        let mut refusal = Refusal::new(404, "NotFound", "the server could not find the requested resource");
        refusal.details = Some(json!({}));
        refusal
    }

    pub(super) fn not_allowed() -> Refusal {
        let message = "the server does not allow this method on the requested resource";
        let mut refusal = Refusal::new(405, "MethodNotAllowed", message);
        refusal.details = Some(json!({}));
        refusal
    }

    pub(super) fn already_exists(kind: &Kind, name: &str, ending: bool) -> Refusal {
        let prefix = if ending { "object is being deleted: " } else { "" };
        let message = format!("{prefix}{} \"{name}\" already exists", kind.resource());
        Refusal::new(409, "AlreadyExists", message).about(kind, kind.plural, name)
    }

    /// A precondition, on the version or the uid, that does not hold.
    pub(super) fn conflict(kind: &Kind, name: &str, why: &str) -> Refusal {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", kind.resource());
        Refusal::new(409, "Conflict", message).about(kind, kind.plural, name)
    }

    /// A deletion whose precondition does not hold: the answer names the kind, not the resource.
    pub(super) fn deletion_conflict(kind: &Kind, name: &str, why: &str) -> Refusal {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", kind.kind);
        Refusal::new(409, "Conflict", message).about(kind, kind.kind, name)
    }

    /// Fields that another manager owns.
    pub(super) fn owned_elsewhere(causes: &[Cause]) -> Refusal {
        let fields: Vec<String> =
            causes.iter().map(|cause| format!("{}: {}", cause.message, cause.field)).collect();
        let noun = if causes.len() == 1 { "conflict" } else { "conflicts" };
        let message = format!("Apply failed with {} {noun}: {}", causes.len(), fields.join("\n- "));
        Refusal::new(409, "Conflict", message).because(causes)
    }

    pub(super) fn gone(message: impl Into<String>) -> Refusal {
        Refusal::new(410, "Expired", message)
    }

    pub(super) fn too_large() -> Refusal {
        Refusal::new(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728")
    }

    pub(super) fn unsupported_media_type(accepted: &str) -> Refusal {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Refusal::new(415, "UnsupportedMediaType", message)
    }

    /// An object that its validation refuses.
    pub(super) fn invalid(kind: &Kind, name: &str, causes: &[Cause]) -> Refusal {
        let fields: Vec<String> =
            causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
        let list = if fields.len() == 1 { fields.concat() } else { format!("[{}]", fields.join(", ")) };
        let message = format!("{} \"{name}\" is invalid: {list}", kind.qualified());
        Refusal::new(422, "Invalid", message).about(kind, kind.kind, name).because(causes)
    }

    /// An apply that does not say which field manager it speaks for.
    pub(super) fn manager_required() -> Refusal {
        let why = "Required value: is required for apply patch";
        Refusal::invalid_options("PatchOptions", "fieldManager", "FieldValueRequired", why)
    }

    /// A watch that wants to begin with what is there, which a server may not be able to.
    pub(super) fn no_initial_events() -> Refusal {
        let why = "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
        Refusal::invalid_options("ListOptions", "sendInitialEvents", "FieldValueForbidden", why)
    }

    /// Options of a request that the server refuses.
    pub(super) fn invalid_options(options: &str, field: &str, reason: &'static str, why: &str) -> Refusal {
        let message = format!("{options}.meta.k8s.io \"\" is invalid: {field}: {why}");
        let mut refusal = Refusal::new(422, "Invalid", message);
        refusal.details = Some(json!({ "group": "meta.k8s.io", "kind": options }));
        refusal.because(&[Cause { reason, message: why.to_owned(), field: field.to_owned() }])
    }

    /// An applied object that its schema refuses: a real server answers 500 without a reason.
    pub(super) fn untyped(message: impl Into<String>) -> Refusal {
        Refusal::new(500, "", message)
    }

    /// The `Status` object.
    pub(super) fn to_value(&self) -> Value {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = json!(self.reason);
        }
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        status
    }

    pub(super) fn to_response(&self) -> Response<Vec<u8>> {
        json_response(self.code, &self.to_value())
    }
}

/// An answer with a JSON body.
pub(super) fn json_response(code: u16, body: &Value) -> Response<Vec<u8>> {
    response(code, "application/json", body.to_string().into_bytes())
}

/// An answer with a body of the given media type.
pub(super) fn response(code: u16, media_type: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() =
        http::StatusCode::from_u16(code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    response
}
