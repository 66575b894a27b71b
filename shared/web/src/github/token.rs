//! The installation's token: asked for with the App's key, kept until shortly before it ends (GitHub, "Authenticating
//! as a GitHub App installation").

use super::http::Wire;
use super::key::AppKey;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use roadstead_steps::nouns::CallError;
use serde::Deserialize;
use tokio::sync::Mutex;

/// How long before its end a token is no longer used.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// A token. It cannot be printed, and is opaque: its length and alphabet are GitHub's affair.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Token(String);

impl Token {
    /// As the header `authorization` carries it.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

#[derive(Deserialize)]
struct Issued {
    token: Token,
    expires_at: Timestamp,
}

/// The tokens of one installation. Whoever needs one while it is renewed waits for the same one.
pub(super) struct Tokens {
    app: u64,
    key: AppKey,
    installation: u64,
    issued: Mutex<Option<Issued>>,
}

impl Tokens {
    /// Asks for none yet.
    pub(super) fn new(app: u64, key: AppKey, installation: u64) -> Self {
        Self { app, key, installation, issued: Mutex::new(None) }
    }

    /// The token that is kept, or a new one when it is about to end or is the one that was not accepted.
    ///
    /// # Errors
    /// Any [`CallError`]; never `maybe_done`, since a token that was lost does nothing.
    pub(super) async fn token(&self, wire: &Wire, unaccepted: Option<&Token>) -> Result<Token, CallError> {
        let mut kept = self.issued.lock().await;
        let fresh =
            |issued: &&Issued| wire.now() < issued.expires_at - MARGIN && Some(&issued.token) != unaccepted;
        if let Some(issued) = kept.as_ref().filter(fresh) {
            return Ok(issued.token.clone());
        }
        let issued = self.ask(wire).await?;
        let token = issued.token.clone();
        *kept = Some(issued);
        Ok(token)
    }

    /// A token that says we are the App itself.
    ///
    /// # Errors
    /// When the key does not sign.
    pub(super) fn of_app(&self, wire: &Wire) -> Result<Token, CallError> {
        self.key.token(self.app, wire.now()).map(Token)
    }

    async fn ask(&self, wire: &Wire) -> Result<Issued, CallError> {
        let bearer = self.of_app(wire)?;
        let address = format!("/app/installations/{}/access_tokens", self.installation);
        let request = wire.request(Method::POST, &address, &bearer, None)?;
        let response = wire.send(request).await.map_err(no_token)?;
        if !response.status().is_success() {
            return Err(no_token(wire.refusal(&response, false)));
        }
        serde_json::from_slice(response.body()).map_err(|_| CallError::Broken {
            reason: "GitHub answered something that is no token".to_owned(),
        })
    }
}

/// Why there is no token, as the call that needed one has to know it: it was not sent, so nothing is in doubt, and what
/// it is about is not missing.
fn no_token(error: CallError) -> CallError {
    match error {
        CallError::Unavailable { reason, .. } => CallError::Unavailable { reason, maybe_done: false },
        CallError::Missing { .. } => CallError::Unauthorized {
            reason: "the GitHub App is not installed as the settings say".to_owned(),
        },
        other => other,
    }
}
