//! `config push`.

use crate::start;
use roadstead::command::config::{Config, Push};
use roadstead_steps::configuration;

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_file_that_is_pushed_is_in_force_and_one_that_names_another_installation_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (stack, running) = start(folder.path()).await;
    let (in_force, file) = (configuration::in_force(&running.state), folder.path().join("platform.yaml"));
    let before = in_force.await.unwrap().unwrap();
    let pushed = async |from: &str, to: &str| {
        let sample = include_str!("../../sample/platform.yaml").replace(from, to);
        std::fs::write(&file, sample).unwrap();
        let data_dir = folder.path().to_owned();
        Config::Push(Push { file: file.clone(), url: None, key: None, data_dir }).run().await
    };
    let told = pushed("pods: 40", "pods: 41").await.unwrap();
    assert!(told.contains("is in force. The environments of 1 repositories"), "{told}");
    let after = configuration::in_force(&running.state).await.unwrap().unwrap();
    assert_ne!(after.hash, before.hash);
    let problem = pushed("installation: demo", "installation: other").await.unwrap_err();
    assert!(problem.what.contains("it cannot be called `other`"), "{problem}");
    assert_eq!(configuration::in_force(&running.state).await.unwrap(), Some(after));
    stack.stop().await.unwrap();
}
