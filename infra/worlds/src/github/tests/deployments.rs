use super::*;

fn wanted(reference: &str, environment: &str) -> Value {
    json!({ "ref": reference, "environment": environment, "auto_merge": false, "required_contexts": [] })
}

#[test]
fn a_deployment_is_made_found_and_told() {
    let mut scene = scene();
    scene.open("topic");
    let head = scene.world.commit_id(scene.repository, "topic").unwrap();
    let (status, made) = scene.send(Method::POST, "/deployments", &wanted(&head, "preview/pr-1"));
    assert_eq!((status, &made["sha"], &made["task"]), (201, &json!(head), &json!("deploy")));
    assert_eq!(
        (&made["transient_environment"], &made["production_environment"]),
        (&json!(false), &json!(false))
    );
    scene.send(Method::POST, "/deployments", &wanted("topic", "production"));
    let newest = scene.found("/deployments");
    assert_eq!(newest[0]["ref"], "topic");
    assert_eq!(newest[0]["production_environment"], true);
    for query in
        ["environment=preview%2Fpr-1".to_owned(), format!("ref={head}"), format!("sha={head}&ref={head}")]
    {
        assert_eq!(scene.found(&format!("/deployments?{query}")), json!([made]), "{query}");
    }
    assert_eq!(scene.found("/deployments?task=other"), json!([]));
    assert_eq!(scene.world.deployments(scene.repository).len(), 2);
    assert_eq!(scene.world.environments(scene.repository), ["preview/pr-1", "production"]);
    assert_eq!(scene.world.take_deliveries()[0].body["deployment"]["id"], made["id"]);
}

#[test]
fn a_branch_that_is_behind_is_merged_first_unless_told_otherwise() {
    let mut scene = scene();
    scene.open("topic");
    let changes = [FileChange::Put("main.txt", b"1")];
    scene.world.commit_and_push(scene.repository, "main", "ann", &changes, at(11)).unwrap();
    let head = scene.world.commit_id(scene.repository, "topic").unwrap();
    let (status, reply) = scene.send(Method::POST, "/deployments", &json!({ "ref": head }));
    assert_eq!((status, &reply["message"]), (409, &json!(format!("Conflict merging main into {head}."))));
    let (status, reply) = scene.send(Method::POST, "/deployments", &json!({ "ref": "topic" }));
    assert_eq!((status, &reply["message"]), (202, &json!("Auto-merged main into topic on deployment.")));
    assert!(scene.world.deployments(scene.repository).is_empty());
    let told: Vec<String> = scene.world.take_deliveries().into_iter().map(|it| it.event).collect();
    assert_eq!(told, ["push", "pull_request"]);
    assert_eq!(scene.send(Method::POST, "/deployments", &json!({ "ref": "topic" })).0, 201);
}

#[test]
fn a_branch_that_conflicts_is_refused() {
    let mut scene = scene();
    scene.open("topic");
    let changes = [FileChange::Put("topic.txt", b"other")];
    scene.world.commit_and_push(scene.repository, "main", "ann", &changes, at(11)).unwrap();
    assert_eq!(scene.send(Method::POST, "/deployments", &json!({ "ref": "topic" })).0, 409);
    assert_eq!(scene.send(Method::POST, "/deployments", &wanted("topic", "a")).0, 201);
}

