//! The whole outside, and Roadstead in it.

use super::{
    chance::Chance,
    clients::{GithubWire, OneCluster, aws},
    queue::SimulatedQueue,
    time::VirtualTime,
    wire::{Answers, Faults, Rates, Wire, ecr_throttling, route53_throttling, too_many_requests},
};
use crate::outside::memory_state::{Fault, Lag, MemoryState};
use http::{Request, Response};
use ring::signature::{KeyPair as _, RsaKeyPair};
use roadstead_aws::{dns::route53::Route53 as RealDns, registry::ecr::Ecr as RealRegistry};
use roadstead_domain::{environment::Environment, name::EnvironmentId, platform::Platform};
use roadstead_runtime::door::{GithubDoor, Notebook, RegistryDoor};
use roadstead_senders::{
    Secret,
    github::{Binding, Hook},
};
use roadstead_steps::{
    clock,
    context::Context,
    functions::{Functions, Outside},
    nouns::Time,
    record, rows,
};
use roadstead_web::github::{AppKey, Github as RealGithub, Settings as GithubSettings};
use roadstead_worlds::{
    cluster::{Answer, Cluster, Role, Settings as ClusterSettings, User},
    ecr::{Ecr, Settings as EcrSettings},
    github::{App, FileChange, GitHub, Settings as WorldSettings},
    route53::{Action, Change, RecordSet, Route53, Settings as DnsSettings},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock, atomic::{AtomicBool, AtomicU64}},
    time::Duration,
};

