use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::github::routes::PAGE_LIMIT;

#[test]
fn a_repository_is_read_by_name_and_by_id_and_by_its_former_name() {
    let mut scene = scene();
    let token = scene.token.clone();
    let by_name = scene.found("");
    assert_eq!(by_name["full_name"], "acme/shop");
    assert_eq!(by_name["owner"]["type"], "Organization");
    let by_id = format!("/repositories/{}", scene.repository);
    assert_eq!(scene.send_as(&token, Method::GET, &by_id, &Value::Null).1, by_name);
    assert_eq!(scene.send_as(&token, Method::GET, "/repos/ACME/Shop", &Value::Null).0, 200);

    let deliveries = scene.world.rename_repository(scene.repository, "store", "ann").unwrap();
    assert_eq!(deliveries[0].body["changes"]["repository"]["name"]["from"], "shop");
    let request = scene.request(Method::GET, "/repos/acme/shop/pulls/1?a=b").body(Vec::new()).unwrap();
    let moved = scene.respond(request);
    assert_eq!(moved.status(), 301);
    let place = format!("https://api.github.com/repositories/{}/pulls/1?a=b", scene.repository);
    assert_eq!(moved.headers()["location"], place.as_str());

    let hidden = scene.world.create_repository("acme", "secret", true, &[], at(0));
    scene.world.rename_repository(hidden, "hidden", "ann").unwrap();
    assert_eq!(scene.send_as(&token, Method::GET, "/repos/acme/secret", &Value::Null).0, 404);
}

#[test]
fn files_are_read_raw_and_as_json() {
    let mut scene = scene();
    let shown = scene.found("/contents/score.yaml");
    assert_eq!((&shown["type"], &shown["encoding"]), (&json!("file"), &json!("base64")));
    let text = shown["content"].as_str().unwrap().replace('\n', "");
    assert_eq!(STANDARD.decode(text).unwrap(), b"apiVersion: score.dev/v1b1\n");
    let request = scene.request(Method::GET, "/repos/acme/shop/contents/score.yaml");
    let raw =
        scene.respond(request.header("accept", "application/vnd.github.raw+json").body(Vec::new()).unwrap());
    assert_eq!(raw.into_body(), b"apiVersion: score.dev/v1b1\n");
    let folder = scene.found("/contents/deploy");
    let names: Vec<_> = folder.as_array().unwrap().iter().map(|it| (&it["name"], &it["type"])).collect();
    assert_eq!(names, [(&json!("link.yaml"), &json!("symlink")), (&json!("web.yaml"), &json!("file"))]);
    let root = scene.found("/contents/");
    assert_eq!(root.as_array().unwrap().len(), 4);
    assert_eq!(root[0]["type"], "dir");
}

#[test]
fn a_link_is_followed_to_a_file_of_the_repository_and_no_further() {
    let mut scene = scene();
    let followed = scene.found("/contents/deploy/link.yaml");
    assert_eq!((&followed["type"], &followed["size"]), (&json!("file"), &json!(27)));
    for (path, target) in [("outside", "../../etc/passwd"), ("twice", "deploy/link.yaml")] {
        let shown = scene.found(&format!("/contents/{path}"));
        assert_eq!((&shown["type"], &shown["target"]), (&json!("symlink"), &json!(target)));
    }
}

#[test]
fn content_is_part_of_the_json_up_to_a_megabyte() {
    let mut scene = scene();
    for (size, encoding) in [(ENCODED_LIMIT, "base64"), (ENCODED_LIMIT + 1, "none")] {
        let content = vec![b'a'; size];
        let changes = [FileChange::Put("large", &content)];
        scene.world.commit_and_push(scene.repository, "main", "ann", &changes, at(5)).unwrap();
        let shown = scene.found("/contents/large");
        assert_eq!((&shown["encoding"], shown["content"] == ""), (&json!(encoding), encoding == "none"));
    }
}

#[test]
fn what_is_missing_is_refused_as_each_resource_does() {
    let mut scene = scene();
    for (rest, status, said) in [
        ("/contents/none", 404, "Not Found"),
        ("/contents/score.yaml?ref=none", 404, "No commit found for the ref none"),
        ("/commits/none", 422, "No commit found for SHA: none"),
        ("/branches/none", 404, "Branch not found"),
        ("/pulls/9", 404, "Not Found"),
        ("/pulls/x", 404, "Not Found"),
        ("/issues/9/comments", 404, "Not Found"),
        ("/deployments/9", 404, "Not Found"),
        ("/environments/none", 404, "Not Found"),
        ("/releases", 404, "Not Found"),
        ("/collaborators/nobody/permission", 404, "nobody is not a user"),
    ] {
        let (seen, reply) = scene.get(rest);
        assert_eq!((seen, &reply["message"]), (status, &json!(said)), "{rest}");
        assert_eq!(reply["status"], status.to_string());
    }
}

