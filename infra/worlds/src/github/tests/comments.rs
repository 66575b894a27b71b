use super::*;

const COMMENTS: &str = "/issues/1/comments";

#[test]
fn a_comment_is_created_read_changed_and_deleted() {
    let mut scene = scene();
    scene.open("topic");
    let (status, created) = scene.send(Method::POST, COMMENTS, &json!({ "body": "building" }));
    assert_eq!((status, &created["user"]["login"]), (201, &json!("roadstead[bot]")));
    assert_eq!(
        (&created["user"]["type"], &created["performed_via_github_app"]["id"]),
        (&json!("Bot"), &json!(77))
    );
    let one = format!("/issues/comments/{}", created["id"]);
    assert_eq!(scene.found(&one), created);
    scene.now += 5;
    let (status, changed) = scene.send(Method::PATCH, &one, &json!({ "body": "ready" }));
    assert_eq!((status, &changed["body"]), (200, &json!("ready")));
    assert_ne!(changed["updated_at"], changed["created_at"]);
    assert_eq!(scene.world.comments(scene.repository, 1)[0].body, "ready");
    assert_eq!(scene.send(Method::DELETE, &one, &Value::Null).0, 204);
    assert_eq!(scene.get(&one).0, 404);
    assert_eq!(scene.send(Method::PATCH, &one, &json!({ "body": "x" })).0, 404);
    assert_eq!(scene.send(Method::DELETE, &one, &Value::Null).0, 404);
    let told: Vec<String> = scene
        .world
        .take_deliveries()
        .into_iter()
        .map(|delivery| format!("{} {}", delivery.event, delivery.body["action"].as_str().unwrap()))
        .collect();
    assert_eq!(told, ["issue_comment created", "issue_comment edited", "issue_comment deleted"]);
    assert!(scene.world.take_deliveries().is_empty());
}

#[test]
fn a_body_must_be_there_and_end_at_its_limit() {
    let mut scene = scene();
    scene.open("topic");
    for (body, status) in [
        (json!({ "body": "ä".repeat(BODY_LIMIT) }), 201),
        (json!({ "body": "ä".repeat(BODY_LIMIT + 1) }), 422),
        (json!({ "body": " " }), 422),
        (json!({}), 422),
        (json!({ "body": 5 }), 422),
    ] {
        let (seen, reply) = scene.send(Method::POST, COMMENTS, &body);
        assert_eq!(seen, status, "{reply}");
    }
    let request =
        scene.request(Method::POST, "/repos/acme/shop/issues/1/comments").body(b"{".to_vec()).unwrap();
    assert_eq!(scene.respond(request).status(), 400);
    assert_eq!(scene.send(Method::POST, "/issues/2/comments", &json!({ "body": "a" })).0, 404);
}

#[test]
fn a_list_may_lag_behind() {
    let mut scene = scene();
    scene.open("topic");
    scene.world.settings.comment_lag = SignedDuration::from_secs(2);
    let (_, created) = scene.send(Method::POST, COMMENTS, &json!({ "body": "a" }));
    scene.now += 1;
    assert_eq!(scene.found(COMMENTS), json!([]));
    assert_eq!(scene.get(&format!("/issues/comments/{}", created["id"])).0, 200);
    assert_eq!(scene.world.comments(scene.repository, 1).len(), 1);
    scene.now += 1;
    assert_eq!(scene.found(COMMENTS), json!([created]));
}

#[test]
fn a_persons_comment_is_delivered() {
    let mut scene = scene();
    scene.open("topic");
    let (id, deliveries) = scene.world.comment(scene.repository, 1, "ann", "/deploy", at(12)).unwrap();
    let body = &deliveries[0].body;
    assert_eq!((&body["comment"]["id"], &body["comment"]["body"]), (&json!(id), &json!("/deploy")));
    assert_eq!((&body["issue"]["number"], &body["sender"]["login"]), (&json!(1), &json!("ann")));
    assert!(body["issue"]["pull_request"]["url"].is_string());
    assert!(scene.world.comment(scene.repository, 9, "ann", "a", at(12)).is_err());
}
