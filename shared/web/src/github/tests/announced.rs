//! What people are told: comments, deployments and environments.

use super::*;

#[tokio::test]
async fn only_what_our_app_wrote_is_our_comment() {
    let by =
        |id: u64, app: Value, body: &str| json!({"id": id, "body": body, "performed_via_github_app": app});
    let shown = json!([
        by(4, json!({"id": 7}), "<!-- m --> newer"),
        by(1, json!({"id": 8}), "<!-- m --> another App"),
        by(2, Value::Null, "<!-- m --> a person"),
        by(3, json!({"id": 7}), "<!-- m --> older"),
        by(5, json!({"id": 7}), "without"),
    ]);
    let (github, script) = host([answer(200, &[], &shown)]);
    let ours = github.comments(&shop(), 6, "<!-- m -->").await.unwrap();
    assert_eq!(ours.iter().map(|comment| comment.id).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(script.lines(), ["GET /repositories/42/issues/6/comments?per_page=100&page=1"]);
}

#[tokio::test]
async fn comments_are_written_changed_and_deleted() {
    let deleted = || Response::builder().status(204).body(Vec::new()).unwrap();
    let created = answer(201, &[], &json!({"id": 3}));
    let (github, script) =
        host([created, answer(200, &[], &json!({})), refused(404), deleted(), refused(404)]);
    assert_eq!(github.create_comment(&shop(), 6, "text").await, Ok(3));
    github.update_comment(&shop(), 3, "other").await.unwrap();
    let gone = github.update_comment(&shop(), 3, "other").await;
    assert!(matches!(gone, Err(CallError::Missing { .. })));
    github.delete_comment(&shop(), 3).await.unwrap();
    github.delete_comment(&shop(), 3).await.unwrap();
    assert_eq!(script.lines()[0], "POST /repositories/42/issues/6/comments");
    assert_eq!(script.lines()[1], "PATCH /repositories/42/issues/comments/3");
    assert_eq!(script.lines()[3], "DELETE /repositories/42/issues/comments/3");
    assert_eq!((script.body(0), script.body(1)), (json!({"body": "text"}), json!({"body": "other"})));
}

#[tokio::test]
async fn our_deployment_is_found_by_its_payload_as_text_or_as_what_it_says() {
    let payload = r#"{"generation": 3}"#;
    let by = |id: u64, app: u64, payload: Value| json!({"id": id, "payload": payload, "performed_via_github_app": {"id": app}});
    for shown in [json!(payload), json!({"generation": 3})] {
        let list = json!([by(1, 8, shown.clone()), by(2, 7, json!("other")), by(3, 7, shown)]);
        let (github, script) = host([answer(200, &[], &list), answer(200, &[], &json!([]))]);
        assert_eq!(github.find_deployment(&shop(), "shop/pr-1", payload).await, Ok(Some(3)));
        let list = "GET /repositories/42/deployments?environment=shop%2Fpr-1&task=deploy&per_page=100&page=1";
        assert_eq!(script.lines(), [list]);
        assert_eq!(github.find_deployment(&shop(), "shop/pr-1", payload).await, Ok(None));
    }
}

#[tokio::test]
async fn only_the_newest_deployments_are_searched() {
    let other = || answer(200, &next(1), &json!([{"id": 1, "performed_via_github_app": null}]));
    let ours =
        || answer(200, &next(1), &json!([{"id": 2, "payload": "p", "performed_via_github_app": {"id": 7}}]));
    let (github, _) = host((1..pages::PAGES_SEARCHED).map(|_| other()).chain([ours()]));
    assert_eq!(github.find_deployment(&shop(), "staging", "p").await, Ok(Some(2)));
    let (github, _) = host((0..pages::PAGES_SEARCHED).map(|_| other()).chain([ours()]));
    assert_eq!(github.find_deployment(&shop(), "staging", "p").await, Ok(None));
}

#[tokio::test]
async fn a_deployment_merges_nothing_and_waits_for_no_checks() {
    let (github, script) = host([answer(201, &[], &json!({"id": 3}))]);
    assert_eq!(github.create_deployment(&shop(), "shop/pr-1", &sha("a"), "p", true).await, Ok(3));
    assert_eq!(script.lines(), ["POST /repositories/42/deployments"]);
    let expected = json!({
        "ref": sha("a"), "task": "deploy", "environment": "shop/pr-1", "payload": "p",
        "transient_environment": true, "auto_merge": false, "required_contexts": [],
    });
    assert_eq!(script.body(0), expected);
}

#[tokio::test]
async fn a_status_leaves_other_deployments_alone() {
    let (github, script) = host([answer(201, &[], &json!({"id": 3}))]);
    let url = Some("https://pr-1.example".to_owned());
    let status = DeploymentStatus { state: DeploymentState::InProgress, description: "d".to_owned(), url };
    github.set_deployment_status(&shop(), 3, "shop/pr-1", &status).await.unwrap();
    assert_eq!(script.lines(), ["POST /repositories/42/deployments/3/statuses"]);
    let expected = json!({
        "state": "in_progress", "description": "d", "environment": "shop/pr-1", "auto_inactive": false,
        "environment_url": "https://pr-1.example",
    });
    assert_eq!(script.body(0), expected);
}

#[tokio::test]
async fn an_environment_that_is_gone_is_removed_and_one_that_we_may_not_remove_is_not() {
    let (github, script) = host([refused(404), refused(403)]);
    assert_eq!(github.remove_environment(&shop(), "shop/pr-1").await, Ok(()));
    assert_eq!(script.lines(), ["DELETE /repositories/42/environments/shop%2Fpr-1"]);
    let removed = github.remove_environment(&shop(), "shop/pr-1").await;
    assert!(matches!(removed, Err(CallError::Forbidden { .. })));
}
