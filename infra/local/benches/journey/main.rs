//! How long a preview takes on one machine, and where the time goes. `cargo bench --profile local -p roadstead --bench journey`
//! plays it in the sandbox, where Pods are ready at once; with `ROADSTEAD_TEST_KUBECONFIG=FILE`, in that cluster. Where
//! `kubectl` is installed, it applies the same objects to the same cluster, in the same run.

#![expect(clippy::unwrap_used, reason = "a benchmark ends where it is surprised")]

mod kubectl;
mod measured;

use jiff::SignedDuration;
use kubectl::Kubectl;
use measured::{Measured, Timer};
use roadstead::{
    demo::Journey,
    stack::{
        self, Options, Stack,
        worlds::{APPLICATION, people::People},
    },
};
use roadstead_domain::{
    environment::{Environment, Phase},
    name::{EnvironmentId, EnvironmentName},
};
use roadstead_steps::record;
use std::{path::PathBuf, time::Duration};

/// How many rounds of each scenario count; one more comes before them and does not.
const ROUNDS: usize = 10;
/// How long nothing may be heard until what was begun is taken to be over.
const SILENCE: Duration = Duration::from_millis(100);
/// How long one round may take.
const LIMIT: Duration = Duration::from_secs(120);

/// What is measured.
#[derive(Clone, Copy)]
enum Scenario {
    /// Everything but one image is there; its push is where the time begins.
    LastImage,
    /// The images of the head are there; that the pull request is opened is where the time begins.
    OpenedWithImages,
}

impl Scenario {
    const ALL: [Self; 2] = [Self::LastImage, Self::OpenedWithImages];

    /// What it is called, and the most that it may take, in milliseconds.
    fn told(self) -> (&'static str, f64) {
        match self {
            Self::LastImage => ("from the last missing image to ready", 500.0),
            Self::OpenedWithImages => ("from opened, with its images, to ready", 1_000.0),
        }
    }
}

fn main() {
    stack::runtime().unwrap().block_on(measure());
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options { data_dir: folder.path().to_owned(), kubeconfig: kubeconfig(), duplicate_one_in: 0 };
    let stack = Stack::start(options).await.unwrap();
    for cluster in stack.worlds.clusters.values() {
        // For the demo it lets Pods take a moment, so that there is something to see.
        cluster.change(|cluster| cluster.set_ready_after(SignedDuration::ZERO));
    }
    let kubectl = Kubectl::new(&stack.local.kubeconfig, folder.path());
    Journey::new(&stack).deploy_staging().await.unwrap();
    for scenario in Scenario::ALL {
        let mut rounds = vec![];
        for _ in 0..=ROUNDS {
            let round = tokio::time::timeout(LIMIT, play(&stack, scenario, kubectl.as_ref()));
            let measured = round.await.unwrap();
            eprintln!("{}: {:.1} ms", scenario.told().0, measured.total);
            rounds.push(measured);
        }
        let (what, target) = scenario.told();
        println!("{}", measured::told(what, target, rounds.get(1..).unwrap_or_default()));
    }
    stack.stop().await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "which cluster is measured is no setting of the service")]
fn kubeconfig() -> Option<PathBuf> {
    std::env::var_os("ROADSTEAD_TEST_KUBECONFIG").map(PathBuf::from)
}

/// One round, from a branch to nothing left.
async fn play(stack: &Stack, scenario: Scenario, kubectl: Option<&Kubectl>) -> Measured {
    let (number, timer) = match scenario {
        Scenario::LastImage => last_image(stack).await,
        Scenario::OpenedWithImages => opened_with_images(stack).await,
    };
    let id = preview(number);
    let mut measured = timer.until_ready(stack, &id).await;
    let plan = record::plan(stack.context.state.as_ref(), &id, 1).await.unwrap();
    stack.people().close_pull_request(number, "ada").await.unwrap();
    wait(stack, &id, |now| now.phase == Phase::Gone && now.is_at_rest()).await;
    silence(stack).await;
    measured.kubectl = kubectl.map(|kubectl| kubectl.apply(&plan));
    measured
}

async fn last_image(stack: &Stack) -> (u64, Timer) {
    let people = stack.people();
    let branch = branch();
    push(people, &branch).await;
    let number = people.open_pull_request(&branch, "ada", "A bigger basket").await.unwrap();
    let id = preview(number);
    let missing = |count: usize| move |now: &Environment| matches!(&now.phase, Phase::AwaitingImages { workloads } if workloads.len() == count);
    wait(stack, &id, missing(2)).await;
    let merged = people.merge_commit(number).unwrap();
    people.build("shop/web", &merged).await.unwrap();
    wait(stack, &id, missing(1)).await;
    silence(stack).await;
    let timer = Timer::begin(stack);
    people.build("shop/worker", &merged).await.unwrap();
    (number, timer)
}

async fn opened_with_images(stack: &Stack) -> (u64, Timer) {
    let people = stack.people();
    let branch = branch();
    let head = push(people, &branch).await;
    for workload in ["web", "worker"] {
        people.build(&format!("{APPLICATION}/{workload}"), &head).await.unwrap();
    }
    silence(stack).await;
    let timer = Timer::begin(stack);
    let number = people.open_pull_request(&branch, "ada", "A bigger basket").await.unwrap();
    (number, timer)
}

fn branch() -> String {
    format!("basket-{}", jiff::Timestamp::now().as_millisecond())
}

async fn push(people: People<'_>, branch: &str) -> String {
    people.push(branch, "ada", "web/page.html", &format!("<h1>{branch}</h1>\n")).await.unwrap()
}

fn preview(number: u64) -> EnvironmentId {
    EnvironmentId::new(APPLICATION.parse().unwrap(), EnvironmentName::of_pull_request(number))
}

/// Waits until an environment is as it should be.
async fn wait(stack: &Stack, id: &EnvironmentId, there: impl Fn(&Environment) -> bool) {
    let mut handled = stack.handled();
    while !stack.environment(id).await.unwrap().is_some_and(|now| there(&now)) {
        let _ = tokio::time::timeout(SILENCE, handled.recv()).await;
    }
}

/// Waits until nothing happens any more.
async fn silence(stack: &Stack) {
    let mut handled = stack.handled();
    while tokio::time::timeout(SILENCE, handled.recv()).await.is_ok() {}
}
