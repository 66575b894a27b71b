//! Starting a stack.

use super::{
    Options, Running, Stack,
    desk::{self, Desk},
    doors::HOOK,
    dynamodb,
    ending::Ending,
    http::Place,
    local_file::{DoorAddresses, DoorSecrets, LocalFile, write_kubeconfig},
    messenger::Messenger,
    pages,
    queue::{Queues, StandardQueues, workers::Workers},
    secrets::Secrets,
    store::Kept,
    time::run_clock,
    wiring,
    worlds::{Addresses, Places, Worlds, chat, seed},
};
use crate::problem::Problem;
use jiff::Timestamp;
use roadstead_domain::message::Destination;
use roadstead_runtime::time::SystemTime;
use roadstead_steps::{context::Context, functions::Functions, nouns::Time};
use roadstead_web::Https;
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::broadcast;

/// How many messages somebody who listens may be behind.
const HEARD: usize = 1_024;

/// Where everything will be served.
struct Ports {
    database: Place,
    doors: Place,
    desk: Place,
    pages: Place,
    worlds: Places,
}

impl Ports {
    async fn free(sandbox: bool) -> Result<Self, Problem> {
        Ok(Self {
            database: Place::at(0).await?,
            doors: Place::at(0).await?,
            desk: Place::at(0).await?,
            pages: pages::place().await?,
            worlds: Places::free(sandbox).await?,
        })
    }
}

/// What is there before anything is served.
struct Found {
    secrets: Secrets,
    worlds: Worlds,
    addresses: Addresses,
    local: LocalFile,
    messenger: Arc<Messenger>,
    queues: Arc<Kept<StandardQueues>>,
}

impl Found {
    fn open(options: &Options, ports: &Ports) -> Result<Self, Problem> {
        let secrets = Secrets::of(&options.data_dir)?;
        let sandbox = options.kubeconfig.is_none();
        let worlds = Worlds::open(&options.data_dir, &secrets, sandbox, Timestamp::now())?;
        let addresses = ports.worlds.addresses();
        let kubeconfig = match &options.kubeconfig {
            Some(path) => path.clone(),
            None => write_kubeconfig(&options.data_dir, &addresses.clusters_for_person, &secrets)?,
        };
        let local =
            local_file(ports, &addresses, &secrets, [kubeconfig, seed::platform_file(&options.data_dir)]);
        let messenger = Arc::new(messenger(&local, &worlds)?);
        Ok(Self { secrets, worlds, addresses, local, messenger, queues: open_queues(options)? })
    }
}

impl Stack {
    /// Starts everything; the doors are open when this returns.
    ///
    /// # Errors
    /// When the data directory cannot be used, or something does not start.
    pub async fn start(options: Options) -> Result<Self, Problem> {
        if let Some(kubeconfig) = &options.kubeconfig {
            wiring::usable(kubeconfig).await?;
        }
        let lock = lock(&options.data_dir)?;
        let ports = Ports::free(options.kubeconfig.is_none()).await?;
        let found = Found::open(&options, &ports)?;
        let (mut servers, mut work) = (Running::default(), Running::default());
        let ending = servers.end.ending();

        let state =
            dynamodb::start(&options.data_dir, ports.database, ending.clone(), &mut servers.tasks).await?;
        let time: Arc<dyn Time> = Arc::new(SystemTime);
        let queue = Arc::new(Queues::new(found.queues.clone(), time.clone()));
        let context = Context::new(state, queue.clone(), time.clone());
        seed::store_platform(&context, &found.worlds.platform_file()).await?;
        if options.kubeconfig.is_some() {
            seed::fits_one_cluster(&context).await?;
        }
        seed::write_platform(&context, &options.data_dir).await?;
        let clusters = wiring::clusters(&options, &found.addresses, &found.secrets)?;
        let outside =
            wiring::outside(&found.worlds, &found.addresses, &found.secrets, clusters.clone(), &time)?;
        let doors = wiring::doors(&context, &found.secrets, &found.worlds)?;

        let admin = &found.secrets.cluster_admin;
        ports.worlds.serve(&found.worlds, found.messenger.clone(), admin, &ending, &mut servers.tasks);
        let reader = pages::Pages { context: context.clone(), clusters: clusters.clone() };
        servers.tasks.spawn(ports.pages.serve(pages::router(reader), ending.clone()));
        servers.tasks.spawn(keep_queues(found.queues.clone(), ending));
        work.tasks.spawn(ports.doors.serve(doors, work.end.ending()));
        let (handled, _) = broadcast::channel(HEARD);
        let desk = Desk::new(&context, &found.secrets, handled.clone(), work.end.ending())?;
        work.tasks.spawn(ports.desk.serve(desk::router(desk), work.end.ending()));
        let functions = Arc::new(Functions::new(context.clone(), &outside));
        work.begin(Workers { queues: queue, functions, time, handled: handled.clone() }, &context);
        let local_path = found.local.write(&options.data_dir)?;
        let Found { worlds, local, messenger, queues, .. } = found;
        Ok(Self {
            context,
            worlds,
            clusters,
            local,
            local_path,
            messenger,
            queues,
            handled,
            work,
            servers,
            _lock: lock,
        })
    }
}

