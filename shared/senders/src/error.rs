//! Why a door turns something away.

use http::StatusCode;

/// Why a request was turned away. The text is for its sender, and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// The body or a header is over its limit.
    #[error("too large: see the limits of this door")]
    TooLarge,
    /// Nothing proves who sent it. Says no more, so that nothing can be learnt by trying.
    #[error("not authenticated")]
    Unauthenticated,
    /// The sender is known and may not say this.
    #[error("{reason}")]
    Forbidden {
        /// What its key is not for.
        reason: &'static str,
    },
    /// It is not what the provider's format says.
    #[error("{reason}")]
    Malformed {
        /// Which field, and what is wrong with it.
        reason: String,
    },
    /// It is written in another format than the one that is read here.
    #[error("{reason}")]
    Unsupported {
        /// What to send instead.
        reason: &'static str,
    },
}

impl DoorError {
    /// A field that is not as it must be.
    pub(crate) fn malformed(field: &str, problem: &str) -> Self {
        DoorError::Malformed { reason: format!("{field}: {problem}") }
    }

    /// The HTTP status that says so (RFC 9110, section 15.5).
    pub fn status(&self) -> StatusCode {
        match self {
            DoorError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            DoorError::Unauthenticated => StatusCode::UNAUTHORIZED,
            DoorError::Forbidden { .. } => StatusCode::FORBIDDEN,
            DoorError::Malformed { .. } => StatusCode::BAD_REQUEST,
            DoorError::Unsupported { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_the_sender_s_to_mend() {
        let reason = "why";
        for (error, status) in [
            (DoorError::malformed("field", reason), 400),
            (DoorError::Unauthenticated, 401),
            (DoorError::Forbidden { reason }, 403),
            (DoorError::TooLarge, 413),
            (DoorError::Unsupported { reason }, 415),
        ] {
            assert_eq!(error.status().as_u16(), status, "{error}");
        }
    }
}
