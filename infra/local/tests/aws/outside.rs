//! Everything around the functions: AWS from the emulator; GitHub and the sandbox cluster from this process.

use super::{
    emulator::{ACCOUNT, Emulator, REGION},
    given, images, pack,
    weather::Between,
};
use jiff::Timestamp;
use roadstead::stack::{
    ending::End,
    http::Place,
    messenger::Messenger,
    secrets::Secrets,
    worlds::{Places, Worlds, people::People},
};
use roadstead_aws::{dns::Route53, state::DynamoDb};
use roadstead_domain::{
    environment::Environment,
    image::Digest,
    name::{EnvironmentId, EnvironmentName},
};
use roadstead_steps::{
    nouns::{State as _, state::Consistency},
    rows,
};
use roadstead_web::Https;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// What the chances of a storm begin with.
const CHANCE: u64 = 0x5EED_0FA5_702A;
/// How long until an environment is looked at again.
const PAUSE: Duration = Duration::from_millis(300);
/// How long between two ticks of the clock, besides those of its schedule.
const TICK: Duration = Duration::from_secs(4);

pub(crate) struct Outside {
    pub(crate) emulator: Emulator,
    pub(crate) weather: Between,
    pub(crate) worlds: Worlds,
    pub(crate) transport: Https,
    pub(crate) dns: Route53,
    /// The hosted zones, by the domains of the platform file.
    pub(crate) zones: BTreeMap<String, String>,
    state: DynamoDb,
    outputs: BTreeMap<String, String>,
    messenger: Arc<Messenger>,
    end: End,
    tasks: JoinSet<()>,
    _folder: TempDir,
}

impl Outside {
    /// Begins everything, and deploys.
    pub(crate) async fn begin(tools: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (end, mut tasks) = (End::new(), JoinSet::new());
        let between = Place::at(0).await.unwrap();
        let weather = Between::new(&between, CHANCE);
        let log = std::env::temp_dir().join("roadstead-ministack.log");
        let emulator = Emulator::start(tools, &between.url, &log).await;
        tasks.spawn(weather.clone().serve(between, &emulator, end.ending()));

        let secrets = Secrets::of(folder.path()).unwrap();
        let worlds = Worlds::open(folder.path(), &secrets, true, Timestamp::now()).unwrap();
        let places = Places::free(true).await.unwrap();
        given::keep_secrets(&emulator, &secrets, &places.addresses());
        let zones = given::make_zones(&emulator);
        given::make_repositories(&emulator);
        pack::pack(tools);
        let outputs = given::deploy(&emulator, &worlds, &places.addresses(), &zones);
        emulator.lint();
        given::let_see_changes(&emulator);
        let messenger = Arc::new(given::messenger(&weather, &secrets, &outputs, &worlds));
        places.serve(&worlds, messenger.clone(), &secrets.cluster_admin, &end.ending(), &mut tasks);

        let aws = given::stand_in(&emulator.endpoint);
        let state = DynamoDb::new(aws.clone(), outputs["Table"].as_str());
        given::put_platform(&state, &zones).await;
        let transport = Https::new(true).unwrap();
        let dns = Route53::new(aws);
        let _folder = folder;
        Self {
            emulator,
            weather,
            worlds,
            transport,
            dns,
            zones,
            state,
            outputs,
            messenger,
            end,
            tasks,
            _folder,
        }
    }

    pub(crate) fn people(&self) -> People<'_> {
        People { worlds: &self.worlds, messenger: &self.messenger }
    }

    /// CI builds a workload and pushes the image. ECR's event comes twice; an emulator has none, so it is handed over.
    pub(crate) async fn build(&self, workload: &str, commit: &str) -> Digest {
        let repository = format!("shop/{workload}");
        let digest = images::push(self, &repository, commit).await;
        let reference = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{repository}@{digest}");
        self.worlds.registry.change(|registry| registry.references.insert(reference));
        self.worlds.let_pull();
        let event = image_event(&repository, &digest, &format!("sha-{commit}"));
        for _ in 0..2 {
            while let Some(failure) = self.emulator.invoke(&self.outputs["RegistryPushFunction"], &event) {
                println!("  EventBridge tries again: {failure}");
            }
        }
        digest
    }

    /// Lets functions have so little time that nobody waits long for a claim of one that was killed.
    pub(crate) fn hurry(&self) {
        let functions = self.emulator.aws(&["lambda", "list-functions"]);
        for function in functions["Functions"].as_array().unwrap() {
            let name = ["--function-name", function["FunctionName"].as_str().unwrap()];
            let change = ["lambda", "update-function-configuration", "--timeout", "6"];
            self.emulator.aws(&[&change[..], &name].concat());
        }
    }

    /// Lets the clock tick more often than once a minute.
    pub(crate) async fn tick(&self) {
        loop {
            tokio::time::sleep(TICK).await;
            self.emulator.invoke(&self.outputs["ClockFunction"], &json!({}));
        }
    }

    /// An environment, if it is there and the emulator has time to say so.
    async fn environment(&self, id: &EnvironmentId) -> Option<Environment> {
        let row = self.state.get(&rows::environment(id), Consistency::Strong).await;
        let row = row.inspect_err(|error| println!("  the emulator does not answer: {error}"));
        row.ok().flatten().map(|row| rows::read(&row).unwrap())
    }

    /// Waits until an environment rests as it should; tells on the way where it stands.
    pub(crate) async fn reaches(&self, id: &str, there: impl Fn(&Environment) -> bool) -> Environment {
        let (application, name) = id.split_once('/').unwrap();
        let name: EnvironmentName = name.parse().unwrap();
        let id = EnvironmentId::new(application.parse().unwrap(), name);
        let (begun, mut told) = (Instant::now(), String::new());
        loop {
            let now = self.environment(&id).await;
            let stands = now.as_ref().map(stands).unwrap_or_default();
            if stands != told {
                println!("  {:6.1} s {id}: {stands}", begun.elapsed().as_secs_f32());
                told = stands;
            }
            if let Some(now) = now.filter(|now| now.is_at_rest() && there(now)) {
                return now;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(crate) async fn end(mut self) {
        self.end.come();
        drop(self.emulator);
        self.tasks.shutdown().await;
    }
}

fn stands(environment: &Environment) -> String {
    let Environment { carrying, stage, cause, phase, .. } = environment;
    let stage = stage.map(|stage| stage.to_string()).unwrap_or_default();
    format!("{carrying} {stage} {phase:?} by {:?}", cause.occasion)
}

fn image_event(repository: &str, digest: &Digest, tag: &str) -> Value {
    json!({
        "version": "0", "id": uuid(digest), "detail-type": "ECR Image Action", "source": "aws.ecr",
        "account": ACCOUNT, "time": Timestamp::now(), "region": REGION, "resources": [],
        "detail": {
            "result": "SUCCESS", "repository-name": repository, "image-digest": digest, "action-type": "PUSH",
            "image-tag": tag,
        },
    })
}

/// What stands for the random id of an event: the same for the same image.
fn uuid(digest: &Digest) -> String {
    let hex = digest.as_str().trim_start_matches("sha256:");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[12..15], &hex[15..18], &hex[18..30])
}
