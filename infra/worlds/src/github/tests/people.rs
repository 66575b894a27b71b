use super::*;

fn told(deliveries: &[Delivery]) -> Vec<String> {
    let word = |delivery: &Delivery| {
        format!("{} {}", delivery.event, delivery.body["action"].as_str().unwrap_or_default())
            .trim()
            .to_owned()
    };
    deliveries.iter().map(word).collect()
}

#[test]
fn a_pull_request_lives_and_every_turn_is_delivered() {
    let mut scene = scene();
    let (repository, number) = (scene.repository, scene.open("topic"));
    let world = &mut scene.world;
    let first = world.commit_id(repository, "topic").unwrap();
    let old_merge = world.merge_commit(repository, number).unwrap().to_owned();

    let changes = [FileChange::Put("topic.txt", b"more")];
    let (second, moved) = world.commit_and_push(repository, "topic", "ann", &changes, at(20)).unwrap();
    assert_eq!(told(&moved), ["push", "pull_request synchronize"]);
    let body = &moved[1].body;
    assert_eq!((&body["before"], &body["after"]), (&json!(first), &json!(second)));
    let pull = &body["pull_request"];
    assert_eq!((&pull["head"]["sha"], &pull["mergeable"]), (&json!(second), &Value::Null));
    assert_eq!(pull["merge_commit_sha"], old_merge, "the event still shows the test merge before");
    assert_ne!(world.merge_commit(repository, number).unwrap(), old_merge);

    assert_eq!(
        told(&world.set_draft(repository, number, true, "ann", at(21)).unwrap()),
        ["pull_request converted_to_draft"]
    );
    assert_eq!(world.merge_pull_request(repository, number, false, "ann", at(21)).unwrap_err().status, 405);
    assert_eq!(
        told(&world.set_draft(repository, number, false, "ann", at(22)).unwrap()),
        ["pull_request ready_for_review"]
    );
    let closed = world.close_pull_request(repository, number, "ann", at(23)).unwrap();
    assert_eq!(
        (&closed[0].body["pull_request"]["state"], &closed[0].body["pull_request"]["merged"]),
        (&json!("closed"), &json!(false))
    );
    assert_eq!(world.close_pull_request(repository, number, "ann", at(23)).unwrap_err().status, 422);
    assert_eq!(
        told(&world.reopen_pull_request(repository, number, "ann", at(24)).unwrap()),
        ["pull_request reopened"]
    );
    assert_eq!(world.reopen_pull_request(repository, number, "ann", at(24)).unwrap_err().status, 422);

    let merged = world.merge_pull_request(repository, number, false, "bob", at(25)).unwrap();
    assert_eq!(told(&merged), ["push", "pull_request closed"]);
    let main = world.commit_id(repository, "main").unwrap();
    let pull = &merged[1].body["pull_request"];
    assert_eq!(
        (&pull["merged"], &pull["merge_commit_sha"], &pull["merged_by"]["login"]),
        (&json!(true), &json!(main), &json!("bob"))
    );
    assert_eq!(world.commit_of(repository, &main).unwrap().parents[1], second);
    assert!(world.reopen_pull_request(repository, number, "ann", at(26)).is_err());
}

