//! Who may ask, and what is answered. How an outcome is followed, the journeys show.

use crate::door::{
    ConfigurationsDoor, HttpApi, ImagesDoor,
    http_api::http_api,
    note::tests::{Fault, Outside},
    outcomes::{KEY_LIMIT, address},
};
use http::{Request, Response, header};
use jiff::Timestamp;
use roadstead_domain::{
    actor::Actor,
    trigger::{HowClosed, Outcome, Sighting, Trigger},
};
use roadstead_senders::{Secret, images::Key};
use roadstead_steps::rows;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const KEYS: [(&str, &str); 2] = [("web", "a secret of this test"), ("other", "another secret of it")];
/// As odd as the sender's own name for a message may be.
const TRIGGER: &str = "images#web#given#%2F/?#[]+";

fn trigger(closed: Option<HowClosed>) -> Trigger {
    let outcome = Outcome::Refused { reason: "not today".to_owned() };
    let outcomes = closed.map(|_| ("shop/pr-2".parse().unwrap(), outcome));
    Trigger {
        key: TRIGGER.to_owned(),
        actor: Actor::Pipeline { key: "web".to_owned() },
        received_at: Timestamp::UNIX_EPOCH,
        sighting: Sighting::Retry { environment: "shop/pr-2".parse().unwrap() },
        outcomes: BTreeMap::from_iter(outcomes),
        reply: None,
        closed: closed.map(|how| how.because("done")),
    }
}

fn outside(trigger: &Trigger, state_fault: Fault) -> Arc<Outside> {
    let outside = Outside { may_read: true, state_fault, ..Outside::default() };
    let row = rows::row(rows::trigger(&trigger.key), trigger, None).unwrap();
    outside.rows.lock().unwrap().insert(row.key.clone(), row);
    Arc::new(outside)
}

async fn asked(outside: &Arc<Outside>, method: &str, path: &str, secret: &str) -> Response<String> {
    let key = |(name, secret): (&str, &str)| Key {
        name: name.to_owned(),
        secret: Secret::new(secret).unwrap(),
        images: [].into(),
    };
    let door = HttpApi {
        images: ImagesDoor { notebook: outside.notebook(), keys: KEYS.map(key).into() },
        configurations: ConfigurationsDoor { notebook: outside.notebook(), keys: vec![] },
    };
    let request = Request::builder().method(method).uri(path);
    let request = request.header("authorization", format!("Bearer {secret}")).body(()).unwrap();
    http_api(&door, &request.into_parts().0, b"").await
}

fn body(response: &Response<String>) -> Value {
    serde_json::from_str(response.body()).unwrap()
}

#[tokio::test]
async fn a_sender_is_told_of_its_own_trigger_and_when_to_ask_again() {
    let pending = asked(&outside(&trigger(None), Fault::Never), "GET", &address(TRIGGER), KEYS[0].1).await;
    assert_eq!(
        (pending.status().as_u16(), &pending.headers()[header::RETRY_AFTER]),
        (200, &"5".parse().unwrap())
    );
    assert_eq!((&body(&pending)["state"], &body(&pending)["done"]), (&json!("pending"), &json!(false)));

    let done = outside(&trigger(Some(HowClosed::Told)), Fault::Never);
    let done = asked(&done, "GET", &address(TRIGGER), KEYS[0].1).await;
    assert_eq!(done.headers().get(header::RETRY_AFTER), None);
    let expected = json!({
        "trigger": TRIGGER, "state": "refused", "done": true, "text": "`shop/pr-2`: not today",
        "environments": {"shop/pr-2": {"state": "refused", "text": "not today"}},
    });
    assert_eq!(body(&done), expected);
}

#[tokio::test]
async fn how_a_trigger_ended_as_a_whole_is_one_of_its_outcomes() {
    for (how, expected) in
        [(HowClosed::GivenUp, "failed"), (HowClosed::Refused, "refused"), (HowClosed::Nothing, "nothing")]
    {
        let trigger = Trigger { outcomes: BTreeMap::new(), ..trigger(Some(how)) };
        let told = body(&asked(&outside(&trigger, Fault::Never), "GET", &address(TRIGGER), KEYS[0].1).await);
        assert_eq!(
            (&told["state"], &told["text"], &told["done"]),
            (&json!(expected), &json!("done"), &json!(true))
        );
    }
}

#[tokio::test]
async fn another_s_trigger_is_answered_as_one_that_does_not_exist() {
    let outside = outside(&trigger(None), Fault::Never);
    let foreign = asked(&outside, "GET", &address(TRIGGER), KEYS[1].1).await;
    let missing = asked(&outside, "GET", &address("images#other#given#none"), KEYS[1].1).await;
    let nonsense = asked(&outside, "GET", "/outcomes/+", KEYS[1].1).await;
    assert_eq!(foreign.status(), 404);
    for other in [missing, nonsense] {
        assert_eq!((other.status(), other.body()), (foreign.status(), foreign.body()));
    }
    let nobody = asked(&outside, "GET", &address(TRIGGER), "no secret of any key").await;
    assert_eq!(
        (nobody.status().as_u16(), &nobody.headers()[header::WWW_AUTHENTICATE]),
        (401, &"Bearer".parse().unwrap())
    );
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_no_outcome() {
    let answer = asked(&outside(&trigger(None), Fault::Lost), "GET", &address(TRIGGER), KEYS[0].1).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()[header::RETRY_AFTER]),
        (503, &"5".parse().unwrap())
    );
}

#[tokio::test]
async fn each_address_has_its_method() {
    let outside = outside(&trigger(None), Fault::Never);
    for (method, path, allowed) in [("POST", address(TRIGGER), "GET"), ("GET", "/images".to_owned(), "POST")]
    {
        let answer = asked(&outside, method, &path, KEYS[0].1).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()[header::ALLOW]),
            (405, &allowed.parse().unwrap())
        );
    }
}

#[tokio::test]
async fn only_rows_that_may_be_the_sender_s_are_read() {
    let silent = outside(&trigger(None), Fault::Lost);
    let own = format!("images#{}#given#", KEYS[0].0);
    let of = |length: usize| format!("{own}{}", "a".repeat(length - own.len()));
    for (key, status) in [
        (of(KEY_LIMIT), 503),
        (of(KEY_LIMIT + 1), 404),
        (own.replacen(KEYS[0].0, "another", 1), 404),
        ("slack#0".to_owned(), 404),
    ] {
        assert_eq!(asked(&silent, "GET", &address(&key), KEYS[0].1).await.status(), status, "{key}");
    }
}