impl Running {
    /// Lets the workers of every queue and the clock begin.
    fn begin(&mut self, workers: Workers, context: &Context) {
        let workers = Arc::new(workers);
        for destination in Destination::all() {
            self.tasks.spawn(workers.clone().serve(destination, self.end.ending()));
        }
        self.tasks.spawn(run_clock(context.clone(), self.end.ending()));
    }
}

async fn keep_queues(queues: Arc<Kept<StandardQueues>>, ending: Ending) {
    queues.keep(ending).await;
}

/// Makes the data directory, and sees to it that no other stack uses it.
fn lock(data_dir: &Path) -> Result<File, Problem> {
    let unusable = |why: String| {
        let what = format!("{} cannot be used: {why}", data_dir.display());
        Problem::new(what, "choose a `--data-dir` that you may write to and no other stack uses")
    };
    let opened = fs::create_dir_all(data_dir).and_then(|()| File::create(data_dir.join("lock")));
    let file = opened.map_err(|error| unusable(error.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(used(data_dir)),
        Err(TryLockError::Error(error)) => Err(unusable(error.to_string())),
    }
}

/// Another stack has this data directory.
fn used(data_dir: &Path) -> Problem {
    let folder = data_dir.display();
    Problem::new(
        format!("another stack runs in {folder}"),
        format!("use it (`cargo run -- status --data-dir {folder}`), end it, or choose another `--data-dir`"),
    )
}

fn local_file(
    ports: &Ports,
    addresses: &Addresses,
    secrets: &Secrets,
    [kubeconfig, platform_file]: [PathBuf; 2],
) -> LocalFile {
    LocalFile {
        doors: DoorAddresses {
            github: format!("{}/github/{HOOK}", ports.doors.url),
            slack: Some(format!("{}/slack", ports.doors.url)),
            images: format!("{}/images", ports.doors.url),
            configurations: format!("{}/configurations", ports.doors.url),
            eventbridge: format!("{}/eventbridge", ports.doors.url),
        },
        secrets: DoorSecrets {
            github: secrets.github.clone(),
            slack: Some(secrets.slack.clone()),
            images: secrets.images.clone(),
            configurations: secrets.configurations.clone(),
            desk: secrets.desk.clone(),
        },
        desk: ports.desk.url.clone(),
        pages_port: ports.pages.port,
        dynamodb: ports.database.url.clone(),
        kubeconfig,
        platform_file,
        github_api: addresses.code.clone(),
        slack_outbox: Some(chat::outbox(&addresses.chat)),
    }
}

fn messenger(local: &LocalFile, worlds: &Worlds) -> Result<Messenger, Problem> {
    let address = |url: &str| url.parse().map_err(|_| Problem::unexpected(format!("{url} is no address")));
    Ok(Messenger {
        transport: Https::new(true).map_err(|error| wiring::failed("the HTTP client", &error))?,
        github: address(&local.doors.github)?,
        secret: local.secrets.github.clone(),
        slack: address(local.doors.slack.as_deref().unwrap_or_default())?,
        slack_secret: local.secrets.slack.clone().unwrap_or_default(),
        eventbridge: address(&local.doors.eventbridge)?,
        code: worlds.code.clone(),
    })
}

fn open_queues(options: &Options) -> Result<Arc<Kept<StandardQueues>>, Problem> {
    let seed = u64::try_from(Timestamp::now().as_microsecond()).unwrap_or_default();
    let kept = Kept::open(options.data_dir.join("queues.json"), || Ok(StandardQueues::new(seed)))?;
    kept.change(|queues| queues.duplicate_one_in = options.duplicate_one_in);
    Ok(Arc::new(kept))
}
