//! What became of webhooks.

use super::*;
use crate::github::deliveries::PAGES_READ;

fn delivered(id: u64, at: &str, status: u16, installation: Value) -> Value {
    json!({
        "id": id, "guid": format!("guid {id}"), "delivered_at": at, "status_code": status,
        "installation_id": installation, "url": "http://169.254.169.254/",
    })
}

#[tokio::test]
async fn deliveries_are_read_as_the_app_back_to_a_moment_at_addresses_of_ours() {
    let more = [("link", r#"<http://169.254.169.254/?per_page=100&cursor=v1_1%2F2>; rel="next""#)];
    let (github, script) = host([
        answer(
            200,
            &more,
            &json!([
                delivered(9, "2026-11-20T10:00:09.5Z", 202, json!(9)),
                delivered(8, "2026-11-20T10:00:08Z", 502, json!(null)),
                delivered(7, "2026-11-20T10:00:07Z", 502, json!(10)),
            ]),
        ),
        answer(
            200,
            &more,
            &json!([
                delivered(6, "2026-11-20T10:00:06Z", 302, json!(9)),
                delivered(5, "2026-11-20T10:00:05Z", 502, json!(9)),
            ]),
        ),
        answer(202, &[], &json!({})),
        refused(404),
    ]);
    let since = "2026-11-20T10:00:06Z".parse().unwrap();
    let found = github.deliveries(since).await.unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.id, one.webhook.as_str(), one.answered)).collect();
    assert_eq!(found, [(9, "guid 9", true), (8, "guid 8", false), (6, "guid 6", false)]);
    github.redeliver(8).await.unwrap();
    assert!(matches!(github.redeliver(5).await, Err(CallError::Missing { .. })));
    let list = "/app/hook/deliveries";
    assert_eq!(
        script.lines(),
        [
            format!("GET {list}?per_page=100"),
            format!("GET {list}?per_page=100&cursor=v1_1%2F2"),
            format!("POST {list}/8/attempts"),
            format!("POST {list}/5/attempts"),
        ]
    );
    assert_eq!(script.issued(), 0, "no installation is asked");
    assert!(script.header(0, "authorization").starts_with("Bearer ey"));
}

#[tokio::test]
async fn what_the_door_refuses_for_what_is_in_it_is_answered_and_what_may_be_mended_is_not() {
    for (status, answered) in [
        (200, true),
        (299, true),
        (300, false),
        (400, true),
        (401, false),
        (403, false),
        (413, true),
        (415, true),
        (500, false),
        (504, false),
    ] {
        let page = json!([delivered(1, "2026-11-20T10:00:09Z", status, json!(9))]);
        let (github, _) = host([answer(200, &[], &page)]);
        let found = github.deliveries("2026-11-20T10:00:06Z".parse().unwrap()).await.unwrap();
        assert_eq!(found[0].answered, answered, "{status}");
    }
}

#[tokio::test]
async fn so_many_pages_of_deliveries_are_read() {
    let more = [("link", r#"<https://x/?cursor=v1_1>; rel="next""#)];
    let page = || answer(200, &more, &json!([delivered(9, "2026-11-20T10:00:09Z", 202, json!(9))]));
    let (github, script) = host((0..=PAGES_READ).map(|_| page()));
    let found = github.deliveries("2026-11-20T10:00:00Z".parse().unwrap()).await.unwrap();
    assert_eq!((found.len(), script.lines().len()), (PAGES_READ, PAGES_READ));
}
