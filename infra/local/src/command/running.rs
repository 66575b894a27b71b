//! A stack that runs, as another process of this machine sees it.

use super::heard::Heard;
use crate::{
    problem::Problem,
    stack::{
        desk::Noted,
        dynamodb::{TABLE, stand_in},
        local_file::LocalFile,
        pages,
    },
};
use http::{Request, Response};
use roadstead_aws::state::DynamoDb;
use roadstead_domain::{
    announcement::{Announcement, AnnouncementKey},
    environment::Environment,
    name::EnvironmentId,
    refusal::Refusal,
    trigger::Trigger,
};
use roadstead_steps::{nouns::state::Key, rows};
use roadstead_web::{Https, Transport as _};
use serde::{Serialize, de::DeserializeOwned};
use std::path::Path;

/// A stack that was started in a data directory, and answers.
pub struct RunningStack {
    /// Where everything of it is.
    pub local: LocalFile,
    /// Its table.
    pub state: DynamoDb,
    transport: Https,
}

impl RunningStack {
    /// Finds the stack of a data directory.
    ///
    /// # Errors
    /// When none runs there.
    pub async fn find(data_dir: &Path) -> Result<Self, Problem> {
        let local = LocalFile::read(data_dir)?;
        let transport = Https::new(true).map_err(|error| Problem::unexpected(error.to_string()))?;
        let state = DynamoDb::new(stand_in(&local.dynamodb), TABLE);
        let stack = Self { local, state, transport };
        stack.hear().await?;
        Ok(stack)
    }

    /// Hears of every message that is carried out from now on.
    ///
    /// # Errors
    /// When the stack does not answer.
    pub async fn hear(&self) -> Result<Heard, Problem> {
        Heard::at(&self.local.desk).await
    }

    /// Sends a request to the stack.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Problem> {
        let url = request.uri().to_string();
        self.transport.call(request).await.map_err(|_| not_running(&url))
    }

    /// Posts a value as JSON.
    ///
    /// # Errors
    /// When the stack does not answer.
    pub async fn post<T: Serialize + Sync>(
        &self,
        url: &str,
        bearer: Option<&str>,
        value: &T,
    ) -> Result<Response<Vec<u8>>, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| Problem::unexpected(error.to_string()))?;
        let mut request = Request::post(url).header("content-type", "application/json");
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let request = request.body(body).map_err(|error| Problem::unexpected(error.to_string()))?;
        self.call(request).await
    }

    /// Asks something of the desk, which takes a note of it.
    ///
    /// # Errors
    /// When the stack does not take the note.
    pub async fn ask<T: Serialize + Sync>(&self, what: &str, asked: &T) -> Result<Noted, Problem> {
        let url = format!("{}/{what}", self.local.desk);
        let answer = self.post(&url, Some(&self.local.secrets.desk), asked).await?;
        if !answer.status().is_success() {
            let what = format!("the stack did not take the note: {}", answer.status());
            return Err(Problem::new(what, "try it again"));
        }
        serde_json::from_slice(answer.body())
            .map_err(|error| Problem::unexpected(format!("the stack's answer is not understood: {error}")))
    }

    /// An environment as it is now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn environment(&self, id: &EnvironmentId) -> Result<Option<Environment>, Problem> {
        self.read(&rows::environment(id)).await
    }

    /// A trigger as it is now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn trigger(&self, key: &str) -> Result<Option<Trigger>, Problem> {
        self.read(&rows::trigger(key)).await
    }

    /// Whether something is still to be told.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn is_owed(&self, key: &AnnouncementKey) -> Result<bool, Problem> {
        let announcement: Option<Announcement> = self.read(&rows::announcement(key)).await?;
        Ok(announcement.is_some_and(|announcement| announcement.shown < announcement.owed))
    }

    /// An address of an environment as a browser on this machine can open it.
    pub fn openable(&self, url: &str) -> String {
        pages::openable(url, self.local.pages_port)
    }

    async fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Problem> {
        rows::load(&self.state, key).await.map_err(|refusal| unread(&refusal))
    }
}

/// The table could not be read.
pub(super) fn unread(refusal: &Refusal) -> Problem {
    Problem::unexpected(format!("the stack's table cannot be read: {refusal}"))
}

/// Nothing answers where a stack said that it is.
pub(super) fn not_running(url: &str) -> Problem {
    Problem::new(
        format!("no stack answers at {url}"),
        "start one with `cargo run -- up`, or say with `--data-dir` where yours is",
    )
}
