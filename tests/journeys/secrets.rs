//! Secrets, looked for everywhere that people and rows are told something.

use super::*;
use crate::simulation::world::{APP_KEY, SECRET};

/// What must be found nowhere: the webhook's secret, every line of the App's key, and tokens of installations.
fn secrets() -> Vec<String> {
    let key = APP_KEY.lines().filter(|line| !line.starts_with("-----")).map(str::to_owned);
    let others = [String::from_utf8(SECRET.to_vec()).unwrap(), "ghs_".to_owned(), "PRIVATE KEY".to_owned()];
    key.chain(others).collect()
}

fn assert_without_secrets(place: &str, text: &str) {
    for secret in secrets() {
        assert!(!text.contains(&secret), "a secret is in {place}");
    }
}

#[test]
fn no_secret_is_in_a_row_a_comment_or_a_log_line() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        let bad = preview.push("a bad change");
        world.cluster.lock().unwrap().set_missing_images([bad].into());
        world.pass(A_WHILE).await;
        failure(&preview.phase());
        let (_, from_fork) = world.open_from_fork("mallory");
        world.close(preview.number);
        world.pass(A_WHILE).await;

        let told: Vec<String> =
            [preview.number, from_fork].iter().flat_map(|number| world.comments(*number)).collect();
        let logged: Vec<String> =
            world.queue.log.lock().unwrap().iter().map(|(_, line)| line.clone()).collect();
        let kept: Vec<String> = world.state.rows().iter().map(|row| format!("{row:?}")).collect();
        for (place, texts) in [("a comment", told), ("a log line", logged), ("a row", kept)] {
            assert!(texts.len() > 1, "nothing was looked at in {place}");
            texts.iter().for_each(|text| assert_without_secrets(place, text));
        }
    });
}

#[test]
#[should_panic(expected = "a secret is in a canary")]
fn a_secret_would_be_found() {
    assert_without_secrets("a canary", &format!("x {} y", secrets()[0]));
}
