//! The stack: everything that the service is, in one process on one machine.

pub mod desk;
pub mod doors;
pub mod dynamodb;
pub mod ending;
pub mod http;
pub mod local_file;
pub mod messenger;
pub mod pages;
pub mod queue;
pub mod secrets;
mod start;
pub mod store;
pub mod time;
mod wiring;
pub mod worlds;

use crate::problem::Problem;
use ending::End;
use jiff::SignedDuration;
use local_file::LocalFile;
use messenger::Messenger;
use queue::StandardQueues;
use roadstead_domain::{
    deployment::Deployment, environment::Environment, message::Message, name::EnvironmentId, trigger::Trigger,
};
use roadstead_steps::{
    context::Context,
    nouns::{Clusters, state::Key},
    rows,
};
use serde::de::DeserializeOwned;
use std::{fs::File, path::PathBuf, sync::Arc, time::Duration};
use store::Kept;
use tokio::{
    runtime::{Builder, Runtime},
    sync::broadcast,
    task::JoinSet,
};
use worlds::{Worlds, people::People};

/// How long what was begun may take to come to its end.
const LAST_WORK: Duration = Duration::from_secs(10);
/// How long servers may take to end.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// How many threads work. The database and each of the worlds keep one while they answer; the others go on meanwhile.
const THREADS: usize = 8;

/// What a stack runs on.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> Result<Runtime, Problem> {
    let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    runtime.map_err(|error| Problem::unexpected(format!("no threads: {error}")))
}

/// How a stack is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// A real cluster's kubeconfig; without one, the sandbox.
    pub kubeconfig: Option<PathBuf>,
    /// Of how many receptions of a message one is a duplicate; none when it is 0.
    pub duplicate_one_in: u64,
}

/// A stack that runs.
pub struct Stack {
    /// What functions have.
    pub context: Context,
    /// The outside.
    pub worlds: Worlds,
    /// The clusters, as Roadstead reaches them.
    pub clusters: Arc<dyn Clusters>,
    /// Where everything is.
    pub local: LocalFile,
    /// Where that is written.
    pub local_path: PathBuf,
    messenger: Arc<Messenger>,
    queues: Arc<Kept<StandardQueues>>,
    handled: broadcast::Sender<Message>,
    work: Running,
    servers: Running,
    _lock: File,
}

/// Tasks that end together.
#[derive(Default)]
struct Running {
    end: End,
    tasks: JoinSet<()>,
}

impl Running {
    async fn stop(&mut self, limit: Duration) {
        self.end.come();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(limit, all).await.is_err() {
            self.tasks.shutdown().await;
        }
    }
}

impl Stack {
    /// What people do.
    pub fn people(&self) -> People<'_> {
        People { worlds: &self.worlds, messenger: &self.messenger }
    }

    /// Hears of every message that was carried out from now on.
    pub fn handled(&self) -> broadcast::Receiver<Message> {
        self.handled.subscribe()
    }

    /// An environment as it is now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn environment(&self, id: &EnvironmentId) -> Result<Option<Environment>, Problem> {
        self.read(&rows::environment(id)).await
    }

    /// The record of one generation.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn deployment(
        &self,
        id: &EnvironmentId,
        generation: u64,
    ) -> Result<Option<Deployment>, Problem> {
        self.read(&rows::deployment(id, generation)).await
    }

    /// Whether a trigger has come to its end.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn is_closed(&self, trigger: &Key) -> Result<bool, Problem> {
        let found: Option<Trigger> = self.read(trigger).await?;
        Ok(found.is_some_and(|found| found.closed.is_some()))
    }

    /// Messages that were received too often.
    pub fn dead_letters(&self) -> Vec<Message> {
        self.queues.read(|queues| queues.dead_letters().to_vec())
    }

    /// An address of an environment as a browser on this machine can open it.
    pub fn openable(&self, url: &str) -> String {
        pages::openable(url, self.local.pages_port)
    }

    /// Ends everything in order, and writes what is kept.
    ///
    /// # Errors
    /// When something cannot be written.
    pub async fn stop(mut self) -> Result<(), Problem> {
        self.work.stop(LAST_WORK).await;
        self.servers.stop(LAST_ANSWERS).await;
        self.queues.save()?;
        self.worlds.save()
    }

    async fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Problem> {
        let unreadable =
            |why: String| Problem::unexpected(format!("{} cannot be read: {why}", key.partition));
        let stored = rows::load(self.context.state.as_ref(), key).await;
        stored.map_err(|refusal| unreadable(refusal.to_string()))
    }

    /// Lets time pass.
    pub async fn pause(&self, span: SignedDuration) {
        self.context.time.sleep(span).await;
    }
}
