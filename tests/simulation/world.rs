//! The whole outside, and Roadstead in it.

use super::{
    chance::Chance,
    clients::{WebWire, WiredClusters, aws},
    queue::SimulatedQueue,
    time::VirtualTime,
    wire::{Answers, Faults, Rates, Wire, ecr_throttling, route53_throttling, too_many_requests},
    worlds::{git_hub, hosted_zones, registry, sandbox, workspace},
};
use crate::outside::memory_state::{Fault, Lag, MemoryState};
use http::{Request, Response};
use roadstead_aws::{dns::route53::Route53 as RealDns, registry::ecr::Ecr as RealRegistry};
use roadstead_domain::{environment::Environment, name::EnvironmentId, platform::Platform};
use roadstead_kubernetes::KubeCluster;
use roadstead_runtime::door::{GithubDoor, Notebook, RegistryDoor, SlackDoor};
use roadstead_senders::{
    Secret,
    github::{Binding, Hook},
    slack::Workspace,
};
use roadstead_steps::{
    clock, configuration,
    context::Context,
    functions::{Functions, Outside},
    nouns::Time,
    rows,
};
use roadstead_web::{
    github::{AppKey, Github as RealGithub, Settings as GithubSettings},
    slack::{API, BotToken, HOOKS, Settings as SlackClient, Slack as RealSlack},
};
use roadstead_worlds::{
    cluster::{Answer, Cluster},
    ecr::Ecr,
    github::GitHub,
    route53::Route53,
    slack::Slack,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64},
    },
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
        let context = Context { state: state.clone(), queue: queue.clone(), time: Arc::new(time) };
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

fn github_door(notebook: Notebook, repository: u64) -> GithubDoor {
    let hook = Hook {
        secret: Secret::new(SECRET.to_vec()).unwrap(),
        bound_to: Binding::Repositories([repository].into()),
        own_account: None,
        own_app: Some(APP),
    };
    GithubDoor { notebook, hooks: BTreeMap::from([("app".to_owned(), hook)]) }
}

fn slack_door(notebook: Notebook) -> SlackDoor {
    let signing_secret = Secret::new(SECRET.to_vec()).unwrap();
    let workspace = Workspace { signing_secret, team: TEAM.to_owned(), app: "A1".to_owned() };
    SlackDoor { notebook, workspace: Some(workspace) }
}

struct Wires {
    faults: Arc<Faults>,
    time: VirtualTime,
}

impl Wires {
    fn of(&self, name: &'static str, answers: Answers, throttled: fn() -> Response<Vec<u8>>) -> Wire {
        Wire { name, faults: self.faults.clone(), time: self.time, answers, throttled }
    }

    fn cluster(&self, cluster: &Arc<Mutex<Cluster>>) -> Arc<KubeCluster> {
        let wire = self.of("cluster", cluster_answers(cluster), too_many_requests);
        WiredClusters::over(wire, ROADSTEAD)
    }

    fn git_host(&self, github: &Arc<Mutex<GitHub>>, installation: u64) -> Arc<RealGithub> {
        let wire = self.of("github", answers(github, GitHub::handle), too_many_requests);
        let settings = GithubSettings {
            base: "https://api.github.com".to_owned(),
            app: APP,
            key: AppKey::from_pem(APP_KEY).unwrap(),
            installation,
        };
        Arc::new(RealGithub::with_transport(settings, Arc::new(self.time), Arc::new(WebWire(wire))))
    }

    fn registry(&self, ecr: &Arc<Mutex<Ecr>>) -> Arc<RealRegistry> {
        Arc::new(RealRegistry::new(aws(self.of("ecr", answers(ecr, Ecr::handle), ecr_throttling))))
    }

    fn names(&self, dns: &Arc<Mutex<Route53>>) -> Arc<RealDns> {
        let wire = self.of("route53", answers(dns, Route53::handle), route53_throttling);
        Arc::new(RealDns::new(aws(wire)))
    }

    fn chat(&self, slack: &Arc<Mutex<Slack>>) -> Arc<RealSlack> {
        let wire = self.of("slack", answers(slack, Slack::handle), too_many_requests);
        let settings =
            SlackClient { api: API.to_owned(), hooks: HOOKS.to_owned(), token: BotToken::new(BOT_TOKEN) };
        Arc::new(RealSlack::with_transport(settings, Arc::new(WebWire(wire))))
    }
}

/// How a world of a kind answers one request at one moment.
type Handle<T> = fn(&mut T, &Request<Vec<u8>>, jiff::Timestamp) -> Response<Vec<u8>>;

fn answers<T: Send + 'static>(world: &Arc<Mutex<T>>, handle: Handle<T>) -> Answers {
    let world = world.clone();
    Arc::new(move |request, now| handle(&mut world.lock().unwrap(), request, now))
}

fn cluster_answers(cluster: &Arc<Mutex<Cluster>>) -> Answers {
    let cluster = cluster.clone();
    Arc::new(move |request, now| match cluster.lock().unwrap().handle(request, now) {
        Answer::Now(response) => response,
        Answer::Watch(_) => panic!("no step watches"),
    })
}

fn memory(chance: &Chance, faults: &Arc<Faults>) -> MemoryState {
    let (chance, faults) = (chance.clone(), faults.clone());
    MemoryState::new(Lag::None).with_faults(Arc::new(move |call: &str| {
        super::queue::count_call();
        if faults.dies_at(call) {
            return Fault::Dies;
        }
        if !faults.on.load(std::sync::atomic::Ordering::SeqCst) {
            return Fault::None;
        }
        let rates = *faults.rates.lock().unwrap();
        let dice = chance.below(1_000);
        match () {
            () if dice < rates.refused => Fault::FailBefore,
            () if dice < rates.refused + rates.lost => Fault::LoseReply,
            () if dice < rates.refused + rates.lost + rates.throttled => Fault::Busy,
            () => Fault::None,
        }
    }))
}

fn queue(chance: &Chance, faults: &Arc<Faults>, time: VirtualTime) -> Arc<SimulatedQueue> {
    Arc::new_cyclic(|this| SimulatedQueue {
        functions: OnceLock::new(),
        chance: chance.clone(),
        faults: faults.clone(),
        time: Arc::new(time),
        lost: 30,
        twice: 50,
        ends: AtomicBool::new(true),
        tokens: AtomicU64::new(0),
        log: Mutex::new(vec![]),
        counted: Mutex::new(vec![]),
        this: this.clone(),
    })
}

/// The sample platform file, for the ids of this world.
fn configured(repository: u64, zones: &[String; 3]) -> String {
    PLATFORM
        .replace("1296269", &repository.to_string())
        .replace("Z0LOCALPREVIEW0", &zones[0])
        .replace("Z0LOCALEXAMPLE0", &zones[1])
        .replace("Z0LOCALSECOND00", &zones[2])
}
