//! Calls: what is asked, and what is made of the answers.

use super::*;

#[tokio::test]
async fn every_request_says_who_asks_and_in_which_version() {
    let (github, script) = host([answer(200, &[], &pull(1))]);
    let pull = github.pull_request(&shop(), 1).await.unwrap();
    assert_eq!(script.lines(), ["GET /repositories/42/pulls/1"]);
    assert_eq!(script.header(0, "user-agent"), "roadstead");
    assert_eq!(script.header(0, "x-github-api-version"), "2022-11-28");
    assert_eq!(script.header(0, "accept"), "application/vnd.github+json");
    assert!(pull.open && pull.draft && pull.is_from_fork(&shop()));
    assert_eq!((pull.number, pull.head, pull.base_branch, pull.author), (1, sha("a"), "main".to_owned(), 5));
}

#[tokio::test]
async fn a_pull_request_that_we_may_not_see_is_missing_not_closed() {
    let (github, _) = host([refused(404)]);
    assert!(matches!(github.pull_request(&shop(), 1).await, Err(CallError::Missing { .. })));
}

#[tokio::test]
async fn open_pull_requests_are_read_to_the_end_at_addresses_of_ours() {
    let (github, script) =
        host([answer(200, &next(1), &pulls(pages::PAGE)), answer(200, &next(0), &json!([pull(0)]))]);
    let open = github.open_pull_requests(&shop(), None).await.unwrap();
    let OpenPullRequests::These { pull_requests, tag } = open else { panic!() };
    assert_eq!((pull_requests.len(), pull_requests.last().unwrap().number), (pages::PAGE + 1, 0));
    assert_eq!(tag, None, "a tag of the first page says nothing of the second");
    let list = "GET /repositories/42/pulls?state=open&sort=created&direction=asc&per_page=100&page=";
    assert_eq!(script.lines(), [format!("{list}1"), format!("{list}2")]);
}

fn pulls(count: usize) -> Value {
    (1..=count).map(|number| pull(number.try_into().unwrap())).collect()
}