#[test]
fn a_test_merge_is_read_with_its_parents() {
    let mut scene = scene();
    let number = scene.open("topic");
    let merge = scene.world.merge_commit(scene.repository, number).unwrap().to_owned();
    let head = scene.world.commit_id(scene.repository, "topic").unwrap();
    let base = scene.world.commit_id(scene.repository, "main").unwrap();
    for reference in [merge.as_str(), "refs/pull/1/merge"] {
        let shown = scene.found(&format!("/commits/{reference}"));
        assert_eq!(shown["sha"], merge);
        let parents: Vec<_> = shown["parents"].as_array().unwrap().iter().map(|it| &it["sha"]).collect();
        assert_eq!(parents, [&json!(base), &json!(head)]);
    }
    assert_eq!(scene.found("/commits/refs/pull/1/head")["files"][0]["filename"], "topic.txt");
    assert_eq!(scene.found("/branches/topic")["commit"]["sha"], head);
    assert_eq!(head.len(), 40);
}

#[test]
fn pulls_are_listed_in_pages_and_known_lists_cost_nothing() {
    let mut scene = scene();
    for number in 0..5 {
        scene.open(&format!("topic-{number}"));
    }
    let request = |scene: &Scene, etag: &str| {
        let path = "/repos/acme/shop/pulls?state=open&per_page=2&page=2";
        scene.request(Method::GET, path).header("if-none-match", etag).body(Vec::new()).unwrap()
    };
    let first = request(&scene, "");
    let first = scene.respond(first);
    let page: Value = serde_json::from_slice(first.body()).unwrap();
    let numbers: Vec<_> =
        page.as_array().unwrap().iter().map(|pull| pull["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [3, 2]);
    assert!(page[0].get("merged").is_none(), "a list leaves out what a single one shows");
    let link = first.headers()["link"].to_str().unwrap();
    let base = format!("<https://api.github.com/repositories/{}/pulls?page=", scene.repository);
    for part in [
        &base,
        "page=1&per_page=2&state=open>; rel=\"prev\"",
        "page=3&per_page=2&state=open>; rel=\"next\"",
        "page=3&per_page=2&state=open>; rel=\"last\"",
        "page=1&per_page=2&state=open>; rel=\"first\"",
    ] {
        assert!(link.contains(part), "{part} in {link}");
    }
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    let again = request(&scene, &etag);
    let again = scene.respond(again);
    assert_eq!((again.status().as_u16(), again.body().len()), (304, 0));
    assert_eq!(again.headers()["x-ratelimit-used"], first.headers()["x-ratelimit-used"]);
    scene.world.close_pull_request(scene.repository, 3, "ann", at(20)).unwrap();
    let changed = request(&scene, &etag);
    assert_eq!(scene.respond(changed).status(), 200);
    assert_eq!(scene.found("/pulls?state=closed")[0]["number"], 3);
    assert_eq!(scene.found("/pulls?state=all").as_array().unwrap().len(), 5);
    assert_eq!(scene.found("/pulls?head=acme:topic-1&sort=updated&direction=asc")[0]["number"], 2);
}

#[test]
fn a_page_holds_a_hundred_at_most() {
    let mut scene = scene();
    let number = scene.open("topic");
    for count in 0..=PAGE_LIMIT {
        scene.world.comment(scene.repository, number, "ann", &format!("{count}"), at(5)).unwrap();
    }
    let length = |reply: Value| reply.as_array().unwrap().len();
    assert_eq!(length(scene.found("/issues/1/comments")), 30);
    for asked in [PAGE_LIMIT, PAGE_LIMIT + 1] {
        assert_eq!(length(scene.found(&format!("/issues/1/comments?per_page={asked}"))), PAGE_LIMIT);
    }
    assert_eq!(length(scene.found("/issues/1/comments?per_page=100&page=2")), 1);
    assert_eq!(length(scene.found("/issues/1/comments?per_page=100&page=3")), 0);
}

#[test]
fn a_persons_permission_is_told_in_new_and_old_words() {
    let mut scene = scene();
    for (role, permission, name) in [
        (Role::Admin, "admin", "admin"),
        (Role::Maintain, "write", "maintain"),
        (Role::Write, "write", "write"),
        (Role::Triage, "read", "triage"),
        (Role::Read, "read", "read"),
    ] {
        scene.world.set_role(scene.repository, "Ann", Some(role)).unwrap();
        let shown = scene.found("/collaborators/ann/permission");
        assert_eq!((&shown["permission"], &shown["role_name"]), (&json!(permission), &json!(name)));
    }
    scene.world.set_role(scene.repository, "Ann", None).unwrap();
    assert_eq!(scene.found("/collaborators/ann/permission")["permission"], "none");
    assert_eq!(scene.found("/collaborators/acme/permission")["permission"], "admin");
}