#[test]
fn a_pull_requests_event_has_the_fields_of_the_original() {
    let mut scene = scene();
    scene.open("topic");
    let changes = [FileChange::Put("a", b"1")];
    let (_, deliveries) =
        scene.world.commit_and_push(scene.repository, "topic", "ann", &changes, at(20)).unwrap();
    let body = &deliveries[1].body;
    for (pointer, value) in [
        ("/number", json!(1)),
        ("/pull_request/state", json!("open")),
        ("/pull_request/user/login", json!("ann")),
        ("/pull_request/user/type", json!("User")),
        ("/pull_request/head/ref", json!("topic")),
        ("/pull_request/head/repo/id", json!(scene.repository)),
        ("/pull_request/head/repo/fork", json!(false)),
        ("/pull_request/base/ref", json!("main")),
        ("/pull_request/base/repo/default_branch", json!("main")),
        ("/repository/full_name", json!("acme/shop")),
        ("/repository/owner/login", json!("acme")),
        ("/organization/login", json!("acme")),
        ("/installation/id", json!(scene.installation)),
        ("/sender/login", json!("ann")),
    ] {
        assert_eq!(body.pointer(pointer), Some(&value), "{pointer}");
    }
    let push = &deliveries[0].body;
    assert_eq!(push["ref"], "refs/heads/topic");
    assert_eq!(push["repository"]["pushed_at"], at(20).as_second(), "a number in this event alone");
    assert_eq!(push["repository"]["owner"]["name"], "acme");
    assert_eq!((&push["head_commit"]["added"], &push["forced"]), (&json!(["a"]), &json!(false)));
}

#[test]
fn a_delivery_is_signed_over_its_bytes() {
    let mut scene = scene();
    let changes = [FileChange::Put("a", b"1")];
    let (_, deliveries) =
        scene.world.commit_and_push(scene.repository, "main", "ann", &changes, at(20)).unwrap();
    let request = deliveries[0].signed(b"It's a Secret to Everybody");
    assert_eq!(request.headers()["x-github-event"], "push");
    assert_eq!(request.headers()["x-github-delivery"].len(), 36);
    let signature =
        request.headers()["x-hub-signature-256"].to_str().unwrap().strip_prefix("sha256=").unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"It's a Secret to Everybody");
    ring::hmac::verify(&key, request.body(), &hex::decode(signature).unwrap()).unwrap();
    let other = deliveries[0].signed(b"other");
    assert_ne!(other.headers()["x-hub-signature-256"], request.headers()["x-hub-signature-256"]);
}

#[test]
fn a_fork_is_another_repository_with_the_same_history() {
    let mut scene = scene();
    let fork = scene.world.fork(scene.repository, "eve", at(11)).unwrap();
    let changes = [FileChange::Put("evil.txt", b"1")];
    let (head, pushed) = scene.world.commit_and_push(fork, "main", "eve", &changes, at(12)).unwrap();
    assert!(pushed.is_empty(), "the App is not installed on the fork");
    let new = NewPullRequest { head_repository: fork, author: "eve", ..scene.new_pull("main") };
    let (number, opened) = scene.world.open_pull_request(scene.repository, new, at(13)).unwrap();
    let pull = &opened[0].body["pull_request"];
    assert_eq!(
        (&pull["head"]["repo"]["id"], &pull["base"]["repo"]["id"]),
        (&json!(fork), &json!(scene.repository))
    );
    assert_eq!((&pull["head"]["repo"]["fork"], &pull["head"]["label"]), (&json!(true), &json!("eve:main")));
    assert_eq!(scene.found(&format!("/commits/{head}"))["sha"], head, "forks share their objects");
    let (_, moved) =
        scene.world.commit_and_push(fork, "main", "eve", &[FileChange::Delete("evil.txt")], at(14)).unwrap();
    assert_eq!(told(&moved), ["pull_request synchronize"]);
    let closed = scene.world.delete_repository(fork, "eve", at(15)).unwrap();
    assert_eq!(told(&closed), ["pull_request closed"]);
    assert_eq!(scene.found(&format!("/pulls/{number}"))["head"]["repo"], Value::Null);
}

#[test]
fn opening_is_refused_for_what_is_missing_or_there_already() {
    let mut scene = scene();
    scene.open("topic");
    let main = scene.world.commit_id(scene.repository, "main").unwrap();
    scene.world.push(scene.repository, "same", &main, "ann", at(11)).unwrap();
    let stranger = scene.world.create_repository("eve", "other", false, &[], at(11));
    for (new, said) in [
        (scene.new_pull("topic"), "already exists for acme:topic"),
        (scene.new_pull("same"), "No commits between main and same"),
        (scene.new_pull("none"), "invalid"),
        (NewPullRequest { base_branch: "none", ..scene.new_pull("topic") }, "invalid"),
        (NewPullRequest { head_repository: stranger, ..scene.new_pull("main") }, "invalid"),
    ] {
        let refusal = scene.world.open_pull_request(scene.repository, new, at(12)).unwrap_err();
        assert_eq!(refusal.status, 422);
        assert!(refusal.errors.unwrap().to_string().contains(said), "{said}");
    }
}