#[tokio::test]
async fn a_page_that_is_full_is_read_again_because_the_next_to_be_opened_is_not_on_it() {
    for (count, expected) in [(pages::PAGE - 1, Some(r#"W/"one""#)), (pages::PAGE, None)] {
        let (github, _) = host([answer(200, &next(0), &pulls(count))]);
        let open = github.open_pull_requests(&shop(), None).await.unwrap();
        let OpenPullRequests::These { tag, .. } = open else { panic!() };
        assert_eq!(tag.as_deref(), expected, "{count}");
    }
}

#[tokio::test]
async fn a_page_that_fails_fails_the_list() {
    let (github, _) = host([answer(200, &next(1), &pulls(pages::PAGE)), refused(500)]);
    assert!(github.open_pull_requests(&shop(), None).await.is_err());
}

#[tokio::test]
async fn what_did_not_change_is_said_by_the_host() {
    let (github, script) = host([answer(200, &next(0), &json!([pull(1)])), answer(304, &[], &json!(""))]);
    let open = github.open_pull_requests(&shop(), None).await.unwrap();
    let OpenPullRequests::These { tag: Some(tag), .. } = open else { panic!() };
    let again = github.open_pull_requests(&shop(), Some(&tag)).await.unwrap();
    assert_eq!(again, OpenPullRequests::Unchanged);
    assert_eq!(script.header(1, "if-none-match"), r#"W/"one""#);
}

#[tokio::test]
async fn a_list_has_a_limit_of_pages() {
    let page = |more| answer(200, &next(more), &json!([]));
    let fits = (1..pages::PAGES_LIMIT).map(|_| page(1)).chain([page(0)]);
    assert!(host(fits).0.comments(&shop(), 1, "m").await.is_ok());
    let endless = (0..pages::PAGES_LIMIT).map(|_| page(1)).chain([page(0)]);
    let error = host(endless).0.comments(&shop(), 1, "m").await.unwrap_err();
    assert!(matches!(error, CallError::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn a_check_run_is_ours_by_app_and_mark_whatever_others_call_theirs() {
    let run = |id: u64, app: u64, mark: &str| json!({"id": id, "external_id": mark, "app": {"id": app}});
    let nobody = json!({"id": 4, "external_id": null, "app": null});
    let page = |runs: Value, more| answer(200, &next(more), &json!({"total_count": 9, "check_runs": runs}));
    let (github, script) = host([
        page(json!([run(1, 8, "m#1"), run(2, 7, "m#2"), nobody]), 1),
        page(json!([run(3, 7, "m#1")]), 0),
        page(json!([]), 0),
    ]);
    assert_eq!(github.find_check(&shop(), &sha("a"), "Roadstead: a/b", "m#1").await, Ok(Some(3)));
    assert_eq!(github.find_check(&shop(), &sha("a"), "Roadstead: a/b", "m#1").await, Ok(None));
    let list = format!("GET /repositories/42/commits/{}/check-runs", sha("a"));
    let query = "?check_name=Roadstead%3A+a%2Fb&app_id=7&filter=all&per_page=100&page=";
    assert_eq!(script.lines(), [1, 2, 1].map(|page| format!("{list}{query}{page}")));
}

#[tokio::test]
async fn while_github_asks_us_to_wait_nothing_is_changed_or_looked_for_to_be_changed_and_all_else_is_read() {
    let limited = answer(403, &[("retry-after", "30")], &json!({"message": "secondary rate limit"}));
    let made = || answer(201, &[], &json!({"id": 5}));
    let (github, script) = host([limited, answer(200, &[], &pull(1)), made()]);
    let after = |result: Result<u64, CallError>| match result {
        Err(CallError::Throttled { after: Some(after), .. }) => after.as_secs(),
        other => panic!("{other:?}"),
    };
    assert_eq!(after(github.create_comment(&shop(), 1, "a").await), 30);
    script.clock.forward(29);
    assert_eq!(after(github.create_comment(&shop(), 1, "a").await), 1);
    assert!(github.comments(&shop(), 1, "m").await.is_err());
    assert!(github.find_check(&shop(), &sha("a"), "Roadstead: a/b", "m#1").await.is_err());
    assert!(github.find_deployment(&shop(), "shop/pr-1", "p").await.is_err());
    assert!(github.pull_request(&shop(), 1).await.is_ok());
    script.clock.forward(1);
    assert_eq!(github.create_comment(&shop(), 1, "a").await, Ok(5));
    assert_eq!(script.lines().len(), 3);
}

#[tokio::test]
async fn what_is_left_of_the_hour_is_what_the_last_answer_said() {
    let reset = (Clock::new().now().as_second() + 60).to_string();
    let limits = [
        ("x-ratelimit-limit", "5000"),
        ("x-ratelimit-remaining", "3999"),
        ("x-ratelimit-reset", reset.as_str()),
    ];
    let (github, script) = host([answer(200, &limits, &pull(1))]);
    assert_eq!(github.budget(), None);
    github.pull_request(&shop(), 1).await.unwrap();
    assert_eq!(github.budget().map(|said| (said.limit, said.remaining)), Some((5_000, 3_999)));
    script.clock.forward(60);
    assert_eq!(github.budget(), None);
}

#[tokio::test]
async fn a_branch_is_found_by_its_whole_name() {
    let found = answer(200, &[], &json!({"name": "feature/a b", "commit": {"sha": sha("c")}}));
    let none = answer(404, &[], &json!({"message": "Branch not found"}));
    let hidden = answer(404, &[], &json!({"message": "Not Found"}));
    let (github, script) = host([found, none, refused(301), refused(403), hidden]);
    assert_eq!(github.branch(&shop(), "feature/a b").await, Ok(Some(sha("c"))));
    assert_eq!(script.lines(), ["GET /repositories/42/branches/feature%2Fa%20b"]);
    assert_eq!(github.branch(&shop(), "gone").await, Ok(None));
    assert_eq!(github.branch(&shop(), "renamed").await, Ok(None));
    assert!(matches!(github.branch(&shop(), "hidden").await, Err(CallError::Forbidden { .. })));
    let lost = github.branch(&shop(), "main").await.unwrap_err();
    assert!(matches!(lost, CallError::Missing { .. }), "{lost:?}");
    assert!(lost.to_string().contains("GitHub does not show acme/shop to the App"), "{lost}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (github, script) = host([answer(302, &[("location", "http://169.254.169.254/")], &json!({}))]);
    assert!(matches!(github.pull_request(&shop(), 1).await, Err(CallError::Broken { .. })));
    assert_eq!(script.lines().len(), 1);
}

#[tokio::test]
async fn a_commit_shows_its_parents_in_order() {
    let found =
        answer(200, &[], &json!({"sha": sha("a"), "parents": [{"sha": sha("b")}, {"sha": sha("c")}]}));
    let unknown = answer(422, &[], &json!({"message": "No commit found for SHA: dddd"}));
    let (github, _) = host([found, unknown, refused(422)]);
    let shown = github.commit(&shop(), &sha("a")).await.unwrap().unwrap();
    assert_eq!(shown.parents, [sha("b"), sha("c")]);
    assert_eq!(github.commit(&shop(), &sha("d")).await, Ok(None));
    assert!(matches!(github.commit(&shop(), &sha("d")).await, Err(CallError::Refused { .. })));
}

fn file(size: usize, content: &str) -> Response<Vec<u8>> {
    let shown = json!({"type": "file", "encoding": "base64", "size": size, "content": content});
    answer(200, &[], &shown)
}

#[tokio::test]
async fn a_file_is_read_at_a_commit_up_to_a_limit() {
    let (github, script) =
        host([file(5, "aGVs\nbG8=\n"), file(5, "aGVs\nbG8=\n"), refused(404), file(5, "aGVs")]);
    let at = sha("a");
    assert_eq!(github.file(&shop(), &at, "a b/score.yaml", 5).await, Ok(Some(b"hello".to_vec())));
    assert_eq!(script.lines(), [format!("GET /repositories/42/contents/a%20b/score.yaml?ref={at}")]);
    assert_eq!(script.header(0, "accept"), "application/vnd.github.object+json");
    assert!(matches!(github.file(&shop(), &at, "x", 4).await, Err(CallError::Refused { .. })));
    assert_eq!(github.file(&shop(), &at, "x", 5).await, Ok(None));
    assert!(matches!(github.file(&shop(), &at, "x", 5).await, Err(CallError::Broken { .. })));
}

#[tokio::test]
async fn what_is_no_regular_file_is_refused() {
    let large = answer(200, &[], &json!({"type": "file", "encoding": "none", "size": 5, "content": ""}));
    let kinds =
        ["dir", "symlink", "submodule"].map(|kind| answer(200, &[], &json!({"type": kind, "size": 1})));
    let (github, _) = host(kinds.into_iter().chain([large]));
    for _ in 0..4 {
        let read = github.file(&shop(), &sha("a"), "x", 100).await;
        assert!(matches!(read, Err(CallError::Refused { .. })), "{read:?}");
    }
}

#[tokio::test]
async fn a_path_never_leads_elsewhere() {
    let (github, script) = host([]);
    for path in ["", "/x", "x/", "a//b", "../issues", "a/../../../user", "./x"] {
        let read = github.file(&shop(), &sha("a"), path, 100).await;
        assert!(matches!(read, Err(CallError::Refused { .. })), "{path}");
    }
    assert!(script.lines().is_empty());
}

#[tokio::test]
async fn a_broken_connection_leaves_only_a_write_in_doubt() {
    let broken = || Err(CallError::Unavailable { reason: "it broke".to_owned(), maybe_done: true });
    let (github, script) = host_or([broken(), broken()]);
    assert!(github.create_comment(&shop(), 1, "text").await.unwrap_err().maybe_done());
    assert!(!github.pull_request(&shop(), 1).await.unwrap_err().maybe_done());
    let methods: Vec<Method> =
        script.asked.lock().unwrap().iter().map(|asked| asked.method().clone()).collect();
    assert_eq!(methods, [Method::POST, Method::GET], "each was one attempt");
}
