//! `send`: a recorded event goes to the door that it is for, and its journey is shown.

mod slack;

use super::{
    follow::{Ended, Following, Tell},
    running::RunningStack,
};
use crate::{
    problem::Problem,
    stack::{
        secrets::random,
        worlds::{BUILT, COMMAND, MadeTrue, PUSHED, Recorded},
    },
};
use http::{Request, Response, StatusCode};
use ring::hmac;
use roadstead_senders::{
    Received, ecr,
    github::{DELIVERY, EVENT, SIGNATURE},
    images::IDEMPOTENCY_KEY,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// What is sent, and how.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Send {
    /// A recorded event: `github/EVENT.….json`, `slack/….json`, `images/….json` or `ecr/….json`.
    pub file: PathBuf,
    /// Sends the bytes as they were recorded: nobody makes true before what they speak of.
    #[arg(long)]
    pub as_recorded: bool,
    /// How long the journey may take, in seconds.
    #[arg(long, default_value_t = super::LIMIT)]
    pub limit: u64,
}

/// Who sends, told by the folder that the event lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Provider {
    /// With its name of the event.
    Github(String),
    Slack,
    Images,
    Ecr,
}

impl Send {
    /// Sends it, and follows what comes of it until every environment concerned is at rest.
    ///
    /// # Errors
    /// When the file cannot be sent, or the door turns it away.
    pub async fn run(&self, stack: &RunningStack, tell: Tell<'_>) -> Result<Ended, Problem> {
        let provider = provider(&self.file)?;
        let recorded = std::fs::read(&self.file).map_err(|error| self.unusable(&error))?;
        let body = if self.as_recorded {
            recorded
        } else {
            self.prepared(stack, &provider, &recorded, tell).await?
        };
        let heard = stack.hear().await?;
        let request = request(stack, &provider, body.clone())?;
        let sent = request.headers().clone();
        let answer = stack.call(request).await?;
        let taken = match &provider {
            Provider::Slack => slack::taken(&sent, &answer)?,
            _ => taken(&provider, &answer, &body)?,
        };
        match taken {
            Taken::Trigger(key) => {
                let limit = Duration::from_secs(self.limit);
                let ended = Following { stack, heard, tell }.to_its_end(&key, limit).await?;
                if provider == Provider::Slack {
                    slack::tell_answer(stack, &key, &body, tell).await?;
                }
                Ok(ended)
            }
            Taken::NoEffect(reason) => {
                tell(&format!("the door took it, and nothing comes of it: {reason}"));
                Ok(Ended::Nothing)
            }
        }
    }

    /// The event as this stack can have it: what it speaks of was made true, and it is a new one.
    async fn prepared(
        &self,
        stack: &RunningStack,
        provider: &Provider,
        recorded: &[u8],
        tell: Tell<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let payload: serde_json::Map<String, Value> =
            serde_json::from_slice(recorded).map_err(|error| self.unusable(&error))?;
        let mut payload = Value::from(payload);
        let event = match provider {
            Provider::Github(event) => event.clone(),
            Provider::Slack => COMMAND.to_owned(),
            Provider::Images => BUILT.to_owned(),
            Provider::Ecr => {
                payload["id"] = json!(random());
                PUSHED.to_owned()
            }
        };
        let url = format!("{}/_people/recorded", stack.local.github_api);
        let answer = stack.post(&url, None, &Recorded { event, payload }).await?;
        if !answer.status().is_success() {
            let why = String::from_utf8_lossy(answer.body()).into_owned();
            return Err(Problem::new(why, "change the event, or send it with `--as-recorded`"));
        }
        let made: MadeTrue = serde_json::from_slice(answer.body()).map_err(|error| self.unusable(&error))?;
        made.told.iter().for_each(|line| tell(line));
        Ok(made.payload.to_string().into_bytes())
    }

    fn unusable(&self, error: &dyn std::fmt::Display) -> Problem {
        let what = format!("{} cannot be sent: {error}", self.file.display());
        Problem::new(what, "choose a file of the folder `events`, see events/README.md")
    }
}

