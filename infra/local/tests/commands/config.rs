//! `config push`.

use crate::{at_rest, recorded, sent, start, until};
use roadstead::{
    command::{
        config::{Config, Push},
        running::RunningStack,
    },
    demo::Journey,
    problem::Problem,
};
use roadstead_domain::{environment::Phase, name::EnvironmentId};
use roadstead_steps::configuration;
use std::path::Path;

/// The file as it lies in the repository.
const SAMPLE: &str = include_str!("../../sample/platform.yaml");

async fn push(file: &Path, data_dir: &Path) -> Result<String, Problem> {
    let push = Push { file: file.to_owned(), url: None, key: None, data_dir: data_dir.to_owned() };
    Config::Push(push).run().await
}

/// Waits until a generation of an environment is at rest; answers how it is then.
async fn phase_of(stack: &RunningStack, environment: &str, generation: u64) -> Phase {
    let id: EnvironmentId = environment.parse().unwrap();
    until(async || stack.environment(&id).await.unwrap().unwrap().carrying == generation).await;
    at_rest(stack, environment).await.phase
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_can_be_edited_and_pushed_and_all_that_runs_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (stack, running) = start(folder.path()).await;
    Journey::new(&stack).deploy_staging().await.unwrap();
    sent(&running, recorded("github/pull_request.opened.json")).await.0.unwrap();
    let staging = at_rest(&running, "shop/staging").await.carrying;
    let file = folder.path().join("platform.yaml");
    for (round, sample) in
        [SAMPLE.replace("memory: 8Gi", "memory: 9Gi"), SAMPLE.to_owned()].iter().enumerate()
    {
        std::fs::write(&file, sample.replace("memory: 4Gi", &format!("memory: {}Gi", 5 + round))).unwrap();
        push(&file, folder.path()).await.unwrap();
        let round = round as u64 + 1;
        assert_eq!(phase_of(&running, "shop/staging", staging + round).await, Phase::Ready);
        assert_eq!(phase_of(&running, "shop/pr-2", 1 + round).await, Phase::Ready);
    }
    stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_file_that_is_pushed_is_in_force_and_one_that_names_another_installation_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (stack, running) = start(folder.path()).await;
    let (in_force, file) = (configuration::in_force(&running.state), folder.path().join("platform.yaml"));
    let before = in_force.await.unwrap().unwrap();
    let pushed = async |from: &str, to: &str| {
        std::fs::write(&file, SAMPLE.replace(from, to)).unwrap();
        push(&file, folder.path()).await
    };
    let told = pushed("pods: 40", "pods: 41").await.unwrap();
    assert!(told.contains("is in force. The environments of one repository that"), "{told}");
    let after = configuration::in_force(&running.state).await.unwrap().unwrap();
    assert_ne!(after.hash, before.hash);
    let problem = pushed("installation: demo", "installation: other").await.unwrap_err();
    assert!(problem.what.contains("it cannot be called `other`"), "{problem}");
    assert_eq!(configuration::in_force(&running.state).await.unwrap(), Some(after));
    stack.stop().await.unwrap();
}
