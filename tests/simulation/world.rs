//! The whole outside, and Roadstead in it.

use super::{
    chance::Chance,
    clients::WiredClusters,
    queue::SimulatedQueue,
    time::VirtualTime,
    wire::{Faults, Rates},
    wires::{Wires, github_door, memory, queue, slack_door},
    worlds::{git_hub, hosted_zones, registry, sandbox, workspace},
};
use crate::outside::memory_state::MemoryState;
use roadstead_domain::{environment::Environment, name::EnvironmentId, platform::Platform};
use roadstead_runtime::door::{GithubDoor, Notebook, RegistryDoor, SlackDoor};
use roadstead_steps::{
    clock, configuration,
    context::Context,
    functions::{Functions, Outside},
    nouns::Time,
    rows,
};
use roadstead_worlds::{cluster::Cluster, ecr::Ecr, github::GitHub, route53::Route53, slack::Slack};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};

/// The App's id in simulations.
pub const APP: u64 = 1;
/// The App's key in simulations. It opens nothing.
pub const APP_KEY: &str = include_str!("../../shared/web/src/github/tests/app-pkcs1.pem");
const PLATFORM: &str = include_str!("../../infra/local/sample/platform.yaml");
pub const WEB_SCORE: &[u8] = include_bytes!("../../infra/local/sample/web/score.yaml");
pub const WORKER_SCORE: &[u8] = include_bytes!("../../infra/local/sample/worker/score.yaml");
pub const SECRET: &[u8] = b"a secret of simulations, and of nothing else";
pub const ACCOUNT: &str = "123456789012";
pub const ROADSTEAD: &str = "roadstead-token";
pub const ADMIN: &str = "admin-token";
/// Slack's ids of the workspace and the channel, as the sample's platform file has them.
pub const TEAM: &str = "T0ACME";
pub const CHANNEL: &str = "C0SHOP";
pub const BOT_TOKEN: &str = "xoxb-of-simulations";

pub struct World {
    pub chance: Chance,
    pub faults: Arc<Faults>,
    pub time: VirtualTime,
    pub state: Arc<MemoryState>,
    pub queue: Arc<SimulatedQueue>,
    pub context: Context,
    pub github: Arc<Mutex<GitHub>>,
    pub ecr: Arc<Mutex<Ecr>>,
    pub dns: Arc<Mutex<Route53>>,
    pub slack: Arc<Mutex<Slack>>,
    /// The cluster of the previews, and the first of the standing environments: `local` and `main`.
    pub cluster: Arc<Mutex<Cluster>>,
    /// The second of the standing environments.
    pub second: Arc<Mutex<Cluster>>,
    pub repository: u64,
    pub platform: String,
    /// Which webhooks, by their action, never come; `image` stands for what the registry tells.
    pub dropped: Mutex<BTreeSet<&'static str>>,
    /// Whether the door for GitHub is down.
    pub door_down: AtomicBool,
    pub github_door: GithubDoor,
    pub registry_door: RegistryDoor,
    pub slack_door: SlackDoor,
}

impl World {
    /// A world in which nothing has happened, but the platform is configured.
    pub async fn begin(seed: u64, rates: Rates) -> Arc<Self> {
        Self::begin_with(seed, rates, |platform| platform).await
    }

    /// The same, with another platform file, made from the sample's.
    pub async fn begin_with(seed: u64, rates: Rates, change: impl FnOnce(String) -> String) -> Arc<Self> {
        let chance = Chance::new(seed);
        let time = VirtualTime::begin();
        let faults = Faults::new(chance.clone(), rates);
        let now = time.now();
        let (github, repository, installation) = git_hub(now);
        let (dns, zones) = hosted_zones(now);
        let github = Arc::new(Mutex::new(github));
        let dns = Arc::new(Mutex::new(dns));
        let ecr = Arc::new(Mutex::new(registry(now)));
        let slack = Arc::new(Mutex::new(workspace()));
        let cluster = Arc::new(Mutex::new(sandbox(seed, now)));
        let second = Arc::new(Mutex::new(sandbox(seed + 1, now)));
        let state = Arc::new(memory(&chance, &faults));
        let wires = Wires { faults: faults.clone(), time };
        let outside = Outside {
            host: wires.git_host(&github, installation),
            chat: Some(wires.chat(&slack)),
            registry: wires.registry(&ecr),
            dns: wires.names(&dns),
            clusters: Arc::new(WiredClusters(vec![
                (&["local", "main"], wires.cluster(&cluster)),
                (&["second"], wires.cluster(&second)),
            ])),
        };
        let queue = queue(&chance, &faults, time);
        let context = Context::new(state.clone(), queue.clone(), Arc::new(time));
        let _ = queue.functions.set(Functions::new(context.clone(), &outside));
        let platform = change(configured(repository, &zones));
        let notebook = Notebook { state: state.clone(), queue: queue.clone(), time: Arc::new(time) };
        let world = Self {
            github_door: github_door(notebook.clone(), repository),
            registry_door: RegistryDoor { notebook: notebook.clone() },
            slack_door: slack_door(notebook),
            chance,
            faults,
            time,
            state,
            queue,
            context,
            github,
            ecr,
            dns,
            slack,
            cluster,
            second,
            repository,
            platform,
            dropped: Mutex::default(),
            door_down: AtomicBool::new(false),
        };
        world.store_platform().await;
        world.start()
    }

    /// Lets the clock tick, and the host deliver again what it is asked for.
    fn start(self) -> Arc<Self> {
        self.start_clock();
        let world = Arc::new(self);
        world.start_redelivering();
        world
    }

    async fn store_platform(&self) {
        let parsed = Platform::parse(self.platform.as_bytes()).unwrap();
        while configuration::seed(self.state.as_ref(), &parsed, &self.platform, self.time.now())
            .await
            .is_err()
        {}
    }

    fn start_clock(&self) {
        let context = self.context.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                let _ = clock::tick(&context).await;
            }
        });
    }

    fn start_redelivering(self: &Arc<Self>) {
        let world = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(world) = world.upgrade() {
                world.redeliver();
                drop(world);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }

    /// An environment as its row says, read past all faults.
    pub fn environment(&self, id: &str) -> Option<Environment> {
        let id: EnvironmentId = id.parse().unwrap();
        let row = self.state.rows().into_iter().find(|row| row.key == rows::environment(&id))?;
        Some(rows::read(&row).unwrap())
    }

    /// Lets virtual time pass.
    pub async fn pass(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

/// The sample platform file, for the ids of this world.
fn configured(repository: u64, zones: &[String; 3]) -> String {
    PLATFORM
        .replace("1296269", &repository.to_string())
        .replace("Z0LOCALPREVIEW0", &zones[0])
        .replace("Z0LOCALEXAMPLE0", &zones[1])
        .replace("Z0LOCALSECOND00", &zones[2])
}
