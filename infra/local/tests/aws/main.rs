//! The journey of a pull request through the functions themselves, deployed by `infra/aws/deploy` on an emulator of AWS that
//! enforces IAM: first in fair weather, then in a storm.
//!
//! `ROADSTEAD_TEST_AWS` names the folder that holds the programs `ministack`, `aws`, `cfn-lint` and `python`, and the functions have to
//! be built beside this test: see `infra/aws/README.md`. It runs where it is asked for (`-- --ignored`), as `.ci/run` does.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helpers too")]

mod emulator;
mod given;
mod images;
mod outside;
mod pack;
mod seen;
mod weather;

use outside::Outside;
use roadstead_domain::environment::{Environment, Phase};
use std::{path::PathBuf, time::Duration};
use weather::Weather;

/// How long one round may take. A record that is taken away is remembered for a minute; whoever is killed is waited for until
/// its claim ends.
const LIMIT: Duration = Duration::from_secs(420);

#[expect(clippy::disallowed_methods, reason = "where the emulator is, is no setting of the service")]
fn tools() -> PathBuf {
    PathBuf::from(std::env::var("ROADSTEAD_TEST_AWS").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an emulator of AWS: `.ci/run` installs one and asks for this"]
async fn a_pull_request_is_previewed_by_the_functions_and_leaves_nothing_in_any_weather() {
    let outside = Outside::begin(&tools()).await;
    let base = within("staging", deploy_staging(&outside)).await;
    within("in fair weather", round(&outside, &base)).await;
    seen::no_dead_letters(&outside);

    outside.hurry();
    outside.weather.set(Weather::STORM);
    let storm = async {
        tokio::select! {
            () = round(&outside, &base) => {}
            () = outside.tick() => {}
        }
    };
    within("in a storm", storm).await;
    outside.weather.was_felt();
    outside.end().await;
}

async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    let begun = std::time::Instant::now();
    let done = tokio::time::timeout(LIMIT, work).await;
    println!("{what}: {:.1} s", begun.elapsed().as_secs_f32());
    done.unwrap()
}

/// A push to `main`, of which both images are built; staging follows.
async fn deploy_staging(outside: &Outside) -> seen::Running {
    let commit = outside.people().push("main", "grace", "DEPLOYED", "now\n").await.unwrap();
    let mut running = seen::Running::new();
    for workload in ["web", "worker"] {
        running.insert(workload.parse().unwrap(), outside.build(workload, &commit).await);
    }
    let staging = outside.reaches("shop/staging", |now| is_ready(now, &running)).await;
    seen::runs(outside, &staging, &running);
    running
}

/// A pull request is opened and closed. Its deliveries and events come twice.
async fn round(outside: &Outside, base: &seen::Running) {
    let people = outside.people();
    let branch = format!("basket-{}", jiff::Timestamp::now().as_millisecond());
    people.push(&branch, "ada", "web/page.html", "a bigger basket\n").await.unwrap();
    let number = people.open_pull_request(&branch, "ada", "A bigger basket").await.unwrap();
    let mut expected = base.clone();
    let merged = people.merge_commit(number).unwrap();
    expected.insert("web".parse().unwrap(), outside.build("web", &merged).await);

    let id = format!("shop/pr-{number}");
    let ready = outside.reaches(&id, |now| is_ready(now, &expected)).await;
    seen::runs(outside, &ready, &expected);
    seen::has_its_record(outside, &ready).await;
    seen::comment_says(outside, number, &["ready", ready.url.as_deref().unwrap()]).await;

    people.close_pull_request(number, "ada").await.unwrap();
    let gone = outside.reaches(&id, |now| now.phase == Phase::Gone).await;
    seen::nothing_is_left(outside, &gone).await;
    seen::comment_says(outside, number, &["gone"]).await;
}

/// Ready with these images. An image of which nobody knew in time is followed by another generation.
fn is_ready(environment: &Environment, expected: &seen::Running) -> bool {
    environment.phase == Phase::Ready && seen::recorded(environment) == *expected
}