/// The App's key in simulations. It opens nothing.
pub const APP_KEY: &str = include_str!("../../shared/web/src/github/tests/app-pkcs1.pem");
const PLATFORM: &str = include_str!("../../infra/local/sample/platform.yaml");
pub const WEB_SCORE: &[u8] = include_bytes!("../../infra/local/sample/web/score.yaml");
pub const WORKER_SCORE: &[u8] = include_bytes!("../../infra/local/sample/worker/score.yaml");
pub const SECRET: &[u8] = b"a secret of simulations, and of nothing else";
pub const ACCOUNT: &str = "123456789012";
const ROADSTEAD: &str = "roadstead-token";
pub const ADMIN: &str = "admin-token";

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
    pub cluster: Arc<Mutex<Cluster>>,
    pub repository: u64,
    pub platform: String,
    /// Which webhooks, by their action, never come; `image` stands for what the registry tells.
    pub dropped: Mutex<BTreeSet<&'static str>>,
    pub github_door: GithubDoor,
    pub registry_door: RegistryDoor,
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
        let cluster = Arc::new(Mutex::new(sandbox(seed, now)));
        let state = Arc::new(memory(&chance, &faults));
        let wires = Wires { faults: faults.clone(), time };
        let outside = Outside {
            host: wires.git_host(&github, installation),
            registry: Arc::new(RealRegistry::new(aws(wires.of("ecr", answers(&ecr, Ecr::handle), ecr_throttling)))),
            dns: Arc::new(RealDns::new(aws(wires.of("route53", answers(&dns, Route53::handle), route53_throttling)))),
            clusters: Arc::new(OneCluster::new(wires.of("cluster", cluster_answers(&cluster), too_many_requests), ROADSTEAD)),
        };
        let queue = queue(&chance, &faults, time);
        let context = Context { state: state.clone(), queue: queue.clone(), time: Arc::new(time) };
        let _ = queue.functions.set(Functions::new(context.clone(), &outside));
        let platform = change(configured(repository, &zones));
        let notebook = Notebook { state: state.clone(), queue: queue.clone(), time: Arc::new(time) };
        let hook = Hook {
            secret: Secret::new(SECRET.to_vec()).unwrap(),
            bound_to: Binding::Repositories([repository].into()),
            own_account: None,
        };
        let world = Self {
            github_door: GithubDoor { notebook: notebook.clone(), hooks: BTreeMap::from([("app".to_owned(), hook)]) },
            registry_door: RegistryDoor { notebook },
            chance, faults, time, state, queue, context, github, ecr, dns, cluster, repository, platform,
            dropped: Mutex::default(),
        };
        world.store_platform().await;
        world.start_clock();
        Arc::new(world)
    }

    async fn store_platform(&self) {
        let parsed = Platform::parse(self.platform.as_bytes()).unwrap();
        while record::put_platform(self.state.as_ref(), &parsed, &self.platform, self.time.now()).await.is_err() {}
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

struct Wires {
    faults: Arc<Faults>,
    time: VirtualTime,
}

impl Wires {
    fn of(&self, name: &'static str, answers: Answers, throttled: fn() -> Response<Vec<u8>>) -> Wire {
        Wire { name, faults: self.faults.clone(), time: self.time, answers, throttled }
    }

    fn git_host(&self, github: &Arc<Mutex<GitHub>>, installation: u64) -> Arc<RealGithub> {
        let wire = self.of("github", answers(github, GitHub::handle), too_many_requests);
        let settings = GithubSettings {
            base: "https://api.github.com".to_owned(),
            app: 1,
            key: AppKey::from_pem(APP_KEY).unwrap(),
            installation,
        };
        Arc::new(RealGithub::with_transport(settings, Arc::new(self.time), Arc::new(GithubWire(wire))))
    }
}

fn answers<T: Send + 'static>(
    world: &Arc<Mutex<T>>,
    handle: fn(&mut T, &Request<Vec<u8>>, jiff::Timestamp) -> Response<Vec<u8>>,
) -> Answers {
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

fn git_hub(now: jiff::Timestamp) -> (GitHub, u64, u64) {
    let der = pem(APP_KEY);
    let public_key = RsaKeyPair::from_der(&der).unwrap().public_key().as_ref().to_vec();
    let app = App { id: 1, client_id: "Iv1.simulation".to_owned(), slug: "roadstead".to_owned(), public_key };
    let mut github = GitHub::new(app, WorldSettings::default());
    let files = [FileChange::Put("web/score.yaml", WEB_SCORE), FileChange::Put("worker/score.yaml", WORKER_SCORE)];
    let repository = github.create_repository("acme", "shop", false, &files, now);
    let (installation, _) = github.install("acme", &[repository], now).unwrap();
    github.grant(installation, "administration", Some("write")).unwrap();
    (github, repository, installation)
}

fn pem(text: &str) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

fn hosted_zones(now: jiff::Timestamp) -> (Route53, [String; 2]) {
    let mut dns = Route53::new(DnsSettings::default());
    let zones = ["preview.localhost", "example.localhost"].map(|name| dns.create_hosted_zone(name, now).unwrap());
    for (zone, domain) in zones.iter().zip(["preview.localhost", "example.localhost"]) {
        let entrance = RecordSet::of_values(&format!("entrance.{domain}"), "A", 60, &["192.0.2.1"]);
        dns.change(zone, &[create(entrance)], None, now).unwrap();
    }
    let wildcard = RecordSet::of_alias("*.preview.localhost", "A", &zones[0], "entrance.preview.localhost");
    dns.change(&zones[0], &[create(wildcard)], None, now).unwrap();
    (dns, zones)
}

fn create(resource_record_set: RecordSet) -> Change {
    Change { action: Action::Create, resource_record_set }
}

fn registry(now: jiff::Timestamp) -> Ecr {
    let settings = EcrSettings {
        account: ACCOUNT.to_owned(),
        region: "eu-west-1".to_owned(),
        endpoint: super::clients::NOWHERE.to_owned(),
        throttled: false,
    };
    let mut ecr = Ecr::new(settings);
    for repository in ["shop/web", "shop/worker"] {
        ecr.create_repository(repository, false, now).unwrap();
    }
    ecr
}

fn sandbox(seed: u64, now: jiff::Timestamp) -> Cluster {
    let user = |name: &str, role| User { name: name.to_owned(), groups: vec![], role };
    let settings = ClusterSettings::new(seed)
        .with_user(ROADSTEAD, user("roadstead", Role::Fenced))
        .with_user(ADMIN, user("admin", Role::Admin));
    let mut cluster = Cluster::new(settings);
    for (address, manifest) in crate::outside::given_once::manifests() {
        let request = Request::patch(format!("{address}?fieldManager=admin&force=true"))
            .header("authorization", format!("Bearer {ADMIN}"))
            .header("content-type", "application/apply-patch+yaml")
            .body(manifest.to_string().into_bytes());
        match cluster.handle(&request.unwrap(), now) {
            Answer::Now(response) if response.status().is_success() => {}
            Answer::Now(_) if manifest["kind"] == "ClusterRoleBinding" => {} // the sandbox knows its users' roles by itself
            Answer::Now(response) => panic!("{address}: {}", String::from_utf8_lossy(response.body())),
            Answer::Watch(_) => unreachable!(),
        }
    }
    cluster
}

fn memory(chance: &Chance, faults: &Arc<Faults>) -> MemoryState {
    let (chance, faults) = (chance.clone(), faults.clone());
    MemoryState::new(Lag::None).with_faults(Arc::new(move |_: &str| {
        super::queue::count_call();
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
fn configured(repository: u64, zones: &[String; 2]) -> String {
    PLATFORM
        .replace("1296269", &repository.to_string())
        .replace("Z0LOCALPREVIEW0", &zones[0])
        .replace("Z0LOCALEXAMPLE0", &zones[1])
}