#[test]
fn checks_must_have_passed() {
    let mut scene = scene();
    let main = scene.world.commit_id(scene.repository, "main").unwrap();
    assert_eq!(scene.send(Method::POST, "/deployments", &json!({ "ref": "main" })).0, 201);
    scene.world.set_commit_status(scene.repository, &main, "ci", "pending").unwrap();
    let (status, reply) = scene.send(Method::POST, "/deployments", &json!({ "ref": "main" }));
    assert_eq!((status, &reply["message"]), (409, &json!("Conflict: Commit status checks failed for main.")));
    assert_eq!(reply["errors"][0]["contexts"], json!(["ci"]));
    assert_eq!(scene.send(Method::POST, "/deployments", &wanted("main", "a")).0, 201);
    scene.world.set_commit_status(scene.repository, &main, "ci", "success").unwrap();
    assert_eq!(scene.send(Method::POST, "/deployments", &json!({ "ref": "main" })).0, 201);
    let other = json!({ "ref": "main", "required_contexts": ["lint"] });
    assert_eq!(scene.send(Method::POST, "/deployments", &other).0, 409);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let mut scene = scene();
    let (status, reply) = scene.send(Method::POST, "/deployments", &wanted("none", "a"));
    assert_eq!((status, &reply["message"]), (422, &json!("No ref found for: none")));
    assert_eq!(scene.send(Method::POST, "/deployments", &json!({})).0, 422);
    assert_eq!(scene.send(Method::POST, "/deployments/9/statuses", &json!({ "state": "success" })).0, 404);
}

#[test]
fn a_success_retires_those_before_it_unless_they_are_transient_or_production() {
    let mut scene = scene();
    let mut deploy = |further: Value, environment: &str| {
        let mut body = wanted("main", environment);
        body.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        let id = scene.send(Method::POST, "/deployments", &body).1["id"].clone();
        let status = json!({ "state": "success", "environment_url": "https://shop.test" });
        assert_eq!(scene.send(Method::POST, &format!("/deployments/{id}/statuses"), &status).0, 201);
        id
    };
    let plain = deploy(json!({}), "staging");
    let transient = deploy(json!({ "transient_environment": true }), "staging");
    let elsewhere = deploy(json!({}), "other");
    let production = deploy(json!({ "production_environment": true }), "staging");
    let newest = deploy(json!({}), "staging");
    let mut last = |id: &Value| scene.found(&format!("/deployments/{id}/statuses"))[0]["state"].clone();
    assert_eq!(last(&plain), "inactive");
    for id in [transient, elsewhere, production, newest] {
        assert_eq!(last(&id), "success");
    }
}

#[test]
fn a_status_is_one_of_seven_with_a_short_description() {
    let mut scene = scene();
    let id = scene.send(Method::POST, "/deployments", &wanted("main", "a")).1["id"].clone();
    let path = format!("/deployments/{id}/statuses");
    for (state, length, status) in [
        ("queued", 0, 201),
        ("in_progress", DESCRIPTION_LIMIT, 201),
        ("in_progress", DESCRIPTION_LIMIT + 1, 422),
        ("done", 0, 422),
    ] {
        let body = json!({ "state": state, "description": "a".repeat(length) });
        assert_eq!(scene.send(Method::POST, &path, &body).0, status, "{state} {length}");
    }
    let states: Vec<Value> =
        scene.found(&path).as_array().unwrap().iter().map(|status| status["state"].clone()).collect();
    assert_eq!(states, ["in_progress", "queued"]);
    assert_eq!(scene.world.deployments(scene.repository)[0].statuses.len(), 2);
    let told = scene.world.take_deliveries();
    assert_eq!(told.last().unwrap().event, "deployment_status");
}

#[test]
fn an_environment_is_deleted_only_by_an_administrator() {
    let mut scene = scene();
    scene.send(Method::POST, "/deployments", &wanted("main", "preview/pr-1"));
    let path = "/environments/preview%2Fpr-1";
    assert_eq!(scene.found(path)["name"], "preview/pr-1");
    let (status, reply) = scene.send(Method::DELETE, path, &Value::Null);
    assert_eq!((status, &reply["message"]), (403, &json!("Resource not accessible by integration")));
    scene.world.grant(scene.installation, "administration", Some("write")).unwrap();
    assert_eq!(scene.send(Method::DELETE, path, &Value::Null).0, 204);
    assert_eq!(scene.send(Method::DELETE, path, &Value::Null).0, 404);
    assert_eq!(scene.found("/environments")["total_count"], 0);
}