#[test]
fn a_push_to_the_base_makes_a_new_test_merge_and_a_conflict_none() {
    let mut scene = scene();
    let (repository, number) = (scene.repository, scene.open("topic"));
    let before = scene.world.merge_commit(repository, number).unwrap().to_owned();
    scene.world.commit_and_push(repository, "main", "bob", &[FileChange::Put("b", b"1")], at(20)).unwrap();
    let after = scene.world.merge_commit(repository, number).unwrap().to_owned();
    assert_ne!(before, after);
    assert_eq!(scene.found(&format!("/contents/b?ref={after}"))["type"], "file");
    assert_eq!(scene.found(&format!("/contents/topic.txt?ref={after}"))["type"], "file");
    let changes = [FileChange::Put("topic.txt", b"other")];
    scene.world.commit_and_push(repository, "main", "bob", &changes, at(21)).unwrap();
    assert_eq!(scene.world.merge_commit(repository, number), None);
    assert_eq!(scene.found("/pulls/1")["mergeable_state"], "dirty");
    assert_eq!(
        scene.world.merge_pull_request(repository, number, false, "bob", at(22)).unwrap_err().status,
        405
    );
}

#[test]
fn a_squashed_pull_request_is_merged_as_a_commit_of_its_own() {
    let mut scene = scene();
    let (repository, number) = (scene.repository, scene.open("topic"));
    let deliveries = scene.world.merge_pull_request(repository, number, true, "bob", at(20)).unwrap();
    assert_eq!(told(&deliveries), ["push", "pull_request closed"]);
    let main = scene.world.commit_id(repository, "main").unwrap();
    assert_eq!(scene.world.commit_of(repository, &main).unwrap().parents.len(), 1);
    assert_eq!(scene.found("/pulls/1")["merged"], true);
}

#[test]
fn a_branch_that_goes_closes_its_pull_request_and_a_rewritten_one_stays_closed() {
    let mut scene = scene();
    let (repository, number) = (scene.repository, scene.open("topic"));
    let head = scene.world.commit_id(repository, "topic").unwrap();
    let gone = scene.world.delete_branch(repository, "topic", "ann", at(20)).unwrap();
    assert_eq!(told(&gone), ["push", "pull_request closed"]);
    assert_eq!((&gone[0].body["deleted"], &gone[0].body["head_commit"]), (&json!(true), &Value::Null));
    assert!(scene.world.delete_branch(repository, "topic", "ann", at(20)).is_err());
    assert!(scene.world.reopen_pull_request(repository, number, "ann", at(21)).is_err());
    let main = scene.world.commit_id(repository, "main").unwrap();
    let other =
        scene.world.commit(repository, &main, "ann", "Other", &[FileChange::Put("o", b"1")], at(22)).unwrap();
    scene.world.push(repository, "topic", &other, "ann", at(22)).unwrap();
    assert!(scene.world.reopen_pull_request(repository, number, "ann", at(23)).is_err());
    let back = scene.world.push(repository, "topic", &head, "ann", at(24)).unwrap();
    assert_eq!((told(&back), &back[0].body["forced"]), (vec!["push".to_owned()], &json!(true)));
    assert!(scene.world.reopen_pull_request(repository, number, "ann", at(25)).is_ok());
    assert!(scene.world.push(repository, "topic", &head, "ann", at(26)).unwrap().is_empty());
    assert_eq!(scene.world.push(repository, "topic", "none", "ann", at(26)).unwrap_err().status, 422);
}
