//! What stands between the code and the worlds: the doors, the clients on wires that fail, the table and the queue.

use super::{
    chance::Chance,
    clients::{WebWire, WiredClusters, aws},
    queue::SimulatedQueue,
    time::VirtualTime,
    wire::{Answers, Faults, Wire, ecr_throttling, route53_throttling, too_many_requests},
    world::{APP, APP_KEY, BOT_TOKEN, ROADSTEAD, SECRET, TEAM},
};
use crate::outside::memory_state::{Fault, Lag, MemoryState};
use http::{Request, Response};
use roadstead_aws::{dns::route53::Route53 as RealDns, registry::ecr::Ecr as RealRegistry};
use roadstead_kubernetes::KubeCluster;
use roadstead_runtime::door::{GithubDoor, Notebook, SlackDoor};
use roadstead_senders::{
    Secret,
    github::{Binding, Hook},
    slack::Workspace,
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
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64},
    },
};

pub fn github_door(notebook: Notebook, repository: u64) -> GithubDoor {
    let hook = Hook {
        secret: Secret::new(SECRET.to_vec()).unwrap(),
        bound_to: Binding::Repositories([repository].into()),
        own_account: None,
        own_app: Some(APP),
    };
    GithubDoor { notebook, hooks: BTreeMap::from([("app".to_owned(), hook)]) }
}

pub fn slack_door(notebook: Notebook) -> SlackDoor {
    let signing_secret = Secret::new(SECRET.to_vec()).unwrap();
    let workspace = Workspace { signing_secret, team: TEAM.to_owned(), app: "A1".to_owned() };
    SlackDoor { notebook, workspace: Some(workspace) }
}

/// The clients, each over a wire of its own.
pub struct Wires {
    pub faults: Arc<Faults>,
    pub time: VirtualTime,
}

impl Wires {
    fn of(&self, name: &'static str, answers: Answers, throttled: fn() -> Response<Vec<u8>>) -> Wire {
        Wire { name, faults: self.faults.clone(), time: self.time, answers, throttled }
    }

    pub fn cluster(&self, cluster: &Arc<Mutex<Cluster>>) -> Arc<KubeCluster> {
        let wire = self.of("cluster", cluster_answers(cluster), too_many_requests);
        WiredClusters::over(wire, ROADSTEAD)
    }

    pub fn git_host(&self, github: &Arc<Mutex<GitHub>>, installation: u64) -> Arc<RealGithub> {
        let wire = self.of("github", answers(github, GitHub::handle), too_many_requests);
        let settings = GithubSettings {
            base: "https://api.github.com".to_owned(),
            app: APP,
            key: AppKey::from_pem(APP_KEY).unwrap(),
            installation,
        };
        Arc::new(RealGithub::with_transport(settings, Arc::new(self.time), Arc::new(WebWire(wire))))
    }

    pub fn registry(&self, ecr: &Arc<Mutex<Ecr>>) -> Arc<RealRegistry> {
        Arc::new(RealRegistry::new(aws(self.of("ecr", answers(ecr, Ecr::handle), ecr_throttling))))
    }

    pub fn names(&self, dns: &Arc<Mutex<Route53>>) -> Arc<RealDns> {
        let wire = self.of("route53", answers(dns, Route53::handle), route53_throttling);
        Arc::new(RealDns::new(aws(wire)))
    }

    pub fn chat(&self, slack: &Arc<Mutex<Slack>>) -> Arc<RealSlack> {
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

pub fn memory(chance: &Chance, faults: &Arc<Faults>) -> MemoryState {
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

pub fn queue(chance: &Chance, faults: &Arc<Faults>, time: VirtualTime) -> Arc<SimulatedQueue> {
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