fn provider(file: &Path) -> Result<Provider, Problem> {
    let name =
        |part: Option<&std::ffi::OsStr>| part.and_then(|part| part.to_str()).unwrap_or_default().to_owned();
    let folder = name(file.parent().and_then(Path::file_name));
    let event = name(file.file_name()).split('.').next().unwrap_or_default().to_owned();
    match folder.as_str() {
        "github" => Ok(Provider::Github(event)),
        "slack" => Ok(Provider::Slack),
        "images" => Ok(Provider::Images),
        "ecr" => Ok(Provider::Ecr),
        _ => Err(Problem::new(
            format!(
                "no door is known for {}: its folder is none of github, slack, images and ecr",
                file.display()
            ),
            "choose a file of the folder `events`, see events/README.md",
        )),
    }
}

/// The request that the provider would send.
fn request(stack: &RunningStack, provider: &Provider, body: Vec<u8>) -> Result<Request<Vec<u8>>, Problem> {
    let (doors, secrets) = (&stack.local.doors, &stack.local.secrets);
    let request = match provider {
        Provider::Github(event) => Request::post(&doors.github)
            .header(EVENT, event)
            .header(DELIVERY, random())
            .header(SIGNATURE, signature(&secrets.github, &body)),
        Provider::Slack => return slack::request(stack, &body),
        Provider::Images => Request::post(&doors.images)
            .header("authorization", format!("Bearer {}", secrets.images))
            .header(IDEMPOTENCY_KEY, random()),
        Provider::Ecr => Request::post(&doors.eventbridge),
    };
    let request = request.header("content-type", "application/json").body(body);
    request.map_err(|error| Problem::unexpected(error.to_string()))
}

fn signature(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    format!("sha256={}", hex::encode(tag))
}

/// What the door made of it.
enum Taken {
    /// A trigger, by its key.
    Trigger(String),
    NoEffect(String),
}

fn taken(provider: &Provider, answer: &Response<Vec<u8>>, body: &[u8]) -> Result<Taken, Problem> {
    let told: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    if !answer.status().is_success() {
        return refused(answer.status(), &told);
    }
    if *provider == Provider::Ecr {
        return of_event(body);
    }
    match (told["trigger"].as_str(), told["no_effect"].as_str()) {
        (Some(key), _) => Ok(Taken::Trigger(key.to_owned())),
        (None, Some(reason)) => Ok(Taken::NoEffect(reason.to_owned())),
        (None, None) => Err(Problem::unexpected("the door's answer is not understood")),
    }
}

fn refused(status: StatusCode, told: &Value) -> Result<Taken, Problem> {
    let why = told["error"].as_str().unwrap_or("it says no more");
    Err(Problem::new(
        format!("the door turned it away with {status}: {why}"),
        "change the event; without `--as-recorded` it is made to fit this stack",
    ))
}

/// EventBridge is answered nothing: what the door makes of an event is read as the door reads it.
fn of_event(body: &[u8]) -> Result<Taken, Problem> {
    match ecr::receive(body, jiff::Timestamp::now()) {
        Ok(Received::Trigger(trigger)) => Ok(Taken::Trigger(trigger.key)),
        Ok(Received::NoEffect { reason }) => Ok(Taken::NoEffect(reason.to_owned())),
        Err(error) => Err(Problem::new(error.to_string(), "change the event")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_says_who_sends_and_the_name_says_what() {
        let of = |file: &str| provider(Path::new(file));
        assert_eq!(
            of("events/github/pull_request.opened.fork.json").unwrap(),
            Provider::Github("pull_request".into())
        );
        assert_eq!(of("github/ping.json").unwrap(), Provider::Github("ping".into()));
        assert_eq!(of("events/slack/env_create.json").unwrap(), Provider::Slack);
        assert_eq!(of("/a/images/built.json").unwrap(), Provider::Images);
        assert_eq!(of("ecr/x.json").unwrap(), Provider::Ecr);
        for file in ["events/sqs/batch.json", "ping.json", ""] {
            assert!(of(file).unwrap_err().next.contains("events/README.md"), "{file}");
        }
    }

    #[test]
    fn a_body_is_signed_as_github_documents_it() {
        let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!(signature("It's a Secret to Everybody", b"Hello, World!"), expected);
    }
}
