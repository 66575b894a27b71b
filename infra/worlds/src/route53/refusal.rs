use std::fmt;

/// A refusal as Route 53 words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error code of the API.
    pub code: &'static str,
    /// The sentence.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Several complaints about one batch arrive as one bracketed list.
    pub(super) fn invalid_change_batch(complaints: &[String]) -> Self {
        Self::new(400, "InvalidChangeBatch", format!("[{}]", complaints.join(", ")))
    }

    pub(super) fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidInput", message)
    }

    pub(super) fn invalid_domain_name(message: String) -> Self {
        Self::new(400, "InvalidDomainName", message)
    }

    pub(super) fn no_such_hosted_zone(id: &str) -> Self {
        Self::new(404, "NoSuchHostedZone", format!("No hosted zone found with ID: {id}"))
    }

    pub(super) fn no_such_change(id: &str) -> Self {
        Self::new(404, "NoSuchChange", format!("Could not find resource with ID: {id}"))
    }

    pub(super) fn prior_request_not_complete() -> Self {
        let message = "The request was rejected because Route 53 was still processing a prior request.";
        Self::new(400, "PriorRequestNotComplete", message)
    }

    pub(super) fn throttling() -> Self {
        Self::new(400, "Throttling", "Rate exceeded")
    }

    pub(super) fn unknown_operation(path: &str) -> Self {
        Self::new(404, "UnknownOperationException", format!("There is no operation at {path}"))
    }

    pub(super) fn internal(message: String) -> Self {
        Self::new(500, "InternalFailure", message)
    }
}
