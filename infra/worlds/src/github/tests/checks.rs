use super::*;

const RUNS: &str = "/check-runs";

fn wanted(head: &str, name: &str) -> Value {
    json!({ "name": name, "head_sha": head, "external_id": "acme/shop/pr-1#1" })
}

fn with_pull_request() -> (Scene, String) {
    let mut scene = scene();
    scene.open("topic");
    let head = scene.world.commit_id(scene.repository, "topic").unwrap();
    (scene, head)
}

#[test]
fn a_check_run_is_made_changed_and_found() {
    let (mut scene, head) = with_pull_request();
    let (status, made) = scene.send(Method::POST, RUNS, &wanted(&head, "Roadstead: shop/pr-1"));
    assert_eq!((status, &made["status"], &made["conclusion"]), (201, &json!("queued"), &Value::Null));
    assert_eq!((&made["app"]["id"], &made["pull_requests"][0]["number"]), (&json!(77), &json!(1)));
    let at = format!("{RUNS}/{}", made["id"]);
    let output = json!({ "title": "ready", "summary": "all is well" });
    let change = json!({ "conclusion": "success", "details_url": "https://pr-1.example", "output": output });
    let (status, changed) = scene.send(Method::PATCH, &at, &change);
    assert_eq!((status, &changed["status"]), (200, &json!("completed")));
    assert_eq!(scene.found(&at)["output"]["summary"], "all is well");
    let (_, second) = scene.send(Method::POST, RUNS, &wanted(&head, "Roadstead: shop/pr-1"));
    assert_eq!(second["check_suite"]["id"], made["check_suite"]["id"]);
    let ids = |scene: &mut Scene, query: &str| {
        let found = scene.found(&format!("/commits/{head}/check-runs{query}"));
        let runs = found["check_runs"].as_array().unwrap();
        runs.iter().map(|run| run["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut scene, ""), [second["id"].clone()]);
    assert_eq!(ids(&mut scene, "?filter=all&app_id=77"), [second["id"].clone(), made["id"].clone()]);
    assert!(ids(&mut scene, "?filter=all&check_name=other").is_empty());
    let told: Vec<_> = scene.world.take_deliveries().iter().map(|it| it.body["action"].clone()).collect();
    assert_eq!(told, ["created", "completed", "created"]);
}

#[test]
fn what_is_no_check_run_is_refused() {
    let (mut scene, head) = with_pull_request();
    let refused = |scene: &mut Scene, name: &str, value: Value| {
        let mut body = wanted(&head, "a");
        body[name] = value;
        let (status, reply) = scene.send(Method::POST, RUNS, &body);
        assert_eq!(status, 422, "{name}: {reply}");
        reply["message"].as_str().unwrap().to_owned()
    };
    let unknown = "0".repeat(40);
    assert_eq!(
        refused(&mut scene, "head_sha", json!(unknown)),
        format!("No commit found for SHA: {unknown}")
    );
    assert!(refused(&mut scene, "name", Value::Null).ends_with("\"name\" wasn't supplied."));
    assert!(refused(&mut scene, "status", json!("completed")).contains("conclusion"));
    assert!(refused(&mut scene, "conclusion", json!("stale")).contains("enum"));
    assert_eq!(refused(&mut scene, "details_url", json!("ftp://x")), "Validation Failed");
    let output = |length: usize| json!({ "title": "a", "summary": "ü".repeat(length) });
    assert!(refused(&mut scene, "output", output(OUTPUT_LIMIT + 1)).contains("65536 were supplied"));
    let mut body = wanted(&head, "a");
    body["output"] = output(OUTPUT_LIMIT);
    assert_eq!(scene.send(Method::POST, RUNS, &body).0, 201);
}

#[test]
fn checks_are_a_right_of_their_own() {
    let (mut scene, head) = with_pull_request();
    scene.world.grant(scene.installation, "checks", Some("read")).unwrap();
    assert_eq!(scene.send(Method::POST, RUNS, &wanted(&head, "a")).0, 403);
    assert_eq!(scene.get(&format!("/commits/{head}/check-runs")).0, 200);
    scene.world.grant(scene.installation, "checks", None).unwrap();
    assert_eq!(scene.get(&format!("/commits/{head}/check-runs")).0, 403);
}

#[test]
fn asking_again_tells_the_app_and_changes_nothing() {
    let (mut scene, head) = with_pull_request();
    let (_, made) = scene.send(Method::POST, RUNS, &wanted(&head, "a"));
    let id = made["id"].as_u64().unwrap();
    let told = scene.world.rerequest_check(scene.repository, id, "ann").unwrap();
    assert_eq!((told[0].event.as_str(), &told[0].body["action"]), ("check_run", &json!("rerequested")));
    assert_eq!(told[0].body["check_run"]["external_id"], "acme/shop/pr-1#1");
    assert_eq!(told[0].body["sender"]["login"], "ann");
    let told = scene.world.rerequest_suite(scene.repository, &head, "ann").unwrap();
    assert_eq!(told[0].body["check_suite"]["head_sha"], json!(head));
    assert_eq!(scene.found(&format!("{RUNS}/{id}"))["status"], "queued");
    assert!(scene.world.rerequest_check(scene.repository, id + 1, "ann").is_err());
}
